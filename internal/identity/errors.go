package identity

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// ErrUnavailable means that the provider or the keys for verifying assertions are not available.
var ErrUnavailable = errors.New("the sign-in service cannot be reached")

// Reason is why a proof of identity was refused. The audit log stores it, so every Reason is a constant of this
// package: it never contains text of the request, of a token or of the provider.
type Reason string

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
