package handlers

import (
	"net/http"
	"time"

	"github.com/go-chi/httprate"
)

// limits are how much one operator, and one address, may ask of the console. They are far above what people do, and
// below what a program does that got hold of somebody's session.
type limits struct{ signIns, sessions, writes, exports allowance }

// window is the time that the numbers below are for.
const window = time.Minute

func newLimits() limits {
	return limits{
		signIns:  newAllowance(0, 60),
		sessions: newAllowance(60, 600),
		writes:   newAllowance(120, 600),
		exports:  newAllowance(20, 60),
	}
}

// allowance is how many requests of one kind an operator and an address have in a window. Everybody may come from one
// address, when there is a proxy that is not listed as ours, so that an address has more.
type allowance struct {
	perOperator *httprate.RateLimiter // nil when it is not known yet who is asking
	perAddress  *httprate.RateLimiter
}

func newAllowance(operator, address int) allowance {
	only := httprate.WithResponseHeaders(httprate.ResponseHeaders{RetryAfter: "Retry-After"})
	a := allowance{perAddress: httprate.NewRateLimiter(address, window, only)}
	if operator > 0 {
		a.perOperator = httprate.NewRateLimiter(operator, window, only)
	}
	return a
}

// tooMany is the error of somebody who has used up an allowance.
type tooMany struct{}

func (*tooMany) Error() string { return "too many requests" }

// spend takes one from what the request's operator and address have left. It fails with tooMany.
//
// What strangers ask for does not count against those who are signed in at the same address: it may be everybody's,
// and taking somebody's access away must not wait for a stranger's haste. An IPv6 address counts as its network,
// since whoever has one has all of that.
func (a allowance) spend(w http.ResponseWriter, r *http.Request) error {
	o, address := visitOf(r).operator, httprate.CanonicalizeIP(ClientAddress(r))
	if !o.Authenticated() {
		address = "stranger:" + address
	}
	if a.perAddress.OnLimit(w, r, address) || a.perOperator != nil && o.Authenticated() && a.perOperator.OnLimit(w, r, o.ID()) {
		return &tooMany{}
	}
	return nil
}

// limited lets a request through as long as there is something left of an allowance.
func (a *App) limited(h handler, from allowance) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := from.spend(w, r); err != nil {
			return err
		}
		return h(w, r)
	}
}
