package voxapi

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
)

// transportError is the reason why there is no complete response, in our own words. The errors of net/http are not
// kept: some quote the bytes that they met, and a server that echoes a request would put a password there.
type transportError struct {
	connectProblem
	message   string
	sentinels []error
}

func (f *transportError) Error() string { return f.message }

// Unwrap returns the standard errors that the transport's error matched.
func (f *transportError) Unwrap() []error { return f.sentinels }

// newTransportError converts an error of the transport.
func newTransportError(err error) *transportError {
	f := &transportError{connectProblem: newConnectProblem(err), message: transportErrorText(err)}
	if f.failure == "" {
		f.failure = exchangeFailure(err)
	}
	for _, sentinel := range []error{
		context.Canceled, context.DeadlineExceeded, io.ErrUnexpectedEOF,
		syscall.ECONNREFUSED, syscall.ECONNRESET,
	} {
		if errors.Is(err, sentinel) {
			f.sentinels = append(f.sentinels, sentinel)
		}
	}
	return f
}

// exchangeFailure returns the failure, see CallInfo.Failure, of an error that is not about connecting.
func exchangeFailure(err error) string {
	netError, isNet := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, context.Canceled):
		return "cancelled"
	case isNet && netError.Timeout() || errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, syscall.ECONNRESET):
		return "reset"
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return "closed"
	default:
		return otherFailure
	}
}

// transportErrorText returns a text for the failure. Only errors from before the first byte was sent are quoted; they
// contain addresses and names of certificates.
func transportErrorText(err error) string {
	if text, ok := connectErrorText(err); ok {
		return text
	}
	switch exchangeFailure(err) {
	case "cancelled":
		return "the call was cancelled"
	case "timeout":
		return "the call timed out"
	case "reset":
		return "the connection was reset"
	case "closed":
		return "the connection was closed before the response was complete"
	default:
		return fmt.Sprintf("the exchange failed (%T)", err)
	}
}

// connectErrorText returns the text of an error about connecting. Besides "dial" it accepts the operations of a TLS
// alert, which is one of a fixed set of texts.
func connectErrorText(err error) (string, bool) {
	if e, ok := errors.AsType[*net.OpError](err); ok {
		switch e.Op {
		case "dial", "proxyconnect", "remote error", "local error":
			return e.Error(), true
		}
	}
	if e, ok := errors.AsType[proxyRefusal](err); ok {
		return e.Error(), true
	}
	if e, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return e.Error(), true
	}
	if e, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return "the server does not use TLS: " + e.Msg, true
	}
	return "", false
}
