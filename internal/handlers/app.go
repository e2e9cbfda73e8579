// Package handlers answers the browser. routes.go is the whole site on one screen; each page and each act has a
// file of its own, which reads in the order permission, path id, form, call, outcome. What a handler needs of the
// rest of the program is an interface beside it. Handlers return errors; errors.go alone turns those into pages.
package handlers

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/session"
)

// Directory is what all handlers together need to know of the account; each declares its part beside itself.
type Directory interface {
	overviewDirectory
	principalFinder
	selectionReader
	roleReader
	refresher
}

// Operations are the acts that all handlers together can start.
type Operations interface {
	principalEditor
	rolesChanger
	principalDeleter
	subuserCreator
	subuserPasswordChanger
	subuserReissuer
	keyCreator
	operationViewer
	operationResolver
	privilegedRolesReader
}

// AuditLog is what all handlers together read of the record.
type AuditLog interface {
	operationLister
	auditSearcher
	auditStreamer
	readinessChecker
	noticeWriter
}

// Drift is what all handlers together need of what was changed outside the console.
type Drift interface {
	driftLister
	driftAccepter
}

// Sessions remembers who signed in, and what to tell them on the next page.
type Sessions interface {
	readinessChecker
	sessionLister
	Hash(r *http.Request) string
	FormToken(r *http.Request) string
	CheckFormToken(r *http.Request, token string) bool
	SignIn(w http.ResponseWriter, r *http.Request, o operator.Operator, p session.Tokens) error
	SignOut(w http.ResponseWriter, r *http.Request) error
	SetFlash(r *http.Request, f session.Flash) error
	TakeFlash(r *http.Request) (*session.Flash, error)
}

// Identity says who makes a request, the zero Operator for nobody, and keeps the session in step with that. It fails
// with identity.Refused, with identity.ErrUnavailable, or when the sessions cannot be used.
type Identity interface {
	Identify(w http.ResponseWriter, r *http.Request) (operator.Operator, error)
}

// Demo offers people to be, on the sign-in page of a demo.
type Demo interface {
	Roles() []string
	SignIn(role string) (operator.Operator, bool)
}

// Provider is a sign-in service to which browsers are sent.
type Provider interface {
	// Begin answers where to send the browser. again wants the person to be asked anew, whoever they were.
	Begin(w http.ResponseWriter, r *http.Request, back string, again bool) (address string, err error)
	// Finish begins the session of a browser that came back, and answers the path that Begin was given.
	Finish(w http.ResponseWriter, r *http.Request) (o operator.Operator, back string, err error)
	// SignOutURL is where the service's own session can be ended, "" when it offers no such thing.
	SignOutURL(r *http.Request) string
}

// Options are the console's parts and settings. All parts are required but those that say otherwise. Without Demo and
// Provider, a proxy in front of the console says who is asking.
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
	Provider   Provider            // nil unless browsers are sent to a sign-in service
	Vendor     func() VendorStatus // how the vendor last answered
	// brings what pages show up to what other processes have done; nil when there are none
	CatchUp func(context.Context)
	Static  http.Handler // serves /static/
	Logger  *slog.Logger
	// is told of every request; nil when nobody counts
	Measure func(method, route string, status int, took time.Duration)

	Account         int64
	ConsoleKeyID    func() string  // of the service-account key that the console runs on, as it is now
	Environment     string         // a word shown beside the account, such as "Demo"; may be empty
	Version         string         // of the console
	BaseURL         *url.URL       // how browsers reach the console; its path is where the console begins
	APIURL          string         // of the Management API, for showing forms as code
	PanelLoginURL   string         // where subusers sign in; may be empty
	ProxySignOutURL string         // where people sign out who come through a proxy; may be empty
	TrustedProxies  []netip.Prefix // whose X-Forwarded-For is believed
	PrivilegedRoles []string       // as configured; the overview shows who holds them
	RequireReason   bool
	Tickets         config.Tickets // what in a reason is a link
	ReconcileAfter  time.Duration  // how long after a token's end an unanswered change may still happen

	Now func() time.Time // nil means time.Now
}

// App is the console's web side.
type App struct {
	Options
	crossOrigin      *http.CrossOriginProtection
	rateLimits       rateLimits
	concurrencyLimit *concurrencyLimit
	fallback         []byte // the page of an error whose page cannot be drawn
}

// New makes the console's handler. It fails when BaseURL cannot be an origin, or when the error page cannot be drawn.
func New(o Options) (http.Handler, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	a := &App{
		Options:          o,
		crossOrigin:      http.NewCrossOriginProtection(),
		rateLimits:       newRateLimits(),
		concurrencyLimit: newConcurrencyLimit(),
	}
	if err := a.crossOrigin.AddTrustedOrigin(o.BaseURL.Scheme + "://" + o.BaseURL.Host); err != nil {
		return nil, err
	}
	if err := a.renderFallback(); err != nil {
		return nil, err
	}
	return a.routes(), nil
}
