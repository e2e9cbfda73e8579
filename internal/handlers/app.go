// Package handlers is the HTTP side of the console. routes.go lists every route; each page and each action has a file
// of its own. Handlers check in the same order: path, form, call, outcome. Each file declares as an interface what it
// needs from the rest of the program. Handlers return errors, and only errors.go turns them into pages.
package handlers

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/session"
	"github.com/voxwarden/voxwarden/views/ui"
)

// Sessions are the sessions of operators, with one message each for the next page.
type Sessions interface {
	readinessChecker
	sessionLister
	Hash(r *http.Request) string
	NewestEvent(r *http.Request) int64
	FormToken(r *http.Request) string
	CheckFormToken(r *http.Request, token string) bool
	SignIn(w http.ResponseWriter, r *http.Request, o operator.Operator, p session.Tokens) error
	SignOut(w http.ResponseWriter, r *http.Request) error
	SetFlash(r *http.Request, f session.Flash) error
	TakeFlash(r *http.Request) (*session.Flash, error)
}

// Identity returns the operator of a request, the zero Operator when no one is signed in, and updates the session. It
// returns *identity.Refused, identity.ErrUnavailable, or the error of the session store.
type Identity interface {
	Identify(w http.ResponseWriter, r *http.Request) (operator.Operator, error)
}

// Demo signs visitors of a demo in without a password.
type Demo interface {
	Roles() []string
	SignIn(role string) (operator.Operator, bool)
}

// Provider is an OpenID Connect provider.
type Provider interface {
	// Begin returns the URL to send the browser to. again asks the provider to authenticate the person again.
	Begin(w http.ResponseWriter, r *http.Request, back string, again bool) (address string, err error)
	// Finish starts the session of a browser that came back, and returns the path that was given to Begin.
	Finish(w http.ResponseWriter, r *http.Request) (o operator.Operator, back string, err error)
	// SignOutURL returns the URL that ends the session at the provider, "" when there is none.
	SignOutURL(r *http.Request) string
}

// Options are the parts and settings of the console. All parts are required unless their comment says otherwise.
// Without Demo and Provider, a proxy in front of the console identifies the operator.
type Options struct {
	Directory  Directory
	Operations Operations
	Bulk       Bulk
	AuditLog   AuditLog
	Drift      Drift
	Policy     *policy.Policy
	Sessions   Sessions
	Identity   Identity
	Demo       Demo                // nil outside a demo
	Provider   Provider            // nil without OpenID Connect
	Vendor     func() VendorStatus // the newest call to the vendor
	// CatchUp reads what other replicas changed, before a page is shown. newest is the number of the newest event, 0
	// when it is not known. nil without other replicas.
	CatchUp func(ctx context.Context, newest int64)
	Static  http.Handler // serves /static/
	Logger  *slog.Logger
	// Measure is called after every request. nil without metrics.
	Measure func(method, route string, status int, took time.Duration)
	// Stopping reports whether the console is about to stop. nil means never.
	Stopping func() bool
	// AuditCopies returns the audit events without a copy in the log. nil means none.
	AuditCopies func() AuditCopies

	Account         int64
	ConsoleKeyID    func() string  // of the console key, which can be replaced while the server runs
	Environment     string         // shown beside the account, such as "Demo"; may be empty
	Version         string         // of the console
	BaseURL         *url.URL       // as browsers see it; may have a path
	APIURL          string         // of the Management API, for forms shown as code
	PanelLoginURL   string         // where subusers sign in; may be empty
	ProxySignOutURL string         // sign-out page behind a proxy; may be empty
	TrustedProxies  []netip.Prefix // their X-Forwarded-For is trusted
	PrivilegedRoles []string       // names, as configured
	RequireReason   bool
	Tickets         config.Tickets // patterns of tickets in reasons, which become links
	ReconcileAfter  time.Duration  // how long after its token expired an unanswered change may still apply

	// RequestTimeout is the time limit of a request, see limitTime. 0 means 20 seconds.
	RequestTimeout time.Duration

	Now func() time.Time // nil means time.Now
}

// App holds the handlers.
type App struct {
	Options
	crossOrigin       *http.CrossOriginProtection
	rateLimits        rateLimits
	concurrencyLimits concurrencyLimits
	memories          memories
	pageBuffers       sync.Pool // of *bytes.Buffer, see render
	drawnParts        ui.Drawn
	fallback          []byte // error page for an error while rendering an error page
}

// New returns the handler of the console. It fails when BaseURL is not an origin, or when the error page cannot be
// rendered.
func New(o Options) (http.Handler, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	o.RequestTimeout = cmp.Or(o.RequestTimeout, requestTimeout)
	a := &App{
		Options:           o,
		crossOrigin:       http.NewCrossOriginProtection(),
		rateLimits:        newRateLimits(),
		concurrencyLimits: newConcurrencyLimits(),
	}
	if err := a.crossOrigin.AddTrustedOrigin(o.BaseURL.Scheme + "://" + o.BaseURL.Host); err != nil {
		return nil, err
	}
	if err := a.renderFallback(); err != nil {
		return nil, err
	}
	return a.routes(), nil
}
