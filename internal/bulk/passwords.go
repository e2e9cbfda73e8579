package bulk

import (
	"context"
	"maps"
	"slices"

	"github.com/voxwarden/voxwarden/internal/config"
)

// makePasswords makes one for every row that will be sent, in their order.
func (s *Service) makePasswords(ctx context.Context, id string) ([]LoginPassword, error) {
	rows, err := storedRows(ctx, s.DB.SQL(), `run_id = ? AND state = ? ORDER BY n`, id, Waiting)
	if err != nil {
		return nil, err
	}
	passwords := make([]LoginPassword, 0, len(rows))
	for _, row := range rows {
		password, err := s.Acts.NewPassword()
		if err != nil {
			return nil, err
		}
		passwords = append(passwords, LoginPassword{Login: row.Login, Password: password})
	}
	return passwords, nil
}

// keepPasswords keeps them until the run has ended. It answers false when the run has some already.
func (s *Service) keepPasswords(id string, passwords []LoginPassword) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, exists := s.passwords[id]; exists {
		return false
	}
	s.passwords[id] = make(map[string]config.Secret, len(passwords))
	for _, p := range passwords {
		s.passwords[id][p.Login] = p.Password
	}
	return true
}

// password is that of a login; empty when there is none.
func (s *Service) password(id, login string) config.Secret {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.passwords[id][login]
}

func (s *Service) hasPasswords(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, exists := s.passwords[id]
	return exists
}

// withPasswords are the runs that have some.
func (s *Service) withPasswords() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.passwords))
}

func (s *Service) forgetPasswords(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.passwords, id)
}
