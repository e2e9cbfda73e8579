package handlers

import (
	"strings"

	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/ui"
)

// privilegedTeller says which roles of the account are privileged.
type privilegedTeller interface {
	PrivilegedRoles(c directory.Catalogue) policy.PrivilegedSet
}

// allPrivileged is why every role counts as privileged, as a title and a text; "" when not every role does.
func allPrivileged(c directory.Catalogue, privileged policy.PrivilegedSet) (title, text string) {
	switch {
	case !c.Known:
		return "The role catalogue could not be read, so every role counts as privileged", "Until it can be read, no role can be granted or revoked."
	case len(privileged.Missing) > 0:
		return "Some privileged roles that this console is configured with are not in the account, so every role counts as privileged",
			"Missing: " + strings.Join(privileged.Missing, ", ") + ". Until that is put right, only admins can change roles."
	default:
		return "", ""
	}
}

// privilegedBanners say that every role counts as privileged, when it does.
func privilegedBanners(c directory.Catalogue, privileged policy.PrivilegedSet) []ui.Banner {
	title, text := allPrivileged(c, privileged)
	if title == "" {
		return nil
	}
	return []ui.Banner{{Tone: ui.Warning, Title: title, Text: text}}
}
