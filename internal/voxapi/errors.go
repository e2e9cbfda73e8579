package voxapi

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
)

// Kind is what is known after a call that failed. The zero Kind is Unknown.
type Kind int

const (
	// Unknown is for writes only: the request was sent, or may have been, and no response shows the result. The change
	// may have been made, or may still be made.
	Unknown Kind = iota
	// NotSent means that the request was certainly not sent: nothing happened.
	NotSent
	// Refused means that the vendor returned a code that it checks before it changes anything: nothing happened.
	Refused
	// Unavailable is for reads only: there is no usable response.
	Unavailable
)

// String returns "unknown", "not sent", "refused" or "unavailable".
func (k Kind) String() string {
	switch k {
	case NotSent:
		return "not sent"
	case Refused:
		return "refused"
	case Unavailable:
		return "unavailable"
	default:
		return "unknown"
	}
}

// Error is the type of every error that the methods of [Reader] and [Writer] return. Its text has the method, the kind
// and a cause in our own words, never a parameter, a token or text from the vendor.
type Error struct {
	Kind Kind
	// Method is the vendor's name of the method.
	Method string
	// Code is the vendor's error code; 0 if there is none.
	Code int
	// VendorMessage is the vendor's own text, at most 300 characters, without control characters and with every secret
	// that was sent replaced. Quote it to an operator as the vendor's; never branch on it.
	VendorMessage string
	// Status is the HTTP status of the response if it was not 200, else 0.
	Status int
	// TokenExpires is when the token of the last attempt is no longer accepted, by this server's clock; zero if none
	// was signed. After it, and a margin for clock differences, a delayed request can no longer be carried out.
	TokenExpires time.Time
	// RetryAfter is how long the vendor asked to wait; 0 if it did not.
	RetryAfter time.Duration

	cause error
	// transient is true for a failure that the next attempt may not have.
	transient bool
}

// Error returns a text for logs.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "voximplant %s: %s", e.Method, e.Kind)
	if e.Code != 0 {
		fmt.Fprintf(&b, ", code %d", e.Code)
	}
	if e.Status != 0 {
		fmt.Fprintf(&b, ", HTTP status %d", e.Status)
	}
	if e.cause != nil {
		fmt.Fprintf(&b, ": %s", e.cause)
	}
	return b.String()
}

// Unwrap returns the cause. After a failed connection it matches context.Canceled, context.DeadlineExceeded and a few
// system errors with errors.Is. It contains nothing that was sent or received.
func (e *Error) Unwrap() error { return e.cause }

// IsRefused reports whether the vendor refused the call, so that nothing happened.
func IsRefused(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Kind == Refused
}

// IsNotFound reports whether the vendor refused a call because no principal of this kind has the id.
func IsNotFound(err error, kind access.Kind) bool {
	return IsRefused(err) && InfoOf(Code(err)).NotFound == kind
}

// Code returns the vendor's error code in err, or 0.
func Code(err error) int {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return 0
}

// Advice returns two sentences for an operator: what happened, and what to do. It quotes nothing from the vendor.
func (e *Error) Advice() string {
	meaning, advice := e.explain()
	if e.Kind == Unknown {
		advice = "The change may have been made: check the current state before you try again."
	}
	return meaning + " " + advice
}

// explain returns the sentences that do not depend on whether the call was a write.
func (e *Error) explain() (meaning, advice string) {
	info := InfoOf(e.Code)
	switch {
	case e.Code != 0 && !info.MayFollowCommit && e.Kind != Refused:
		return "Voximplant returned an error and a result at once.", "Try again in a moment."
	case e.Code != 0:
		return info.Meaning, info.Advice
	case e.Kind == NotSent && e.ConnectionAdvice() != "":
		failure, _ := errors.AsType[*transportError](e.cause)
		return "The request was not sent, so nothing was changed: " + failure.meaning + ".", failure.advice
	case e.Kind == NotSent:
		return "The request was not sent, so nothing was changed.",
			"Check that this server can reach Voximplant, then try again."
	case e.Status != 0:
		return explainStatus(e.Status)
	default:
		return "Voximplant gave no usable response.", "Try again in a moment."
	}
}

func explainStatus(status int) (meaning, advice string) {
	switch {
	case status == http.StatusTooManyRequests:
		return "Voximplant's rate limit was exceeded.", adviceWait
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return "Access to Voximplant was denied.",
			"Check the key in VOXWARDEN_CREDENTIALS_FILE, the account's allowed addresses, and any proxy in between."
	case status >= 500:
		return "Voximplant is not working properly.", "Try again in a few minutes."
	case status >= 300 && status < 400:
		return "The address in API_URL redirects to another one.", adviceAddress
	default:
		return "Voximplant gave an undocumented response.",
			"Check VOXWARDEN_API_URL, and any proxy in between."
	}
}
