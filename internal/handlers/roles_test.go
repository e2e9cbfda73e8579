package handlers

import (
	"testing"

	"github.com/voxwarden/voxwarden/internal/directory"
)

func TestRoles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	got := s.get("viewer", "/roles").hasStatus(t, 200).contains(t, "Owner", "Support", "General", "Panel")
	if got.doc.Find(`a[href="/roles/3"]`).Length() == 0 {
		t.Error("a role is not linked")
	}
	s.get("viewer", "/roles/1").hasStatus(t, 200).contains(t, "Owner", "boss", "Configured as privileged")
	s.get("viewer", "/roles/3").hasStatus(t, 200).contains(t, "boss", "inherited through Owner")
	s.get("viewer", "/roles/99").hasStatus(t, 404)

	known := s.directory.catalogue
	s.directory.catalogue.Roles = known.Roles[1:]
	s.get("viewer", "/roles").hasStatus(t, 200).
		contains(t, "Every role counts as privileged: the account lacks configured roles")
	s.directory.catalogue = known
	s.get("viewer", "/roles").excludes(t, "counts as privileged")

	s.directory.err = &directory.ReadError{Kind: directory.Slow, At: noon}
	s.get("viewer", "/roles").hasStatus(t, 200).contains(t, "Owner", "Voximplant does not respond")
	s.get("viewer", "/roles/1").hasStatus(t, 200).contains(t, "Voximplant does not respond")
	s.directory.catalogue = directory.Catalogue{
		LastError: &directory.ReadError{Kind: directory.KeyRefused, Code: 104, VendorMessage: "Forbidden command", At: noon},
	}
	s.get("viewer", "/roles").hasStatus(t, 200).contains(t, "Forbidden command")
	s.get("viewer", "/roles/1").hasStatus(t, 503).contains(t, "Forbidden command")
	s.directory.catalogue = directory.Catalogue{}
	s.get("viewer", "/roles/1").hasStatus(t, 503)
}
