package handlers

import (
	"net/http"
	"time"

	"github.com/go-chi/httprate"
)

// rateLimits are how much one operator, and one address, may ask of the console. They are far above what people do, and
// below what a program does that got hold of somebody's session.
type rateLimits struct{ signIns, sessions, writes, exports rateLimit }

// rateLimitWindow is the time that the numbers below are for.
const rateLimitWindow = time.Minute

func newRateLimits() rateLimits {
	return rateLimits{
		signIns:  newRateLimit(0, 60),
		sessions: newRateLimit(60, 600),
		writes:   newRateLimit(120, 600),
		exports:  newRateLimit(20, 60),
	}
}

// rateLimit is how many requests of one kind an operator and an address have in a window. Everybody may come from one
// address, when there is a proxy that is not listed as ours, so that an address has more.
type rateLimit struct {
	perOperator *httprate.RateLimiter // nil when it is not known yet who is asking
	perAddress  *httprate.RateLimiter
}

func newRateLimit(operator, address int) rateLimit {
	headers := httprate.WithResponseHeaders(httprate.ResponseHeaders{RetryAfter: "Retry-After"})
	a := rateLimit{perAddress: httprate.NewRateLimiter(address, rateLimitWindow, headers)}
	if operator > 0 {
		a.perOperator = httprate.NewRateLimiter(operator, rateLimitWindow, headers)
	}
	return a
}

// tooManyRequestsError is the error of somebody who has used up an allowance.
type tooManyRequestsError struct{}

func (*tooManyRequestsError) Error() string { return "too many requests" }

// consume takes one from what the request's operator and address have left. It fails with tooMany.
//
// What strangers ask for does not count against those who are signed in at the same address: it may be everybody's,
// and taking somebody's access away must not wait for a stranger's haste. An IPv6 address counts as its network,
// since whoever has one has all of that.
func (a rateLimit) consume(w http.ResponseWriter, r *http.Request) error {
	o, address := stateOf(r).operator, httprate.CanonicalizeIP(ClientAddress(r))
	if !o.Authenticated() {
		address = "stranger:" + address
	}
	if a.perAddress.OnLimit(
		w,
		r,
		address,
	) || a.perOperator != nil && o.Authenticated() && a.perOperator.OnLimit(w, r, o.ID()) {
		return &tooManyRequestsError{}
	}
	return nil
}

// rateLimited lets a request through as long as there is something left of an allowance.
func (a *App) rateLimited(h handler, limit rateLimit) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := limit.consume(w, r); err != nil {
			return err
		}
		return h(w, r)
	}
}
