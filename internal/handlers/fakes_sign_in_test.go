package handlers

import (
	"net/http"
	"time"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// fakeProvider is an OpenID Connect provider.
type fakeProvider struct {
	returnPath     string
	reauthenticate bool
	operator       operator.Operator
	err            error
	signOutURL     string
}

func (f *fakeProvider) Begin(_ http.ResponseWriter, _ *http.Request, back string, again bool) (string, error) {
	f.returnPath, f.reauthenticate = back, again
	return "https://idp.example/authorize?state=x", f.err
}

func (f *fakeProvider) Finish(http.ResponseWriter, *http.Request) (operator.Operator, string, error) {
	return f.operator, f.returnPath, f.err
}

func (f *fakeProvider) SignOutURL(*http.Request) string { return f.signOutURL }

// withProvider sets up a site with a provider.
func withProvider(p *fakeProvider) func(*Options) {
	return func(o *Options) { o.Demo, o.Provider = nil, p }
}

// behindProxy sets up a site behind a proxy that identifies operators.
func behindProxy(o *Options) { o.Demo, o.ProxySignOutURL = nil, "https://proxy.example/sign-out" }

// fixedIdentity identifies every request as the same operator.
type fixedIdentity struct {
	operator operator.Operator
	err      error
}

func (i fixedIdentity) Identify(http.ResponseWriter, *http.Request) (operator.Operator, error) {
	return i.operator, i.err
}

// withIdentity sets up a site with a fixedIdentity.
func withIdentity(who operator.Operator, err error) func(*Options) {
	return func(o *Options) { o.Identity = fixedIdentity{operator: who, err: err} }
}

// providerAdmin is an admin who signed in at a provider this long ago.
func providerAdmin(ago time.Duration) operator.Operator {
	o := testOperator("admin")
	o.Method, o.Issuer, o.ProvenAt, o.GroupsAt = operator.OIDC, "https://idp.example", noon.Add(-ago), noon
	return o
}
