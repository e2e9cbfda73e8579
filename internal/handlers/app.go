// Package handlers answers the browser. routes.go is the whole site on one screen; each page and each act has a
// file of its own, which reads in the order permission, path id, form, call, outcome. What a handler needs of the
// rest of the program is an interface beside it. Handlers return errors; errors.go alone turns those into pages.
package handlers

import (
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/session"
)

// Directory is what all handlers together need to know of the account; each declares its part beside itself.
type Directory interface {
	overviewDirectory
	subuserLister
	subuserShower
	selectedSubusers
	keyLister
	keyShower
	rolesLister
	roleShower
	refresher
}

// Operations are the acts that all handlers together can start.
type Operations interface {
	subuserCreator
	subuserEditor
	subuserRolesChanger
	subuserPasswordChanger
	subuserReissuer
	subuserDeleter
	keyCreator
	keyEditor
	keyRolesChanger
	keyDeleter
	operationShower
	operationSettler
	privilegedTeller
}

// Record is what all handlers together read of the record.
type Record interface {
	operationLister
	readiness
}

// Sessions remembers who signed in, and what to tell them on the next page.
type Sessions interface {
	readiness
	Operator(r *http.Request) (operator.Operator, error)
	Hash(r *http.Request) string
	SignIn(w http.ResponseWriter, r *http.Request, o operator.Operator) error
	SignOut(w http.ResponseWriter, r *http.Request) error
	SetFlash(w http.ResponseWriter, r *http.Request, f session.Flash) error
	TakeFlash(w http.ResponseWriter, r *http.Request) (*session.Flash, error)
}

// Identity says who makes a request, given who its session belongs to.
type Identity interface {
	Operator(r *http.Request, remembered operator.Operator) operator.Operator
}

// Demo offers people to be, on the sign-in page of a demo.
type Demo interface {
	Roles() []string
	SignIn(role string) (operator.Operator, bool)
}

// Options are the console's parts and settings. All parts are required.
type Options struct {
	Directory  Directory
	Operations Operations
	Runs       Runs
	Record     Record
	Policy     *policy.Policy
	Sessions   Sessions
	Identity   Identity
	Demo       Demo
	Vendor     func() VendorStatus // how the vendor last answered
	Static     http.Handler        // serves /static/
	Logger     *slog.Logger

	Account         int64
	KeyID           func() string // of the service-account key that the console runs on, as it is now
	Environment     string        // a word shown beside the account, such as "Demo"; may be empty
	Version         string        // of the console
	BaseURL         *url.URL      // how browsers reach the console
	APIURL          string        // of the Management API, for showing forms as code
	PanelLoginURL   string        // where subusers sign in; may be empty
	PrivilegedRoles []string      // as configured; the overview shows who holds them
	RequireReason   bool
	SettleAfter     time.Duration // how long after a token's end an unanswered change may still happen

	Now func() time.Time // nil means time.Now
}

// App is the console's web side.
type App struct {
	Options
	crossOrigin *http.CrossOriginProtection
	fallback    []byte // the page of an error whose page cannot be drawn
}

// New makes the console's handler. It fails when BaseURL cannot be an origin, or when the error page cannot be drawn.
func New(o Options) (http.Handler, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	a := &App{Options: o, crossOrigin: http.NewCrossOriginProtection()}
	if err := a.crossOrigin.AddTrustedOrigin(o.BaseURL.Scheme + "://" + o.BaseURL.Host); err != nil {
		return nil, err
	}
	if err := a.drawFallback(); err != nil {
		return nil, err
	}
	return a.routes(), nil
}
