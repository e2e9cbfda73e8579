package directory

import (
	"context"
	"errors"
	"net/http"
	"syscall"
	"time"

	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// ErrNotFound is the answer for an id that the account does not have.
var ErrNotFound = errors.New("not in this account")

// ErrorKind says in which way the vendor could not be read.
type ErrorKind string

// The ways in which a read fails; each has a page of its own words.
const (
	Unreachable ErrorKind = "unreachable" // no connection could be made
	Slow        ErrorKind = "slow"        // no answer in time
	RateLimited ErrorKind = "rate-limited"
	KeyRefused  ErrorKind = "key-refused"  // the vendor does not accept our key, or the key may not do this
	ClockWrong  ErrorKind = "clock-wrong"  // our clock and the vendor's are too far apart
	Unreadable  ErrorKind = "unreadable"   // HTML, a failed server, half an answer, or a shape that nobody documented
	VendorFault ErrorKind = "vendor-fault" // a vendor code for an internal error of Voximplant
	Refused     ErrorKind = "refused"      // any other vendor code
)

// LastError is why the vendor could not be read. Its text is for operators and holds nothing secret.
type ReadError struct {
	Kind          ErrorKind
	Method        string // the vendor's method
	Code          int    // the vendor's code, 0 when there was none
	VendorMessage string // the vendor's own words, to be quoted as such
	Advice        string // ours: what to do
	At            time.Time

	retryAfter time.Duration // how long the vendor asked to wait; 0 when it did not
	cause      error
}

// Error implements error.
func (t *ReadError) Error() string { return t.Method + " failed: " + string(t.Kind) }

// Unwrap returns the client's error.
func (t *ReadError) Unwrap() error { return t.cause }

// callerError is what a reading on behalf of a caller fails with: the caller's own context, else a Trouble.
func (d *Directory) callerError(ctx context.Context, method string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return d.newReadError(method, err)
}

// newReadError turns the error of a reading into a Trouble. The method is that which was being read, for an error
// that does not name one.
func (d *Directory) newReadError(method string, err error) *ReadError {
	t := &ReadError{Method: method, At: d.now(), cause: err}
	e, ok := errors.AsType[*voxapi.Error](err)
	if !ok {
		t.Kind = kindOfTransportError(err)
		t.Advice = adviceForTransportError(t.Kind)
		return t
	}
	t.Method, t.Code, t.VendorMessage, t.retryAfter = e.Method, e.Code, e.VendorMessage, e.RetryAfter
	switch {
	case e.Code != 0:
		t.Kind, t.Advice = kindOfCode(e.Code), e.Advice()
	case e.Status != 0:
		t.Kind, t.Advice = kindOfStatus(e.Status), e.Advice()
	case e.Kind == voxapi.NotSent && !errors.Is(err, context.DeadlineExceeded):
		t.Kind, t.Advice = Unreachable, adviceForTransportError(Unreachable)
	default:
		t.Kind = kindOfTransportError(err)
		t.Advice = adviceForTransportError(t.Kind)
	}
	return t
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

// kindOfStatus sorts HTTP statuses. The vendor documents none but 200, so what comes with another was mostly
// written by something in between.
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

// kindOfTransportError sorts the failures in which no answer was understood.
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
		return "Voximplant's answer could not be read. Try again in a moment; if it stays, check API_URL in the " +
			"configuration, and any proxy between."
	}
}
