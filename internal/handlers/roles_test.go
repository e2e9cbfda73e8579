package handlers

import (
	"testing"

	"github.com/voxwarden/voxwarden/internal/directory"
)

func TestRoles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	got := s.get("viewer", "/roles").wants(t, 200).says(t, "Owner", "Support", "General", "Panel")
	if got.doc.Find(`a[href="/roles/3"]`).Length() == 0 {
		t.Error("a role is not linked")
	}
	s.get("viewer", "/roles/1").wants(t, 200).says(t, "Owner", "boss", "configured to treat it as privileged")
	s.get("viewer", "/roles/3").wants(t, 200).says(t, "boss", "through Owner")
	s.get("viewer", "/roles/99").wants(t, 404)

	known := s.directory.catalogue
	s.directory.catalogue.Roles = known.Roles[1:]
	s.get("viewer", "/roles").wants(t, 200).says(t, "so every role counts as privileged")
	s.directory.catalogue = known
	s.get("viewer", "/roles").hides(t, "counts as privileged")

	s.directory.err = &directory.ReadError{Kind: directory.Slow, At: noon}
	s.get("viewer", "/roles").wants(t, 200).says(t, "Owner", "Voximplant does not answer")
	s.get("viewer", "/roles/1").wants(t, 200).says(t, "Voximplant does not answer")
	s.directory.catalogue = directory.Catalogue{
		LastError: &directory.ReadError{Kind: directory.KeyRefused, Code: 104, VendorMessage: "Forbidden command", At: noon},
	}
	s.get("viewer", "/roles").wants(t, 200).says(t, "Forbidden command")
	s.get("viewer", "/roles/1").wants(t, 503).says(t, "Forbidden command")
	s.directory.catalogue = directory.Catalogue{}
	s.get("viewer", "/roles/1").wants(t, 503)
}
