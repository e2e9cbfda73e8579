package handlers

import (
	"net/http"

	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// readErrorStatus returns the status of a page that a read error replaced.
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

// readErrorProblem returns the page of a vendor that cannot be read.
func readErrorProblem(t *directory.ReadError) problem {
	kind := page.ErrorKind(t.Kind)
	return newProblem(
		readErrorStatus(kind),
		page.VendorUnavailable(kind, t.Advice, vendorQuote(t.Method, t.Code, t.VendorMessage)),
	)
}

// readErrorNotice returns a read error for a page with older data, nil for none.
func readErrorNotice(t *directory.ReadError) *page.ReadError {
	if t == nil {
		return nil
	}
	return page.NewReadError(page.ErrorKind(t.Kind), t.Advice, vendorQuote(t.Method, t.Code, t.VendorMessage), t.At)
}

// vendorQuote returns the vendor's words, nil for none.
func vendorQuote(method string, code int, message string) *ui.QuoteProps {
	if code == 0 && message == "" {
		return nil
	}
	return page.VendorQuote(method, code, message)
}
