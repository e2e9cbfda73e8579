package voxapi

import (
	"errors"
	"net/http"
	"strings"
)

// judge decides what an answer means. In this order: the HTTP status, which is
// 200 for every documented answer; the content type; error and errors; the
// result.
func (k call) judge(r reply, decode func(answer) error, token string) *Error {
	if r.status != http.StatusOK {
		return k.otherStatus(r, token)
	}
	if !r.isJSON() {
		return k.unusable(errors.New("the answer is not of type application/json"))
	}
	a, failures, err := parseAnswer(r.body)
	if err != nil {
		return k.unusable(err)
	}
	if len(failures) > 0 {
		return k.said(a, failures, r, append([]string{token}, k.params.secrets...))
	}
	if err := decode(a); err != nil {
		return k.unusable(err)
	}
	return nil
}

// otherStatus is the failure of an answer with a status that the vendor does not
// document. Whether it uses one for errors is not published, so the vendor's own
// envelope is believed in an answer 4xx: a documented refusal is one whatever the
// status, and says more than it. A code that is just the status again is not: so
// gateways write it.
func (k call) otherStatus(r reply, token string) *Error {
	failure := k.unusable(errors.New("the vendor documents only status 200"))
	if r.status >= 400 && r.status < 500 && r.isJSON() {
		a, failures, err := parseAnswer(r.body)
		if err == nil && len(failures) > 0 && failures[0].code != r.status {
			failure = k.said(a, failures, r, append([]string{token}, k.params.secrets...))
		}
	}
	failure.Status, failure.RetryAfter = r.status, r.retryAfter()
	failure.passing = failure.passing || r.status == http.StatusTooManyRequests || r.status >= 500
	return failure
}

// said makes the error of an answer that carries the vendor's codes. The code
// that decides is the one reported.
func (k call) said(a answer, failures []vendorError, r reply, secrets []string) *Error {
	e := &Error{Kind: writeKind(failures), Method: k.method, RetryAfter: r.retryAfter()}
	deciding := failures[0]
	var messages []string
	for _, failure := range failures {
		if writeKind([]vendorError{failure}) == Unknown && writeKind([]vendorError{deciding}) != Unknown {
			deciding = failure
		}
		messages = append(messages, failure.message)
	}
	if a.claimsSuccess() {
		e.Kind = Unknown
		e.cause = errors.New("the answer carries an error and a result")
	}
	if e.Kind == Unknown && !k.write {
		e.Kind = Unavailable
	}
	e.Code = deciding.code
	e.VendorMessage = quotable(strings.Join(messages, " "), secrets)
	e.passing = e.Code == CodeRateLimitExceeded
	return e
}

// notSent is the failure of a call of which nothing left.
func (k call) notSent(cause error) *Error {
	return &Error{Kind: NotSent, Method: k.method, cause: cause}
}

// unusable is the failure of a call whose answer tells nothing.
func (k call) unusable(cause error) *Error {
	kind := Unavailable
	if k.write {
		kind = Unknown
	}
	return &Error{Kind: kind, Method: k.method, cause: cause}
}

// lost is the failure of a call that got no complete answer.
func (k call) lost(err error, provenUnsent bool) *Error {
	failure := k.unusable(describeWire(err))
	if provenUnsent {
		failure.Kind = NotSent
	}
	failure.passing = true
	return failure
}
