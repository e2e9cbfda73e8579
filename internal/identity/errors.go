package identity

import "errors"

// ErrUnavailable means that the provider or the keys for verifying assertions are not available.
var ErrUnavailable = errors.New("the sign-in service cannot be reached")

// Refused means that the proof of identity in a request is invalid: forged, expired or from an untrusted address.
type Refused struct {
	Reason string // for the log; contains no token, header value or secret
}

// Error implements error.
func (r *Refused) Error() string { return "sign-in refused: " + r.Reason }
