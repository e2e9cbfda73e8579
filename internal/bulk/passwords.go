package bulk

import (
	"context"
	"maps"
	"slices"

	"github.com/voxwarden/voxwarden/internal/config"
)

// makePasswords generates a password for each item that will be sent, in their order.
func (s *Service) makePasswords(ctx context.Context, id string) ([]LoginPassword, error) {
	items, err := storedItems(ctx, s.DB.SQL(), `bulk_id = $1 AND state = $2 ORDER BY n`, id, Waiting)
	if err != nil {
		return nil, err
	}
	passwords := make([]LoginPassword, 0, len(items))
	for _, item := range items {
		password, err := s.Operations.NewPassword()
		if err != nil {
			return nil, err
		}
		passwords = append(passwords, LoginPassword{Login: item.Name, Password: password})
	}
	return passwords, nil
}

// keepPasswords keeps the passwords in memory until the bulk change has ended. It returns false when it has some
// already.
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

// password returns the password of a login, empty when there is none.
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

// changesWithPasswords returns the ids of the bulk changes that have passwords.
func (s *Service) changesWithPasswords() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.passwords))
}

func (s *Service) forgetPasswords(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.passwords, id)
}
