package voxapi

import (
	"errors"
	"net/http"
	"strings"
)

// classify decides what a response means. It checks, in this order: the HTTP status, which is 200 for every documented
// response; the content type; error and errors; the result.
func (k call) classify(r rawResponse, decode func(envelope) error, token string) *Error {
	if r.status != http.StatusOK {
		return k.unexpectedStatus(r, token)
	}
	if !r.isJSON() {
		return k.unusableResponse(errors.New("the response is not of type application/json"))
	}
	a, failures, err := parseEnvelope(r.body)
	if err != nil {
		return k.unusableResponse(err)
	}
	if len(failures) > 0 {
		return k.vendorFailure(a, failures, r, append([]string{token}, k.params.secrets...))
	}
	if err := decode(a); err != nil {
		return k.unusableResponse(err)
	}
	return nil
}

// unexpectedStatus returns the error for a response with an undocumented status. It is not published whether the vendor
// uses such a status for errors, so an error code in a 4xx response is used: it is more specific than the status. A
// code that equals the status is ignored, because gateways write that.
func (k call) unexpectedStatus(r rawResponse, token string) *Error {
	failure := k.unusableResponse(errors.New("the vendor documents only status 200"))
	if r.status >= 400 && r.status < 500 && r.isJSON() {
		a, failures, err := parseEnvelope(r.body)
		if err == nil && len(failures) > 0 && failures[0].code != r.status {
			failure = k.vendorFailure(a, failures, r, append([]string{token}, k.params.secrets...))
		}
	}
	failure.Status, failure.RetryAfter = r.status, r.retryAfter()
	failure.transient = failure.transient || r.status == http.StatusTooManyRequests || r.status >= 500
	return failure
}

// vendorFailure returns the error for a response with vendor error codes. It reports the code that decided the kind.
func (k call) vendorFailure(a envelope, failures []vendorError, r rawResponse, secrets []string) *Error {
	e := &Error{Kind: writeKind(failures), Method: k.method, RetryAfter: r.retryAfter()}
	deciding := failures[0]
	var messages []string
	for _, failure := range failures {
		if writeKind([]vendorError{failure}) == Unknown && writeKind([]vendorError{deciding}) != Unknown {
			deciding = failure
		}
		messages = append(messages, failure.message)
	}
	if a.hasResult() {
		e.Kind = Unknown
		e.cause = errors.New("the response has an error and a result")
	}
	if e.Kind == Unknown && !k.write {
		e.Kind = Unavailable
	}
	e.Code = deciding.code
	e.VendorMessage = sanitizeMessage(strings.Join(messages, " "), secrets)
	e.transient = InfoOf(e.Code).IsRateLimit()
	return e
}

// notSent returns the error of a call that was not sent.
func (k call) notSent(cause error) *Error {
	return &Error{Kind: NotSent, Method: k.method, cause: cause}
}

// unusableResponse returns the error of a call with a response that cannot be used.
func (k call) unusableResponse(cause error) *Error {
	kind := Unavailable
	if k.write {
		kind = Unknown
	}
	return &Error{Kind: kind, Method: k.method, cause: cause}
}

// connectionFailure returns the error of a call without a complete response.
func (k call) connectionFailure(err error, provenNotSent bool) *Error {
	failure := k.unusableResponse(newTransportError(err))
	if provenNotSent {
		failure.Kind = NotSent
	}
	failure.transient = true
	return failure
}

// writeKind classifies the codes of one response to a write. A single code that may follow a commit makes the whole
// response Unknown.
func writeKind(failures []vendorError) Kind {
	for _, failure := range failures {
		if InfoOf(failure.code).MayFollowCommit {
			return Unknown
		}
	}
	return Refused
}
