package identity

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// ErrUnavailable means that the provider or the keys for verifying assertions are not available.
var ErrUnavailable = errors.New("the sign-in service cannot be reached")

// NoUsableKeyError means that the key set for verifying sign-ins was received, and has no key that can verify a
// signature: a fault of its settings, not of the connection. It counts as ErrUnavailable.
type NoUsableKeyError struct{}

// Error implements error.
func (*NoUsableKeyError) Error() string {
	return "the key set for verifying sign-ins has no usable public key"
}

// Is reports that the error counts as ErrUnavailable.
func (*NoUsableKeyError) Is(target error) bool { return target == ErrUnavailable }

// Reason is why a proof of identity was refused. The audit log stores it, so every Reason is a constant of this
// package: it never contains text of the request, of a token or of the provider.
type Reason string

// ClientNotAccepted means that the provider does not accept the console: a fault of its settings, not of the operator.
const ClientNotAccepted Reason = "the provider does not accept the console's client id and secret"

// Refused means that the proof of identity in a request is invalid: forged, expired or from an untrusted address.
type Refused struct {
	Reason Reason
}

// Error implements error.
func (r *Refused) Error() string { return "sign-in refused: " + string(r.Reason) }

// refuseWithDetail returns an error that wraps a *Refused. The detail may quote the request or the provider; it is in
// the text of the error, which only the server's log contains.
func refuseWithDetail(reason Reason, detail string) error {
	return fmt.Errorf("%w: %s", &Refused{reason}, Printable(detail, maxDetailBytes))
}

// Unfinished is the error of a sign-in at the provider that ended without an operator, although no proof of identity
// was invalid. It wraps a *Refused.
type Unfinished struct {
	// Old means that the response belongs to no sign-in in progress: it was used before, as after Back in the browser, it
	// came too late, or another browser began the sign-in. An operator with a session needs nothing from it.
	Old      bool
	Cause    Cause
	ReturnTo string // path from Begin; "" if it is not known
	// Reauthenticate means that a new sign-in at the provider was required, as in Begin.
	Reauthenticate bool
	Err            error // wraps a *Refused
}

// Error implements error.
func (u *Unfinished) Error() string { return u.Err.Error() }

// Unwrap returns Err.
func (u *Unfinished) Unwrap() error { return u.Err }

// unfinished returns the error of a sign-in that began as pending.
func unfinished(pending attempt, cause Cause, refused error) *Unfinished {
	return &Unfinished{
		Cause:          cause,
		ReturnTo:       pending.returnTo,
		Reauthenticate: pending.reauthenticate,
		Err:            refused,
	}
}

// Cause is the meaning of the provider's error.
type Cause int

// The causes. Without an error of the provider, a response is Old.
const (
	NoProviderError Cause = iota
	NotAdmitted           // the provider denied access, or the operator cancelled the sign-in
	NotCompleted          // the provider needs something from the operator, such as a consent
	ProviderFailed        // an error of the provider, or of the settings there or here
)

// causeOf returns the cause for an error code of the provider, "" for none.
func causeOf(code string) Cause {
	switch code {
	case "":
		return NoProviderError
	case "access_denied":
		return NotAdmitted
	case "login_required", "consent_required", "interaction_required", "account_selection_required":
		return NotCompleted
	default:
		return ProviderFailed
	}
}

// maxDetailBytes limits a text from outside in an error.
const maxDetailBytes = 300

// Printable returns a text from outside for a log: only characters that are printed, at most the given number of bytes.
// Others could look like another line or change the order of the characters on a screen.
func Printable(text string, bytes int) string {
	return clip(strings.Map(func(c rune) rune {
		if c != unicode.ReplacementChar && unicode.IsPrint(c) {
			return c
		}
		return -1
	}, text), bytes)
}
