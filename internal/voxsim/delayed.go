package voxsim

import "time"

// executeLater carries out a call after a delay. Token, method and roles are checked now, everything else after the
// delay, against the state at that time.
func (s *Sim) executeLater(in *apiRequest, delay time.Duration) {
	by, refusal := s.authenticate(in.authorization)
	s.mu.Lock()
	defer s.mu.Unlock()
	if refusal == nil {
		in.call.KeyID = by.keyID
		refusal = s.checkRequest(in, by)
	}
	if refusal != nil {
		in.call.Code = refusal.Code
		return
	}
	if s.closed {
		return
	}
	var timer *time.Timer
	timer = time.AfterFunc(delay, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.closed {
			return
		}
		delete(s.pending, timer)
		if _, refusal := s.dispatch(in, by); refusal != nil {
			in.call.Code = refusal.Code
		}
	})
	s.pending[timer] = struct{}{}
}

// staleView is the old state that reads see for a while.
type staleView struct {
	account *account
	until   time.Time
}

// freezeReads serves reads from the current state for a duration.
func (s *Sim) freezeReads(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stale = staleView{account: s.account.clone(), until: s.now().Add(d)}
}

// readAccount returns the account, with its children, that reads see. The lock must be held.
func (s *Sim) readAccount() *account {
	if s.stale.account != nil && s.now().Before(s.stale.until) {
		return s.stale.account
	}
	s.stale = staleView{}
	return s.account
}
