package handlers

import (
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// privilegedRolesReader returns the privileged roles of a catalogue.
type privilegedRolesReader interface {
	PrivilegedRoles(c directory.Catalogue) policy.PrivilegedSet
}

// privilegedBanners returns a banner when every role counts as privileged.
func privilegedBanners(c directory.Catalogue, privileged policy.PrivilegedSet) []ui.Banner {
	if c.Known && len(privileged.Missing) == 0 {
		return nil
	}
	return []ui.Banner{page.AllPrivilegedBanner(c.Known, privileged.Missing)}
}
