package handlers

import (
	"net/http"

	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// causeOf tells why the vendor could not be read.
func causeOf(t *directory.ReadError) page.ErrorKind {
	if ownFault(t.Code) {
		return page.VendorFault
	}
	return page.ErrorKind(t.Kind)
}

// troubleStatus is the status of the page that a trouble took the place of.
func troubleStatus(c page.ErrorKind) int {
	switch c {
	case page.Slow:
		return http.StatusGatewayTimeout
	case page.RateLimited:
		return http.StatusTooManyRequests
	case page.KeyRefused, page.ClockWrong:
		return http.StatusServiceUnavailable
	default:
		return http.StatusBadGateway
	}
}

// ownFault says whether a code is the vendor's word for a fault of theirs: fatal error, internal error, DB error.
func ownFault(code int) bool { return code == 1 || code == 2 || code == 4 }

// troubleProblem is the page for a vendor that could not be read.
func troubleProblem(t *directory.ReadError) problem {
	cause := causeOf(t)
	return say(troubleStatus(cause), page.VendorUnavailable(cause, t.Advice, quote(t.Method, t.Code, t.VendorMessage)))
}

// troubleOf shows a trouble beside what is still known; nil for none.
func troubleOf(t *directory.ReadError) *page.ReadError {
	if t == nil {
		return nil
	}
	return page.NewReadError(causeOf(t), t.Advice, quote(t.Method, t.Code, t.VendorMessage), t.At)
}

// quote is what the vendor said; nil when it said nothing.
func quote(method string, code int, message string) *ui.QuoteProps {
	if code == 0 && message == "" {
		return nil
	}
	return page.VendorQuote(method, code, message)
}
