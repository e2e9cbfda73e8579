package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"testing"
)

const acceptPath = "/drift/" + findingID + "/accept"

func TestListDriftByDashboardRole(t *testing.T) {
	t.Parallel()
	for role, may := range map[string]bool{"viewer": false, "editor": false, "admin": true} {
		s := newSite(t)
		a := s.get(role, "/drift")
		a.hasStatus(t, http.StatusOK)
		if got := a.doc.Find(`a[href="`+acceptPath+`"]`).Length() == 1; got != may {
			t.Errorf("%s may accept: %v", role, got)
		}
		if got := a.doc.Find(`a[href="/subusers/12/roles?revoke=1"]`).Length() == 1; got != (role != "viewer") {
			t.Errorf("%s may revert: %v", role, got)
		}
		if s.get(role, "/").doc.Find(`a[href="/drift"]`).Length() != 1 {
			t.Error("the overview says nothing of it")
		}
	}
}

func TestAcceptDrift(t *testing.T) {
	t.Parallel()
	t.Run("no reason", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.post("admin", acceptPath, url.Values{"reason": {" "}}).hasStatus(t, http.StatusUnprocessableEntity)
		if len(s.drift.accepted) != 0 {
			t.Error("accepted")
		}
	})
	t.Run("finding has ended", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.post("admin", "/drift/other/accept", url.Values{"reason": {"Agreed"}}).hasStatus(t, http.StatusSeeOther)
		if len(s.drift.accepted) != 0 {
			t.Error("accepted")
		}
	})
	t.Run("database down", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.drift.err = errors.New("disk full")
		s.post("admin", acceptPath, url.Values{"reason": {"Agreed"}}).hasStatus(t, http.StatusInternalServerError)
	})
	t.Run("accepted", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.get("admin", acceptPath).hasStatus(t, http.StatusOK)
		s.post("admin", acceptPath, url.Values{"reason": {"Agreed"}}).hasStatus(t, http.StatusSeeOther)
		if r := s.drift.request; len(s.drift.accepted) != 1 || r.Reason != "Agreed" || r.Operator.Subject != "admin" ||
			r.Address == "" || r.RequestID == "" || r.Account != accountID {
			t.Errorf("accepted %+v", s.drift)
		}
	})
}
