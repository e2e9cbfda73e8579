package page

import (
	"cmp"
	"time"

	"github.com/voxwarden/voxwarden/views/ui"
)

// Cause is why the vendor could not be read. Its values are those of the readings, and one of ours.
type Cause string

// The causes. One that is not among them is the vendor's saying no.
const (
	Unreachable Cause = "unreachable"
	Slow        Cause = "slow"
	RateLimited Cause = "rate-limited"
	KeyRefused  Cause = "key-refused"
	ClockWrong  Cause = "clock-wrong"
	Unreadable  Cause = "unreadable"
	VendorFault Cause = "vendor-fault" // the vendor says itself that the fault is theirs
)

// words are a title and a sentence.
func (c Cause) words() (title, text string) {
	switch c {
	case Unreachable:
		return "Voximplant cannot be reached", "No connection to the Management API could be made."
	case Slow:
		return "Voximplant does not answer", "The Management API did not answer in time."
	case RateLimited:
		return "Voximplant wants fewer requests", "The Management API takes no more requests from this account for " +
			"the moment."
	case KeyRefused:
		return "Voximplant refuses this console's key", "The service-account key that this console runs on was not " +
			"accepted, or may not do this."
	case ClockWrong:
		return "The clocks are too far apart", "Voximplant refuses this console's requests because the clock of its " +
			"machine is wrong."
	case Unreadable:
		return "Voximplant's answer cannot be read", "Something answered in the place of the Management API, but not in " +
			"its language."
	case VendorFault:
		return "Voximplant has a fault of its own", "The Management API answered that something went wrong on its side."
	default:
		return "Voximplant said no", "The Management API refused what this page needs."
	}
}

// VendorsWords are what the vendor answered to a method, to be quoted as its words; code 0 and "" are for what it
// left out.
func VendorsWords(method string, code int, text string) *ui.QuoteProps {
	return &ui.QuoteProps{By: "Voximplant", Source: method, Code: code, Text: text}
}

// TroubleOf says beside what is still known why the vendor could not be read. advice is what happened and what to do,
// "" for nothing.
func TroubleOf(c Cause, advice string, vendor *ui.QuoteProps, at time.Time) *Trouble {
	title, text := c.words()
	return &Trouble{Title: title, Text: cmp.Or(advice, text), Vendor: vendor, At: at}
}

// VendorAway says the same in place of the page that could not be drawn.
func VendorAway(c Cause, advice string, vendor *ui.QuoteProps) Problem {
	title, text := c.words()
	p := unchanged(title, cmp.Or(advice, text))
	p.Vendor = vendor
	return p
}
