package voxsim

import "time"

// executeLater puts a call off. What stands at the door (token, method, roles) is checked now; the rest is checked when
// the time has come, against what holds then.
func (s *Sim) executeLater(in *apiRequest, delay time.Duration) {
	keyID, refusal := s.authenticate(in.authorization)
	s.mu.Lock()
	defer s.mu.Unlock()
	if refusal == nil {
		in.call.KeyID = keyID
		refusal = s.checkRequest(in, keyID)
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
		if _, refusal := s.dispatch(in, keyID); refusal != nil {
			in.call.Code = refusal.Code
		}
	})
	s.pending[timer] = struct{}{}
}

// staleView is what reads show while they lag behind.
type staleView struct {
	account *account
	until   time.Time
}

// freezeReads lets reads answer from what holds now for a while.
func (s *Sim) freezeReads(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stale = staleView{account: s.account.clone(), until: s.now().Add(d)}
}

// readAccount is the account that reads see. The lock must be held.
func (s *Sim) readAccount() *account {
	if s.stale.account != nil && s.now().Before(s.stale.until) {
		return s.stale.account
	}
	s.stale = staleView{}
	return s.account
}
