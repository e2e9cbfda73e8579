package handlers

import (
	"net/http"
	"net/url"
	"strings"
)

// stripBasePath takes the path under which the console is served off every address, so that the rest of this package
// knows only its own. What is not below it does not exist here, but for the health checks: those ask the machine
// itself.
func (a *App) stripBasePath(next http.Handler) http.Handler {
	base := a.BaseURL.Path
	if base == "" {
		return next
	}
	notFound := a.public(func(http.ResponseWriter, *http.Request) error { return errPageNotFound })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		stateOf(r).basePath = base
		switch {
		case r.URL.Path == base:
			w.Header().Set("Cache-Control", "no-store")
			_ = redirect(w, r, "/")
		case strings.HasPrefix(r.URL.Path, base+"/") && (r.URL.RawPath == "" || strings.HasPrefix(r.URL.RawPath, base+"/")):
			next.ServeHTTP(w, withoutBasePath(r, base))
		case r.URL.Path == "/healthz" || r.URL.Path == "/readyz":
			next.ServeHTTP(w, r)
		default:
			notFound(w, r)
		}
	})
}

// withoutBasePath is a request whose address begins after base.
func withoutBasePath(r *http.Request, base string) *http.Request {
	clone := new(http.Request)
	*clone = *r
	clone.URL = new(url.URL)
	*clone.URL = *r.URL
	clone.URL.Path = strings.TrimPrefix(r.URL.Path, base)
	clone.URL.RawPath = strings.TrimPrefix(r.URL.RawPath, base)
	return clone
}
