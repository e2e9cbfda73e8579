package audit

import (
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
)

// OperationHeading heads the page of an operation.
func OperationHeading(action, target string) string { return action + ": " + target }

// ActorIdentity says how the operator of an operation was proven.
func ActorIdentity(id, method string) string { return id + ", signed in by " + method }

// AddressText says where the operator of an operation sat, "" when no address is known, and whether that is a proxy's
// word.
func AddressText(address string, forwarded bool) string {
	switch {
	case address == "":
		return ""
	case forwarded:
		return "from " + address + ", as the proxy said"
	default:
		return "from " + address
	}
}

// What happened at one moment of an operation's story.
const (
	IntentTitle     = "Written down before anything was sent"
	OutcomeTitle    = "Outcome"
	ReopenedTitle   = "Opened again"
	ReconciledTitle = "Settled by reading"
	ResolvedTitle   = "Settled by hand"
)

// The messages after settling, and after asking the vendor once more.
const (
	ResolvedMessage   = "This operation is settled by your word."
	ReconciledMessage = "This operation is settled."
)

// StillUnresolvedMessage is the message when the vendor was asked and nobody is the wiser. seen is what a reading
// showed, "" for nothing.
func StillUnresolvedMessage(evidence string) string {
	return strings.TrimSpace("Voximplant was asked, and it cannot be told yet what happened. " + evidence)
}

// ActionOnKind returns the label of an action among others, where actions on both kinds have the same label.
func ActionOnKind(label string, kind access.Kind) string { return label + " of a " + string(kind) }

// UnresolvedChoice is the choice of what is not settled.
const UnresolvedChoice = "Not settled yet"

// ActorChoice is somebody who acted, as a choice of the search. The subject tells two of one name apart.
func ActorChoice(name, subject string) string { return name + " · " + subject }
