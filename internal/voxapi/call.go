package voxapi

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// call is one method with its parameters, for one account.
type call struct {
	method  string
	write   bool
	account int64
	params  *params
}

// read calls a method that changes nothing.
func (r *Reader) read(ctx context.Context, account int64, method string, p *params, decode func(envelope) error) error {
	return r.client.do(ctx, call{method: method, account: account, params: p}, decode)
}

// readList calls a method that returns a list.
func readList[W, T any](
	ctx context.Context, r *Reader, account int64, method string, p *params, convert func(W) (T, error),
) ([]T, error) {
	var rows []T
	err := r.read(ctx, account, method, p, func(a envelope) (err error) {
		rows, err = decodeList(a.result(), convert)
		return err
	})
	return rows, err
}

// write calls a method that changes something.
func (w *Writer) write(
	ctx context.Context,
	account int64,
	method string,
	p *params,
	decode func(envelope) error,
) error {
	return w.client.do(ctx, call{method: method, write: true, account: account, params: p}, decode)
}

// do sends a call, repeats it where that is allowed, and decodes the result. A write is repeated only after the vendor
// refused its token, and only once.
func (c *Client) do(ctx context.Context, k call, decode func(envelope) error) error {
	if err := k.check(); err != nil {
		return k.notSent(err)
	}
	tokenRenewed := false
	tries := 0
	for attempt := 1; ; attempt++ {
		failure := c.attempt(ctx, k, attempt, decode)
		if failure == nil {
			return nil
		}
		if failure.tokenRefused() && !tokenRenewed {
			tokenRenewed = true
			continue
		}
		tries++
		if k.write || !failure.transient || tries == maxReadAttempts || !waitForRetry(ctx, tries, failure.RetryAfter) {
			return failure
		}
	}
}

// check validates the arguments before anything is sent.
func (k call) check() error {
	if k.account <= 0 {
		return errors.New("the account must be a positive number")
	}
	return k.params.err
}

// attempt sends the call once.
func (c *Client) attempt(ctx context.Context, k call, number int, decode func(envelope) error) *Error {
	if err := c.rateLimiter.wait(ctx); err != nil {
		failure := k.notSent(rateLimitWaitError(ctx))
		c.report(ctx, CallInfo{
			Method:  k.method,
			Write:   k.write,
			Attempt: number,
			Outcome: outcome(failure),
			Cause:   cause(failure),
			Failure: failureLabel(failure),
		})
		return failure
	}
	sentAt := c.options.Now()
	r, failure := c.send(ctx, k, sentAt, decode)
	info := CallInfo{
		Method:   k.method,
		Write:    k.write,
		Attempt:  number,
		Duration: c.options.Now().Sub(sentAt),
		Outcome:  outcome(failure),
		Cause:    cause(failure),
		Failure:  failureLabel(failure),
		Status:   r.status,
		Date:     r.date(),
		Received: r.received,
	}
	if failure != nil {
		info.Code = failure.Code
	}
	c.report(ctx, info)
	return failure
}

// send signs, sends and classifies one request. The token is signed after the wait for the rate limit, so that the wait
// does not use up its short lifetime.
func (c *Client) send(
	ctx context.Context,
	k call,
	sentAt time.Time,
	decode func(envelope) error,
) (rawResponse, *Error) {
	t, err := c.signer.token(k.account, k.write)
	if err != nil {
		return rawResponse{}, k.notSent(err)
	}
	r, failure := c.exchange(ctx, k, t)
	if failure == nil {
		failure = k.classify(r, decode, t.text)
	}
	c.applyFeedback(r, t, sentAt, failure)
	if failure != nil {
		failure.TokenExpires = t.expires
	}
	return r, failure
}

// applyFeedback adapts the rate limit and the clock to the response to a request that was sent at sentAt.
func (c *Client) applyFeedback(r rawResponse, t token, sentAt time.Time, failure *Error) {
	switch {
	case failure == nil:
		c.rateLimiter.onSuccess()
	case InfoOf(failure.Code).IsRateLimit() || failure.Status == http.StatusTooManyRequests:
		c.rateLimiter.onRateLimited(sentAt)
	case failure.tokenRefused():
		c.signer.tokenRefused(failure.Code, t, r.date(), r.received)
	}
}

// tokenRefused reports whether the vendor rejected the token's times, and so did not read the call.
func (e *Error) tokenRefused() bool {
	return e.Kind == Refused && InfoOf(e.Code).RetryWithNewToken
}

// rateLimitWaitError returns why the wait for the rate limit ended. The limiter gives up at once if the deadline would
// pass first, with an error that has no type.
func rateLimitWaitError(ctx context.Context) error {
	if ctx.Err() != nil {
		return newTransportError(ctx.Err())
	}
	return &transportError{
		connectProblem: connectProblem{failure: "rate_limit"},

		message:   "too many calls are waiting for the rate limit",
		sentinels: []error{context.DeadlineExceeded},
	}
}
