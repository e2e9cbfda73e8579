package identity

import "errors"

// ErrUnavailable says that nobody can be proven now: the provider, or the keys that assertions are checked with,
// cannot be reached.
var ErrUnavailable = errors.New("the sign-in service cannot be reached")

// Refused says that what came with a request proves nobody: it is forged, expired, or from the wrong place.
type Refused struct {
	Reason string // for the log; it never quotes a token, a header or a secret
}

// Error implements error.
func (r *Refused) Error() string { return "the proof was refused: " + r.Reason }
