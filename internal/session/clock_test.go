package session_test

import (
	"testing"
	"time"

	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// A session that was created while the clock was ahead must not live longer by that much.
func TestSessionFromTheFutureIsExpired(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		s.now = noon.Add(24 * time.Hour)
		wrong := s.signIn()
		s.now = noon
		if s.currentSubject(wrong) != "" {
			t.Error("a session that was used tomorrow is valid today")
		}
		if list, err := s.store.Sessions(t.Context(), ""); err != nil || len(list) != 0 {
			t.Errorf("the session is listed: %+v, %v", list, err)
		}
		// The clocks of replicas differ a little.
		s.now = noon.Add(time.Minute)
		other := s.signIn()
		s.now = noon
		if s.currentSubject(other) != "anna" {
			t.Error("a session that was used a minute ahead is refused")
		}
	})
}
