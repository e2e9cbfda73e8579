package handlers

import (
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// A vendor that lists subusers without their roles must not look like an account in which no subuser has a role.
func TestUnknownRolesAreNotShownAsNone(t *testing.T) {
	t.Parallel()
	silent := func(t *testing.T) *site {
		s := newSite(t)
		status := directory.Status{AsOf: noon, RolesUnknown: 2}
		s.directory.page.Status = status
		s.directory.counts = directory.Counts{Subusers: 2, KeysKnown: true, Status: status}
		for i := range s.directory.page.Rows {
			s.directory.page.Rows[i].Roles, s.directory.page.Rows[i].RolesKnown = nil, false
		}
		s.directory.subusersWithRole = []access.Principal{}
		return s
	}
	const banner = "The roles of 2 subusers are not known"
	t.Run("overview", func(t *testing.T) {
		t.Parallel()
		got := silent(
			t,
		).get("viewer", "/").
			hasStatus(t, 200).
			contains(t, "without roles: not known", banner).
			excludes(t, "only the account holder", "<strong>0</strong> without roles")
		if n := got.doc.Find(`.facts .muted:contains("not known")`).Length(); n < 2 {
			t.Errorf("%d of the two powerful roles have unknown subusers", n)
		}
	})
	t.Run("some holders", func(t *testing.T) {
		t.Parallel()
		s := silent(t)
		s.directory.subusersWithRole = []access.Principal{s.directory.subusers[8]}
		s.directory.counts.WithoutRoles = 3
		s.get("viewer", "/").
			contains(t, "boss", "3 or more without roles", "At least these: the roles of 2 subusers are not known")
		s.get("viewer", "/roles/1").contains(t, "boss", "At least these: the roles of 2 subusers are not known.")
	})
	t.Run("roles", func(t *testing.T) {
		t.Parallel()
		s := silent(t)
		got := s.get("viewer", "/roles").hasStatus(t, 200).contains(t, banner)
		if text := got.doc.Find(`a[href="/subusers?role=Owner"]`).Text(); text != "not known" {
			t.Errorf("Owner is held by %q", text)
		}
		s.directory.page.Rows[0] = s.directory.subusers[8]
		if text := s.get("viewer", "/roles").doc.Find(`a[href="/subusers?role=Owner"]`).Text(); text != "at least 1" {
			t.Errorf("Owner is held by %q", text)
		}
		s.get("viewer", "/roles/1").
			hasStatus(t, 200).
			contains(t, "Not known: Voximplant did not return the roles of 2 subusers").
			excludes(t, "No subuser has this role")
	})
	t.Run("list", func(t *testing.T) {
		t.Parallel()
		s := silent(t)
		s.get("viewer", "/subusers").contains(t, banner, "anna_novakova")
		s.directory.page.Rows, s.directory.page.Matches = nil, 0
		s.get("viewer", "/subusers?role=Owner").contains(
			t,
			"No subusers are known to match",
			"A search by role cannot find 2 subusers with unknown roles.",
		)
		s.directory.page.Status.RolesUnknown = 0
		s.get("viewer", "/subusers?role=Owner").contains(t, "No subusers match").excludes(t, "known to match")
	})
}
