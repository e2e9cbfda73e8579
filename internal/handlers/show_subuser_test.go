package handlers

import (
	"testing"

	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/session"
)

func TestShowSubuser(t *testing.T) {
	t.Parallel()
	t.Run("success", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.record.ops = ops()
		s.sessions.flash = &session.Flash{Tone: "done", Text: "The roles were changed.", Held: "Support", ReadAt: noon}
		got := s.get("editor", "/subusers/7").
			wants(t, 200).
			says(
				t,
				"anna_novakova",
				"Účtárna",
				"Support",
				"Reports",
				"The roles were changed.",
				"Read back at 12:00:00 UTC: Support.",
				"− Support, + Admin",
				"my reason",
				"A change is not settled yet",
			).
			hides(t, "their secret reason")
		if got.doc.Find(`a[href="/subusers/7/roles"]`).Length() == 0 {
			t.Error("an editor is not led to the roles")
		}
		if s.record.asked.TargetID != "7" || s.record.asked.Account != accountID {
			t.Errorf("history of %+v", s.record.asked)
		}
		s.get("editor", "/subusers/8").
			wants(t, 200).
			says(t, "only an admin may change their roles", "inherited through Owner")
		if s.get("viewer", "/subusers/7").doc.Find(`a[href="/subusers/7/roles"]`).Length() != 0 {
			t.Error("a viewer is led to the roles")
		}
	})
	t.Run("no catalogue", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.directory.catalogue = directory.Catalogue{}
		got := s.get("editor", "/subusers/7").
			wants(t, 200).
			says(t, "The role catalogue could not be read, so every role counts as privileged", "none can be changed now")
		if got.doc.Find(".chip.marked").Length() != 0 {
			t.Error("a role is marked as privileged, which says nothing when all count as such")
		}
	})
	t.Run("upstream failure", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.directory.err = &directory.ReadError{Kind: directory.Unreadable}
		s.get("viewer", "/subusers/7").wants(t, 502)
	})
	t.Run("unknown", func(t *testing.T) {
		t.Parallel()
		newSite(t).get("viewer", "/subusers/12345").wants(t, 404).says(t, "not in the account")
	})
}
