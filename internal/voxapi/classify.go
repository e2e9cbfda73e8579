package voxapi

import (
	"errors"
	"net/http"
	"strings"
)

// classify decides what an answer means. In this order: the HTTP status, which is
// 200 for every documented answer; the content type; error and errors; the
// result.
func (k call) classify(r rawResponse, decode func(envelope) error, token string) *Error {
	if r.status != http.StatusOK {
		return k.unexpectedStatus(r, token)
	}
	if !r.isJSON() {
		return k.unusableResponse(errors.New("the answer is not of type application/json"))
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

// unexpectedStatus is the failure of an answer with a status that the vendor does not
// document. Whether it uses one for errors is not published, so the vendor's own
// envelope is believed in an answer 4xx: a documented refusal is one whatever the
// status, and says more than it. A code that is just the status again is not: so
// gateways write it.
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

// vendorFailure makes the error of an answer that carries the vendor's codes. The code
// that decides is the one reported.
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
		e.cause = errors.New("the answer carries an error and a result")
	}
	if e.Kind == Unknown && !k.write {
		e.Kind = Unavailable
	}
	e.Code = deciding.code
	e.VendorMessage = sanitizeMessage(strings.Join(messages, " "), secrets)
	e.transient = InfoOf(e.Code).IsRateLimit()
	return e
}

// notSent is the failure of a call of which nothing left.
func (k call) notSent(cause error) *Error {
	return &Error{Kind: NotSent, Method: k.method, cause: cause}
}

// unusableResponse is the failure of a call whose answer tells nothing.
func (k call) unusableResponse(cause error) *Error {
	kind := Unavailable
	if k.write {
		kind = Unknown
	}
	return &Error{Kind: kind, Method: k.method, cause: cause}
}

// connectionFailure is the failure of a call that got no complete answer.
func (k call) connectionFailure(err error, provenNotSent bool) *Error {
	failure := k.unusableResponse(newTransportError(err))
	if provenNotSent {
		failure.Kind = NotSent
	}
	failure.transient = true
	return failure
}

// writeKind classifies the codes of one response to a write. One code that may follow a commit makes all of it Unknown.
func writeKind(failures []vendorError) Kind {
	for _, failure := range failures {
		if InfoOf(failure.code).MayFollowCommit {
			return Unknown
		}
	}
	return Refused
}
