// Package identity identifies the operator of a request.
//
// Each sign-in method has a method Identify with the same contract. It returns the operator, or the zero Operator if no
// operator is signed in. The error is a *Refused if the request carries an invalid proof of identity, wraps
// ErrUnavailable if the proof cannot be verified now, and is any other error if the session cannot be read or written.
package identity
