package handlers

import (
	"net/http"
	"time"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// fakeProvider is a sign-in service that browsers are sent to.
type fakeProvider struct {
	back  string
	again bool
	who   operator.Operator
	err   error
	out   string
}

func (f *fakeProvider) Begin(_ http.ResponseWriter, _ *http.Request, back string, again bool) (string, error) {
	f.back, f.again = back, again
	return "https://idp.example/authorize?state=x", f.err
}

func (f *fakeProvider) Finish(http.ResponseWriter, *http.Request) (operator.Operator, string, error) {
	return f.who, f.back, f.err
}

func (f *fakeProvider) SignOutAddress(*http.Request) string { return f.out }

// withProvider makes a site one that sends browsers to a sign-in service.
func withProvider(p *fakeProvider) func(*Options) {
	return func(o *Options) { o.Demo, o.Provider = nil, p }
}

// behindProxy makes a site one whose people a proxy proves.
func behindProxy(o *Options) { o.Demo, o.ProxySignOutURL = nil, "https://proxy.example/sign-out" }

// identified answers the same to every question of who is asking.
type identified struct {
	who operator.Operator
	err error
}

func (i identified) Identify(http.ResponseWriter, *http.Request) (operator.Operator, error) {
	return i.who, i.err
}

// by makes everybody this operator.
func by(who operator.Operator, err error) func(*Options) {
	return func(o *Options) { o.Identity = identified{who: who, err: err} }
}

// proven is an admin whom a sign-in service has proven so long ago.
func proven(ago time.Duration) operator.Operator {
	o := person("admin")
	o.Method, o.Issuer, o.ProvenAt, o.GroupsAt = operator.OIDC, "https://idp.example", noon.Add(-ago), noon
	return o
}
