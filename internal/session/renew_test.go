package session_test

import (
	"errors"
	"net/http"
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
