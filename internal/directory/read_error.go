package directory

import (
	"context"
	"errors"
	"net/http"
	"syscall"
	"time"

	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// ErrNotFound is the error for a principal that does not exist in the account.
var ErrNotFound = errors.New("not in this account")

// ErrorKind is the way in which reading from the vendor failed.
type ErrorKind string

// The error kinds. Pages have a text for each.
const (
	Unreachable ErrorKind = "unreachable" // no connection could be made
	Slow        ErrorKind = "slow"        // no answer in time
	RateLimited ErrorKind = "rate-limited"
	KeyRefused  ErrorKind = "key-refused"  // the vendor rejects the console key, or the key lacks the permission
	ClockWrong  ErrorKind = "clock-wrong"  // this server's clock and the vendor's differ too much
	Unreadable  ErrorKind = "unreadable"   // HTML, a server error, a truncated answer, or an undocumented shape
	VendorFault ErrorKind = "vendor-fault" // a vendor code for an internal error of Voximplant
	Refused     ErrorKind = "refused"      // any other vendor code
)

// ReadError is the error of reading from the vendor. Operators may see all its fields: none is secret.
type ReadError struct {
	Kind          ErrorKind
	Method        string // the vendor's method
	Code          int    // the vendor's code, 0 when there was none
	VendorMessage string // the vendor's text, to be quoted
	Advice        string // what to do
	At            time.Time

	retryAfter time.Duration // the wait that the vendor asked for; 0 when it did not
	cause      error
}

// Error implements error.
func (e *ReadError) Error() string {
	text := e.Method + " failed: " + string(e.Kind)
	if vendorError, ok := errors.AsType[*voxapi.Error](e.cause); ok && vendorError.Unwrap() != nil {
		text += ": " + vendorError.Unwrap().Error()
	}
	return text
}

// Unwrap returns the error of the API client.
func (e *ReadError) Unwrap() error { return e.cause }

// callerError returns the error for a caller: that of its context, else a *ReadError.
func (d *Directory) callerError(ctx context.Context, method string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return d.newReadError(method, err)
}

// newReadError returns the *ReadError for an error of a reading. method is used when the error names none.
func (d *Directory) newReadError(method string, err error) *ReadError {
	e := &ReadError{Method: method, At: d.now(), cause: err}
	vendorError, ok := errors.AsType[*voxapi.Error](err)
	if !ok && errors.Is(err, errEmptyList) {
		e.Kind = Unreadable
		e.Advice = "Voximplant returned an empty list, although known subusers or keys still exist. Try again in a moment."
		return e
	}
	if !ok {
		e.Kind = kindOfTransportError(err)
		e.Advice = adviceForTransportError(e.Kind)
		return e
	}
	e.Method, e.Code = vendorError.Method, vendorError.Code
	e.VendorMessage, e.retryAfter = vendorError.VendorMessage, vendorError.RetryAfter
	switch {
	case vendorError.Code != 0:
		e.Kind, e.Advice = kindOfCode(vendorError.Code), vendorError.Advice()
	case vendorError.Status != 0:
		e.Kind, e.Advice = kindOfStatus(vendorError.Status), vendorError.Advice()
	case vendorError.ConnectionAdvice() != "":
		e.Kind, e.Advice = Unreachable, vendorError.ConnectionAdvice()
	case vendorError.Kind == voxapi.NotSent && !errors.Is(err, context.DeadlineExceeded):
		e.Kind, e.Advice = Unreachable, adviceForTransportError(Unreachable)
	default:
		e.Kind = kindOfTransportError(err)
		e.Advice = adviceForTransportError(e.Kind)
	}
	return e
}

// kindOfCode returns the kind for a vendor code. The console key, its roles and its account have one kind: the same
// person can put them right.
func kindOfCode(code int) ErrorKind {
	switch voxapi.InfoOf(code).Cause {
	case voxapi.CauseConsoleKey:
		return KeyRefused
	case voxapi.CauseClock:
		return ClockWrong
	case voxapi.CauseThrottle:
		return RateLimited
	case voxapi.CauseVendorFault:
		return VendorFault
	default:
		return Refused
	}
}

// kindOfStatus returns the kind for an HTTP status. The vendor documents only 200, so another status mostly comes from
// a proxy in between.
func kindOfStatus(status int) ErrorKind {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return KeyRefused
	case http.StatusTooManyRequests:
		return RateLimited
	default:
		return Unreadable
	}
}

// kindOfTransportError returns the kind for an error without a readable answer.
func kindOfTransportError(err error) ErrorKind {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return Slow
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ECONNRESET):
		return Unreachable
	default:
		return Unreadable
	}
}

func adviceForTransportError(kind ErrorKind) string {
	switch kind {
	case Slow:
		return "Voximplant did not answer in time. Try again in a moment."
	case Unreachable:
		return "Voximplant could not be reached. Check this server's network and API_URL in its configuration, then " +
			"try again."
	default:
		return "Voximplant's answer could not be read. Try again in a moment. If it fails again, check API_URL in the " +
			"configuration and any proxy in between."
	}
}
