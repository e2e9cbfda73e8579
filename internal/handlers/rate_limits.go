package handlers

import (
	"net/http"
	"time"

	"github.com/go-chi/httprate"

	"github.com/voxwarden/voxwarden/internal/audit"
)

// rateLimits limit the requests of one operator and of one address. They are far above what people do, and below what a
// program with a stolen session does.
type rateLimits struct{ signIns, sessions, writes, exports rateLimit }

// rateLimitWindow is the period of the limits below.
const rateLimitWindow = time.Minute

func newRateLimits() rateLimits {
	return rateLimits{
		signIns:  newRateLimit(0, 60),
		sessions: newRateLimit(60, 600),
		writes:   newRateLimit(120, 600),
		exports:  newRateLimit(20, 60),
	}
}

// wideFactor is how many times as many requests a wide network may send as a narrow one, see audit.Networks.
const wideFactor = 10

// rateLimit limits one kind of requests. All operators may share one address behind a proxy that is not configured, so
// an address has a higher limit.
type rateLimit struct {
	perOperator *httprate.RateLimiter // nil before the operator is known
	perAddress  *httprate.RateLimiter // of a narrow network
	perNetwork  *httprate.RateLimiter // of a wide network, for requests without an operator
}

func newRateLimit(operator, address int) rateLimit {
	headers := httprate.WithResponseHeaders(httprate.ResponseHeaders{RetryAfter: "Retry-After"})
	a := rateLimit{
		perAddress: httprate.NewRateLimiter(address, rateLimitWindow, headers),
		perNetwork: httprate.NewRateLimiter(wideFactor*address, rateLimitWindow, headers),
	}
	if operator > 0 {
		a.perOperator = httprate.NewRateLimiter(operator, rateLimitWindow, headers)
	}
	return a
}

// tooManyRequestsError is the error of a request beyond a limit.
type tooManyRequestsError struct {
	atOnce bool // the limit is of requests at the same time, not of requests a minute
}

func (e *tooManyRequestsError) Error() string {
	if e.atOnce {
		return "too many requests at once"
	}
	return "too many requests"
}

// consume counts a request. It returns a *tooManyRequestsError beyond the limit of the operator or of the address.
//
// Requests without an operator do not count against operators at the same address: the address may be shared, and
// revoking access must not wait for a stranger. They also count against the wide network, since it may be one client's.
func (a rateLimit) consume(w http.ResponseWriter, r *http.Request) error {
	o := stateOf(r).operator
	narrow, wide := audit.Networks(ClientAddress(r))
	var limited bool
	if o.Authenticated() {
		limited = a.perAddress.OnLimit(w, r, narrow) || a.perOperator != nil && a.perOperator.OnLimit(w, r, o.ID())
	} else {
		limited = a.perNetwork.OnLimit(w, r, wide) || a.perAddress.OnLimit(w, r, "stranger:"+narrow)
	}
	if limited {
		return &tooManyRequestsError{}
	}
	return nil
}

// rateLimited calls the handler within a limit.
func (a *App) rateLimited(h handler, limit rateLimit) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := limit.consume(w, r); err != nil {
			return err
		}
		return h(w, r)
	}
}
