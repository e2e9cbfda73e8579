package page

import (
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/rolefacts"
	"github.com/voxwarden/voxwarden/views/ui"
)

// Reasons why roles cannot be changed.
const (
	RolesUnavailable = "The roles could not be read from Voximplant, so they cannot be changed now."
	NoGrantableRoles = "There is no role that you may grant or revoke."
	rolesUnknown     = "The roles are not known, so they cannot be granted or revoked now. "
)

// PrivilegedNeedsReason is the hint of a form that offers privileged roles.
const PrivilegedNeedsReason = "Granting a privileged role needs a reason."

// NewRoleFacts returns what forms show of a role. methods are those of the role and of the roles that it contains.
func NewRoleFacts(role rolefacts.Role, methods rolefacts.MethodSet) RoleFacts {
	return RoleFacts{Sentence: role.Sentence, Reaches: ReachWords(methods.Reaches()), Methods: methods.Len()}
}

// ReachWords returns what a role reaches, in words.
func ReachWords(reaches []rolefacts.Reach) []string {
	var words []string
	for _, reach := range reaches {
		words = append(words, reachWord(reach))
	}
	return words
}

func reachWord(reach rolefacts.Reach) string {
	switch reach {
	case rolefacts.Spending:
		return "money"
	case rolefacts.Recordings:
		return "recordings"
	case rolefacts.IPLists:
		return "IP lists"
	case rolefacts.Callbacks:
		return "callback URLs"
	case rolefacts.Rules:
		return "rule bindings"
	default:
		return string(reach)
	}
}

// Text returns what is published about a role, in a form: a sentence, what the role reaches, and what the vendor's mark
// "control panel only" is worth. It is "" without any of them.
func (f RoleFacts) Text(guiOnly bool) string {
	text := f.Sentence
	if len(f.Reaches) > 0 {
		text += " Reaches " + ui.List(f.Reaches) + "."
	}
	if guiOnly {
		text += " " + f.PanelMark()
	}
	return strings.TrimSpace(text)
}

// PanelMark returns the vendor's mark "control panel only", and that pages of API methods name the role nevertheless.
func (f RoleFacts) PanelMark() string {
	if f.Methods > 0 {
		return "Marked “control panel only”, but API methods name it."
	}
	return "Marked “control panel only”."
}

// PrivilegedGrantBanner returns the banner of a review or preview that grants privileged roles. explained has sentences
// for each of them.
func PrivilegedGrantBanner(names, explained []string) ui.Banner {
	title := "This grants a privileged role: "
	if len(names) > 1 {
		title = "This grants privileged roles: "
	}
	return ui.Banner{
		Tone:  ui.Warning,
		Title: title + ui.List(names),
		Text:  strings.Join(append(explained, "Enter a reason: it is required here."), " "),
	}
}

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
		return "The roles of " + name + " are ticked, except " + ui.List(skipped) + "."
	}
}

// AllPrivilegedBanner returns the banner about why every role counts as privileged: the catalogue is unknown, or the
// account lacks the configured roles in missing.
func AllPrivilegedBanner(known bool, missing []string) ui.Banner {
	b := ui.Banner{
		Tone:  ui.Warning,
		Title: "Every role counts as privileged: the role catalogue is not known",
		Text:  "Until it is read, no role can be granted or revoked.",
	}
	if known {
		b.Title = "Every role counts as privileged: the account lacks configured roles"
		b.Text = "Missing: " + strings.Join(missing, ", ") + ". Until VOXWARDEN_PRIVILEGED_ROLES is corrected, only admins " +
			"can change roles."
	}
	return b
}

// UndoBanner returns the banner of a form with ticks that reverse an operation by granting and revoking these roles.
func UndoBanner(granted, revoked []string) ui.Banner {
	var changes []string
	if len(granted) > 0 {
		changes = append(changes, "grant "+ui.List(granted))
	}
	if len(revoked) > 0 {
		changes = append(changes, "revoke "+ui.List(revoked))
	}
	return ui.Banner{
		Tone:  ui.Info,
		Title: "Undo",
		Text: "The ticks reverse what that operation changed: " + strings.Join(changes, ", ") +
			". Applying them is a new operation.",
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
		Text: "They come from the role finder, a form that was lost, or a link to this page. Check each of them.",
	}
}
