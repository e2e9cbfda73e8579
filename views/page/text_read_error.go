package page

import (
	"cmp"
	"time"

	"github.com/voxwarden/voxwarden/views/ui"
)

// ErrorKind is why the vendor could not be read. Its values are those of the readings, and one of ours.
type ErrorKind string

// The causes. One that is not among them is the vendor's saying no.
const (
	Unreachable ErrorKind = "unreachable"
	Slow        ErrorKind = "slow"
	RateLimited ErrorKind = "rate-limited"
	KeyRefused  ErrorKind = "key-refused"
	ClockWrong  ErrorKind = "clock-wrong"
	Unreadable  ErrorKind = "unreadable"
	VendorFault ErrorKind = "vendor-fault" // the vendor says itself that the fault is theirs
)

// describe are a title and a sentence.
func (c ErrorKind) describe() (title, text string) {
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

// VendorQuote are what the vendor answered to a method, to be quoted as its words; code 0 and "" are for what it
// left out.
func VendorQuote(method string, code int, text string) *ui.QuoteProps {
	return &ui.QuoteProps{Author: "Voximplant", Source: method, Code: code, Text: text}
}

// NewReadError says beside what is still known why the vendor could not be read. advice is what happened and what to
// do, "" for nothing.
func NewReadError(c ErrorKind, advice string, vendor *ui.QuoteProps, at time.Time) *ReadError {
	title, text := c.describe()
	return &ReadError{Title: title, Text: cmp.Or(advice, text), Vendor: vendor, At: at}
}

// VendorUnavailable says the same in place of the page that could not be drawn.
func VendorUnavailable(c ErrorKind, advice string, vendor *ui.QuoteProps) Problem {
	title, text := c.describe()
	p := newUnchangedProblem(title, cmp.Or(advice, text))
	p.Vendor = vendor
	return p
}
