package session_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/session"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// annaWithGroups returns anna with groups that the issuer reported some time after noon, and the tokens with them.
func annaWithGroups(after time.Duration, groups ...string) (operator.Operator, session.Tokens) {
	o := anna
	o.GroupsAt, o.Groups = noon.Add(after), groups
	return o, session.Tokens{AccessToken: "told after " + after.String()}
}

// renew renews the session of a request, which then reads it again.
func renew(store *session.Store, r *http.Request, o operator.Operator, p session.Tokens) error {
	return errors.Join(store.Renew(r.Context(), store.Hash(r), o, p), store.Reload(r))
}

func TestRenew(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		cookie := s.signIn()
		token := s.store.FormToken(request(cookie))
		o, p := annaWithGroups(time.Minute, "leavers")
		r := request(cookie)
		if err := renew(s.store, r, o, p); err != nil {
			t.Fatal(err)
		}
		same, _ := s.store.Operator(r)
		got, _ := s.store.Operator(request(cookie))
		kept, _ := s.store.Tokens(r)
		loaded, loadedTokens, _ := s.store.Load(t.Context(), s.store.Hash(request(cookie)))
		current, found, _ := s.store.Current(t.Context(), anna.ID())
		for name, got := range map[string]operator.Operator{
			"the same request": same, "the next one": got, "by hash": loaded, "by subject": current,
		} {
			if len(got.Groups) != 1 || got.Groups[0] != "leavers" || !got.GroupsAt.Equal(o.GroupsAt) {
				t.Errorf("%s: the groups are %v", name, got.Groups)
			}
		}
		if !found || kept != p || loadedTokens != p {
			t.Errorf("found %v, the tokens of another sign-in: %v, %v", found, kept != p, loadedTokens != p)
		}
		if !s.store.CheckFormToken(request(cookie), token) {
			t.Error("the form token has changed")
		}
	})
}

func TestRenewRefusesOtherOperator(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		cookie := s.signIn()
		if err := renew(s.store, request(cookie), boris, tokens); err == nil ||
			s.currentSubject(cookie) != "anna" {
			t.Errorf("the session now belongs to %q: %v", s.currentSubject(cookie), err)
		}
		r := request()
		if err := renew(s.store, r, anna, tokens); err != nil || s.count() != 1 {
			t.Errorf("without a session: %v, %d rows", err, s.count())
		}
		if o, _ := s.store.Operator(r); o.Authenticated() {
			t.Error("renewing creates a session")
		}
	})
}

// Of two concurrent renewals the slower one must not restore a group that was removed.
func TestOlderGroupsDoNotReplaceNewerOnes(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		cookie := s.signIn()
		slow := request(cookie)
		if _, err := s.store.Operator(slow); err != nil {
			t.Fatal(err)
		}
		newer, newerProof := annaWithGroups(2 * time.Minute)
		if err := renew(s.store, request(cookie), newer, newerProof); err != nil {
			t.Fatal(err)
		}
		older, olderProof := annaWithGroups(time.Minute, "admins")
		if err := renew(s.store, slow, older, olderProof); err != nil {
			t.Fatal(err)
		}
		for name, r := range map[string]*http.Request{"the slow request": slow, "the next one": request(cookie)} {
			o, _ := s.store.Operator(r)
			p, _ := s.store.Tokens(r)
			if len(o.Groups) != 0 || p.AccessToken != newerProof.AccessToken {
				t.Errorf("%s has the groups %v", name, o.Groups)
			}
		}
	})
}

// TestChangesAreSeenByOtherReplicas changes sessions through one replica after another has read them several times. The
// other one sees each change at its next request.
func TestChangesAreSeenByOtherReplicas(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		for name, c := range map[string]struct {
			change func(s *site, hash string) error
			group  string // of the operator afterwards, "" when the session has ended
		}{
			"no change": {func(*site, string) error { return nil }, "ops"},
			"renewed groups": {func(s *site, hash string) error {
				o, p := annaWithGroups(time.Minute, "leavers")
				return s.store.Renew(s.t.Context(), hash, o, p)
			}, "leavers"},
			"ended by an admin": {func(s *site, hash string) error {
				_, err := s.store.End(s.t.Context(), hash, "", nil)
				return err
			}, ""},
			"others ended by the operator": {func(s *site, _ string) error {
				_, err := s.store.EndOtherSessions(s.t.Context(), anna.ID(), "", nil)
				return err
			}, ""},
			"renewal refused": {func(s *site, hash string) error {
				return s.store.EndRefused(s.t.Context(), hash, anna)
			}, ""},
			"idle limit": {func(s *site, _ string) error { s.now = s.now.Add(30 * time.Minute); return nil }, ""},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := newSite(t, fresh)
				options := s.options
				options.DB = storetest.Open(t, s.url)
				other, err := session.New(options)
				if err != nil {
					t.Fatal(err)
				}
				cookie := s.signIn()
				hash := s.store.Hash(request(cookie))
				for range 3 {
					if o, err := other.Operator(request(cookie)); err != nil || !o.Authenticated() {
						t.Fatalf("the other replica does not know the session: %v", err)
					}
				}
				if err := c.change(s, hash); err != nil {
					t.Fatal(err)
				}
				o, err := other.Operator(request(cookie))
				if err != nil || strings.Join(o.Groups, ",") != c.group {
					t.Errorf("the other replica sees the groups %q, want %q: %v", o.Groups, c.group, err)
				}
			})
		}
	})
}
