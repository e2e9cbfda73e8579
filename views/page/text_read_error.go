package page

import (
	"cmp"
	"time"

	"github.com/voxwarden/voxwarden/views/ui"
)

// ErrorKind is why the vendor could not be read. Its values are those of package directory, plus VendorFault.
type ErrorKind string

// The kinds of errors. Any other value means that the vendor refused.
const (
	Unreachable ErrorKind = "unreachable"
	Slow        ErrorKind = "slow"
	RateLimited ErrorKind = "rate-limited"
	KeyRefused  ErrorKind = "key-refused"
	ClockWrong  ErrorKind = "clock-wrong"
	Unreadable  ErrorKind = "unreadable"
	VendorFault ErrorKind = "vendor-fault" // the vendor reported an internal error
)

// describe returns a title and a sentence.
func (c ErrorKind) describe() (title, text string) {
	switch c {
	case Unreachable:
		return "Voximplant cannot be reached", "The console could not connect to the Management API."
	case Slow:
		return "Voximplant does not respond", "The Management API did not respond in time."
	case RateLimited:
		return "Voximplant's rate limit is reached", "The Management API accepts no more requests from this account for now."
	case KeyRefused:
		return "Voximplant refuses the console key", "The console key was not accepted, or lacks a role for this."
	case ClockWrong:
		return "The server's clock is wrong", "Voximplant refuses the console's requests because its clock is too far off."
	case Unreadable:
		return "Voximplant's response cannot be read", "A response came, but it is not one of the Management API."
	case VendorFault:
		return "Voximplant has an internal error", "The Management API reported an error on its side."
	default:
		return "Voximplant refused a request", "The Management API refused a request that this page needs."
	}
}

// VendorQuote returns a quotation of the vendor's response to a method. code 0 and text "" mean none.
func VendorQuote(method string, code int, text string) *ui.QuoteProps {
	return &ui.QuoteProps{Author: "Voximplant", Source: method, Code: code, Text: text}
}

// NewReadError returns the error for a page that still shows older data. advice is what happened and what to do, "" for
// the default text.
func NewReadError(c ErrorKind, advice string, vendor *ui.QuoteProps, at time.Time) *ReadError {
	title, text := c.describe()
	return &ReadError{Title: title, Text: cmp.Or(advice, text), Vendor: vendor, At: at}
}

// VendorUnavailable returns the error page for a page that needs the vendor.
func VendorUnavailable(c ErrorKind, advice string, vendor *ui.QuoteProps) Problem {
	title, text := c.describe()
	p := newUnchangedProblem(title, cmp.Or(advice, text))
	p.Vendor = vendor
	return p
}
