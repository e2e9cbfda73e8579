package audit

import (
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// SearchTimeoutBanner returns the banner of a search that was ended.
func SearchTimeoutBanner() ui.Banner {
	return ui.Banner{Tone: ui.Warning, Title: page.SearchTimeoutTitle, Text: page.SearchTimeoutText}
}

// OperationHeading returns the heading of an operation's page.
func OperationHeading(action, target string) string { return action + ": " + target }

// ActorIdentity returns the actor's identity and sign-in method.
func ActorIdentity(id, method string) string { return id + ", signed in by " + method }

// AddressText returns the actor's address as a phrase, "" when unknown. forwarded means that a proxy reported it.
func AddressText(address string, forwarded bool) string {
	switch {
	case address == "":
		return ""
	case forwarded:
		return "from " + address + ", reported by the proxy"
	default:
		return "from " + address
	}
}

// Titles of the events of an operation.
const (
	IntentTitle     = "Intent saved"
	OutcomeTitle    = "Outcome"
	ReopenedTitle   = "Reopened"
	ReconciledTitle = "Checked later"
	ResolvedTitle   = "Resolved by an admin"
)

// Messages after resolving an operation and after a check that found the outcome.
const (
	ResolvedMessage   = "Resolved. The outcome and your reason are in the audit log."
	ReconciledMessage = "Checked. The outcome is now known."
)

// StillUnresolvedMessage returns the message after a check that did not find the outcome. evidence is what the check
// showed, "" for nothing.
func StillUnresolvedMessage(evidence string) string {
	return strings.TrimSpace("Checked. The outcome is still unknown. " + evidence)
}

// ActionOnKind returns the label of an action among others, where actions on both kinds have the same label.
func ActionOnKind(label string, kind access.Kind) string { return label + " of a " + string(kind) }

// UnresolvedChoice is the option for open operations in the result filter.
const UnresolvedChoice = "Not finished"

// RoleEffectText returns what an operation does to a role, in words.
func RoleEffectText(effect string) string {
	switch effect {
	case "granted":
		return "Granted"
	case "revoked":
		return "Revoked"
	case "lost":
		return "Lost with a deleted target"
	default:
		return effect
	}
}

// UnlistedRoleChoice is the option of a role that the catalogue does not contain.
func UnlistedRoleChoice(id string) string { return "role " + id }

// ActorChoice returns an actor as a suggestion. The subject distinguishes actors with the same name.
func ActorChoice(name, subject string) string { return name + " · " + subject }
