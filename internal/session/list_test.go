package session_test

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/session"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

func (s *site) list(subject string) []session.Session {
	s.t.Helper()
	all, err := s.store.Sessions(s.t.Context(), subject)
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

func hashesOf(all []session.Session) (hashes []string) {
	for _, one := range all {
		hashes = append(hashes, one.Hash)
	}
	return hashes
}

func TestSessions(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		if got := s.list(""); len(got) != 0 {
			t.Fatalf("got %+v", got)
		}
		expired := s.signIn()
		s.now = s.now.Add(20 * time.Minute)
		first := s.signIn()
		firstHash := s.store.Hash(request(first))
		s.now = s.now.Add(5 * time.Minute)
		otherHash := s.store.Hash(request(s.signInAs(boris, request())))
		s.now = s.now.Add(5 * time.Minute)
		if got, want := hashesOf(s.list("")), []string{otherHash, firstHash}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if s.currentSubject(expired) != "" || s.currentSubject(first) != "anna" {
			t.Fatal("the wrong session has expired")
		}
		all := s.list("")
		if got, want := hashesOf(all), []string{firstHash, otherHash}; !slices.Equal(got, want) {
			t.Errorf("the most recently used session is not first: got %v, want %v", got, want)
		}
		if one := all[0]; one.Operator.Name != anna.Name || !one.CreatedAt.Equal(noon.Add(20*time.Minute)) ||
			!one.SeenAt.Equal(noon.Add(30*time.Minute)) {
			t.Errorf("got %+v", one)
		}
		if got, want := hashesOf(s.list(boris.ID())), []string{otherHash}; !slices.Equal(got, want) {
			t.Errorf("boris has %v, want %v", got, want)
		}
		for _, subject := range []string{"https://idp.example|b", "%", "unknown|", "|"} {
			if got := s.list(subject); len(got) != 0 {
				t.Errorf("%s has the sessions %+v", subject, got)
			}
		}
	})
}

// Sessions that no key decrypts are listed, so that an admin can end them.
func TestSessionsOfRemovedKey(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh, keys("o"))
		s.signInAs(boris, request())
		s.restart(keys("n"))
		all := s.list(boris.ID())
		if len(all) != 1 || all[0].Operator.Issuer != boris.Issuer || all[0].Operator.Subject != boris.Subject ||
			all[0].Operator.Name != "" ||
			all[0].Browser != "" {
			t.Fatalf("got %+v", all)
		}
		if ended, err := s.store.End(t.Context(), all[0].Hash, boris.ID(), nil); err != nil || !ended || s.count() != 0 {
			t.Errorf("got %t, %v, and %d rows", ended, err, s.count())
		}
	})
}

func TestEnd(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		cookie, other, third := s.signIn(), s.signInAs(boris, request()), s.signIn()
		hash := s.store.Hash(request(cookie))
		for _, tc := range []struct {
			name, hash, subject string
			want                bool
		}{
			{"another's", hash, boris.ID(), false},
			{"unknown", hash + "0", "", false},
			{"empty", "", "", false},
			{"pattern", "%", "", false},
			{"the id", cookie.Value, "", false},
			{"one's own", hash, anna.ID(), true},
			{"twice", hash, anna.ID(), false},
			{"anybody's", s.store.Hash(request(other)), "", true},
		} {
			if got, err := s.store.End(t.Context(), tc.hash, tc.subject, nil); err != nil || got != tc.want {
				t.Errorf("%s: got %t, %v", tc.name, got, err)
			}
		}
		if s.currentSubject(cookie) != "" || s.currentSubject(other) != "" || s.currentSubject(third) != "anna" {
			t.Error("an ended session is valid, or another one is not")
		}
	})
}

func TestEndOtherSessions(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		expired := s.signIn()
		s.now = s.now.Add(time.Hour)
		current, one, two, other := s.signIn(), s.signIn(), s.signIn(), s.signInAs(boris, request())
		if n, err := s.store.EndOtherSessions(t.Context(), "", "", nil); err != nil || n != 0 {
			t.Errorf("an unknown operator: %d, %v", n, err)
		}
		// The expired session was not listed and is not counted.
		keep := s.store.Hash(request(current))
		if n, err := s.store.EndOtherSessions(t.Context(), anna.ID(), keep, nil); err != nil || n != 2 {
			t.Errorf("got %d, %v", n, err)
		}
		if s.currentSubject(current) != "anna" || s.currentSubject(one) != "" || s.currentSubject(two) != "" ||
			s.currentSubject(expired) != "" || s.currentSubject(other) != "b|oris" ||
			s.count() != 2 {
			t.Error("not exactly the operator's other sessions have ended")
		}
		if n, err := s.store.EndOtherSessions(
			t.Context(),
			anna.ID(),
			"", nil); err != nil || n != 1 || s.currentSubject(current) != "" {
			t.Errorf("keeping none: %d, %v", n, err)
		}
	})
}

// A record is written in the transaction that ends sessions: when it fails, no session has ended.
func TestEndIsRecorded(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		s.signIn()
		s.now = s.now.Add(time.Hour)
		cookie := s.signIn()
		var seen session.Ended
		record := func(failure error) session.Record {
			return func(ctx context.Context, end func(tx *sql.Tx) (session.Ended, error)) error {
				return s.db.Write(ctx, func(tx *sql.Tx) (err error) {
					seen, err = end(tx)
					return errors.Join(err, failure)
				})
			}
		}
		if _, err := s.store.EndOtherSessions(t.Context(), anna.ID(), "", record(errors.New("disk full"))); err == nil ||
			s.currentSubject(cookie) != "anna" || s.count() != 2 {
			t.Errorf("ended without a record: %v, %d rows", err, s.count())
		}
		n, err := s.store.EndOtherSessions(t.Context(), anna.ID(), "", record(nil))
		if want := (session.Ended{Operator: anna.ID(), Sessions: 1, Rows: 2}); err != nil || n != 1 || seen != want {
			t.Errorf("%d ended, %v, recorded %+v, want %+v", n, err, seen, want)
		}
	})
}
