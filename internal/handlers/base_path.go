package handlers

import (
	"net/http"
	"net/url"
	"strings"
)

// stripBasePath removes the path under which the console is served, so that the rest of this package does not need to
// know it. Paths outside of it do not exist, except the health checks, which reach the machine directly.
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
		case !hasServedMethod(r) || isPrefetch(r): // see serveGetAndPost
			refuseInert(w, http.StatusNotFound)
		default:
			notFound(w, r)
		}
	})
}

// withoutBasePath returns the request with a path relative to base.
func withoutBasePath(r *http.Request, base string) *http.Request {
	clone := new(http.Request)
	*clone = *r
	clone.URL = new(url.URL)
	*clone.URL = *r.URL
	clone.URL.Path = strings.TrimPrefix(r.URL.Path, base)
	clone.URL.RawPath = strings.TrimPrefix(r.URL.RawPath, base)
	return clone
}
