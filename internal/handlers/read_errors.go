package handlers

import (
	"net/http"

	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// readErrorCause tells why the vendor could not be read.
func readErrorCause(t *directory.ReadError) page.ErrorKind {
	if isVendorFault(t.Code) {
		return page.VendorFault
	}
	return page.ErrorKind(t.Kind)
}

// readErrorStatus is the status of the page that a trouble took the place of.
func readErrorStatus(c page.ErrorKind) int {
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

// isVendorFault says whether a code is the vendor's word for a fault of theirs: fatal error, internal error, DB error.
func isVendorFault(code int) bool { return code == 1 || code == 2 || code == 4 }

// readErrorProblem is the page for a vendor that could not be read.
func readErrorProblem(t *directory.ReadError) problem {
	cause := readErrorCause(t)
	return newProblem(
		readErrorStatus(cause),
		page.VendorUnavailable(cause, t.Advice, vendorQuote(t.Method, t.Code, t.VendorMessage)),
	)
}

// readErrorNotice shows a trouble beside what is still known; nil for none.
func readErrorNotice(t *directory.ReadError) *page.ReadError {
	if t == nil {
		return nil
	}
	return page.NewReadError(readErrorCause(t), t.Advice, vendorQuote(t.Method, t.Code, t.VendorMessage), t.At)
}

// vendorQuote is what the vendor said; nil when it said nothing.
func vendorQuote(method string, code int, message string) *ui.QuoteProps {
	if code == 0 && message == "" {
		return nil
	}
	return page.VendorQuote(method, code, message)
}
