package handlers

import (
	"net/http"
	"net/url"
	"strings"
)

// underBase takes the path under which the console is served off every address, so that the rest of this package knows
// only its own. What is not below it does not exist here, but for the health checks: those ask the machine itself.
func (a *App) underBase(next http.Handler) http.Handler {
	base := a.BaseURL.Path
	if base == "" {
		return next
	}
	outside := a.open(func(http.ResponseWriter, *http.Request) error { return errNoPage })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		visitOf(r).base = base
		switch {
		case r.URL.Path == base:
			w.Header().Set("Cache-Control", "no-store")
			_ = redirect(w, r, "/")
		case strings.HasPrefix(r.URL.Path, base+"/") && (r.URL.RawPath == "" || strings.HasPrefix(r.URL.RawPath, base+"/")):
			next.ServeHTTP(w, shortened(r, base))
		case r.URL.Path == "/healthz" || r.URL.Path == "/readyz":
			next.ServeHTTP(w, r)
		default:
			outside(w, r)
		}
	})
}

// shortened is a request whose address begins after base.
func shortened(r *http.Request, base string) *http.Request {
	shorter := new(http.Request)
	*shorter = *r
	shorter.URL = new(url.URL)
	*shorter.URL = *r.URL
	shorter.URL.Path = strings.TrimPrefix(r.URL.Path, base)
	shorter.URL.RawPath = strings.TrimPrefix(r.URL.RawPath, base)
	return shorter
}
