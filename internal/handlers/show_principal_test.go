package handlers

import (
	"testing"

	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/session"
)

func TestShowPrincipal(t *testing.T) {
	t.Parallel()
	t.Run("success", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.auditLog.ops = sampleOperations()
		s.sessions.flash = &session.Flash{Tone: "done", Text: "The roles were changed.", DirectRoles: "Support", ReadAt: noon}
		got := s.get("editor", "/subusers/7").
			hasStatus(t, 200).
			contains(
				t,
				"anna_novakova",
				"Účtárna",
				"Support",
				"Reports",
				"The roles were changed.",
				"Read back at 12:00:00 UTC: Support.",
				"− Support, + Admin",
				"my reason",
				"An operation is not finished",
			).
			excludes(t, "their secret reason")
		if got.doc.Find(`a[href="/subusers/7/roles"]`).Length() == 0 {
			t.Error("an editor is not led to the roles")
		}
		if s.auditLog.lastFilter.TargetID != "7" || s.auditLog.lastFilter.Account != accountID {
			t.Errorf("history of %+v", s.auditLog.lastFilter)
		}
		s.get("editor", "/subusers/8").
			hasStatus(t, 200).
			contains(t, "Only admins may change its roles.", "inherited through Owner")
		if s.get("viewer", "/subusers/7").doc.Find(`a[href="/subusers/7/roles"]`).Length() != 0 {
			t.Error("a viewer is led to the roles")
		}
	})
	t.Run("no catalogue", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.directory.catalogue = directory.Catalogue{}
		got := s.get("editor", "/subusers/7").
			hasStatus(t, 200).
			contains(t, "Every role counts as privileged: the role catalogue could not be read", "they cannot be changed now")
		if got.doc.Find(".chip.marked").Length() != 0 {
			t.Error("a role is marked as privileged, which says nothing when all count as such")
		}
	})
	t.Run("upstream failure", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.directory.err = &directory.ReadError{Kind: directory.Unreadable}
		s.get("viewer", "/subusers/7").hasStatus(t, 502)
	})
	t.Run("unknown", func(t *testing.T) {
		t.Parallel()
		newSite(t).get("viewer", "/subusers/12345").hasStatus(t, 404).contains(t, "not in the account")
	})
}
