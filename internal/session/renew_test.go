package session_test

import (
	"net/http"
	"net/http/httptest"
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

func TestRenew(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		cookie := s.signIn()
		token := s.store.FormToken(request(cookie))
		w, r := httptest.NewRecorder(), request(cookie)
		o, p := annaWithGroups(time.Minute, "leavers")
		if err := s.store.Renew(w, r, o, p); err != nil {
			t.Fatal(err)
		}
		if len(w.Result().Cookies()) != 0 {
			t.Error("renewing sets a cookie")
		}
		for name, r := range map[string]*http.Request{"the same request": r, "the next one": request(cookie)} {
			got, _ := s.store.Operator(r)
			kept, _ := s.store.Tokens(r)
			if len(got.Groups) != 1 || got.Groups[0] != "leavers" || !got.GroupsAt.Equal(o.GroupsAt) ||
				kept.AccessToken != p.AccessToken {
				t.Errorf("%s has the groups %v", name, got.Groups)
			}
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
		if err := s.store.Renew(httptest.NewRecorder(), request(cookie), boris, tokens); err == nil ||
			s.currentSubject(cookie) != "anna" {
			t.Errorf("the session now belongs to %q: %v", s.currentSubject(cookie), err)
		}
		r := request()
		if err := s.store.Renew(httptest.NewRecorder(), r, anna, tokens); err != nil || s.count() != 1 {
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
		if err := s.store.Renew(httptest.NewRecorder(), request(cookie), newer, newerProof); err != nil {
			t.Fatal(err)
		}
		older, olderProof := annaWithGroups(time.Minute, "admins")
		if err := s.store.Renew(httptest.NewRecorder(), slow, older, olderProof); err != nil {
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
