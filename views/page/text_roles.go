package page

import (
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/ui"
)

// DisabledReason somebody's roles, or any, cannot be changed here and now.
const (
	RolesUnavailable = "The roles of the account could not be read from Voximplant, so none can be changed now."
	NoGrantableRoles = "There is no role here that you may give or take."
	rolesUnknown     = "The roles of the account are not known, so none can be given or taken now. "
)

// PrivilegedRoleAssigned explains why the roles of a principal may not be changed by this operator.
func PrivilegedRoleAssigned(kind access.Kind) string {
	return "This " + InfoOf(kind).Singular + " has a privileged role. Only admins may change its roles."
}

// RolesUnknownText says that no role can be ticked, and what to do: as the reading that failed advises, "" if it says
// nothing.
func RolesUnknownText(advice string) string {
	if advice == "" {
		advice = "Try again in a moment."
	}
	return rolesUnknown + advice
}

// CopiedRolesText says which roles of somebody were ticked. left are those that could not be, by name.
func CopiedRolesText(name string, roleCount int, skipped []string) string {
	switch {
	case roleCount == 0:
		return name + " holds no role of their own, so none is ticked."
	case len(skipped) == 0:
		return "The roles of " + name + " are ticked."
	default:
		return "The roles of " + name + " are ticked, save those that you may not give: " + ui.List(skipped) + "."
	}
}

// AllPrivilegedBanner says why every role counts as privileged: the catalogue was not read, or the account lacks
// configured roles, which are named.
func AllPrivilegedBanner(known bool, missing []string) ui.Banner {
	b := ui.Banner{
		Tone:  ui.Warning,
		Title: "The role catalogue could not be read, so every role counts as privileged",
		Text:  "Until it can be read, no role can be granted or revoked.",
	}
	if known {
		b.Title = "Some privileged roles that this console is configured with are not in the account, so every role " +
			"counts as privileged"
		b.Text = "Missing: " + strings.Join(missing, ", ") + ". Until that is put right, only admins can change roles."
	}
	return b
}

// UndoBanner says that a form is filled in with what was held before an operation.
func UndoBanner() ui.Banner {
	return ui.Banner{
		Tone:  ui.Info,
		Title: "Undo",
		Text:  "The ticks are filled in with what was held before that operation. Review them: this becomes a new operation.",
	}
}

// PrefilledFromURLBanner says that a form's ticks are nobody's that the console knows of.
func PrefilledFromURLBanner() ui.Banner {
	return ui.Banner{
		Tone: ui.Warning, Title: "These ticks come from the address",
		Text: "They are those of a form of yours that was lost, or somebody put them into a link to this page. Look at " +
			"each of them before you go on.",
	}
}
