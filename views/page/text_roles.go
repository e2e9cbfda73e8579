package page

import (
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/ui"
)

// Reasons why roles cannot be changed.
const (
	RolesUnavailable = "The roles could not be read from Voximplant, so they cannot be changed now."
	NoGrantableRoles = "There is no role that you may grant or revoke."
	rolesUnknown     = "The roles are not known, so they cannot be granted or revoked now. "
)

// PrivilegedRoleAssigned explains why the roles of a principal may not be changed by this operator.
func PrivilegedRoleAssigned(kind access.Kind) string {
	return "This " + InfoOf(kind).Singular + " has a privileged role. Only admins may change its roles."
}

// RolesUnknownText returns the reason why no role can be ticked. advice is what to do, "" for "try again".
func RolesUnknownText(advice string) string {
	if advice == "" {
		advice = "Try again in a moment."
	}
	return rolesUnknown + advice
}

// CopiedRolesText returns the message about roles that were copied from a principal. skipped could not be ticked.
func CopiedRolesText(name string, roleCount int, skipped []string) string {
	switch {
	case roleCount == 0:
		return name + " has no direct role, so none is ticked."
	case len(skipped) == 0:
		return "The roles of " + name + " are ticked."
	default:
		return "The roles of " + name + " are ticked, except those that you may not grant: " + ui.List(skipped) + "."
	}
}

// AllPrivilegedBanner returns the banner about why every role counts as privileged: the catalogue is unknown, or the
// account lacks the configured roles in missing.
func AllPrivilegedBanner(known bool, missing []string) ui.Banner {
	b := ui.Banner{
		Tone:  ui.Warning,
		Title: "Every role counts as privileged: the role catalogue could not be read",
		Text:  "Until it can be read, no role can be granted or revoked.",
	}
	if known {
		b.Title = "Every role counts as privileged: the account lacks configured roles"
		b.Text = "Missing: " + strings.Join(missing, ", ") + ". Until VOXWARDEN_PRIVILEGED_ROLES is corrected, only admins " +
			"can change roles."
	}
	return b
}

// UndoBanner returns the banner of a form that is filled in with the roles before an operation.
func UndoBanner() ui.Banner {
	return ui.Banner{
		Tone:  ui.Info,
		Title: "Undo",
		Text:  "The ticks reverse what that operation changed. Review them; applying them is a new operation.",
	}
}

// NothingToUndoBanner returns the banner of a form that would undo an operation and has nothing to change.
func NothingToUndoBanner() ui.Banner {
	return ui.Banner{
		Tone:  ui.Info,
		Title: "Nothing to undo",
		Text:  "What that operation changed was reversed already. The present roles are ticked.",
	}
}

// PrefilledFromURLBanner returns the banner of a form that is filled in from its address.
func PrefilledFromURLBanner() ui.Banner {
	return ui.Banner{
		Tone: ui.Warning, Title: "The ticked roles come from the page's address",
		Text: "They are your selection from a lost form, or part of a link to this page. Check each of them.",
	}
}
