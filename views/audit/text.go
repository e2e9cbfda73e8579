package audit

import (
	"strings"

	"github.com/voxwarden/voxwarden/views/page"
)

// OperationHeading heads the page of an operation.
func OperationHeading(act page.Act, target string) string { return act.Name() + ": " + target }

// KnownAs says how the operator of an operation was proven.
func KnownAs(id, method string) string { return id + ", signed in by " + method }

// FromAddress says where the operator of an operation sat, "" when no address is known, and whether that is a proxy's
// word.
func FromAddress(address string, forwarded bool) string {
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
	WrittenDown      = "Written down before anything was sent"
	CameToThis       = "Outcome"
	OpenedAgain      = "Opened again"
	SettledByReading = "Settled by reading"
	SettledByHand    = "Settled by hand"
)

// The messages after settling, and after asking the vendor once more.
const (
	SettledByHandMessage = "This operation is settled by your word."
	SettledMessage       = "This operation is settled."
)

// StillOpenMessage is the message when the vendor was asked and nobody is the wiser. seen is what a reading showed, ""
// for nothing.
func StillOpenMessage(seen string) string {
	return strings.TrimSpace("Voximplant was asked, and it cannot be told yet what happened. " + seen)
}

// ActChoice is an act as a choice of the search, where those on subusers and on keys stand side by side.
func ActChoice(act page.Act) string {
	switch act {
	case "subuser.edit", "subuser.roles":
		return act.Name() + " of a subuser"
	case "key.edit", "key.roles":
		return act.Name() + " of a key"
	default:
		return act.Name()
	}
}

// OpenChoice is the choice of what is not settled.
const OpenChoice = "Not settled yet"

// PersonChoice is somebody who acted, as a choice of the search. The subject tells two of one name apart.
func PersonChoice(name, subject string) string { return name + " · " + subject }
