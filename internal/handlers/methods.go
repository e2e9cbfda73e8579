package handlers

import (
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"
)

// serveGetAndPost lets only requests through that a person made with a browser: GET, and POST with a form. Every page
// identifies the operator, which can begin a session or ask the provider, and shows the message of the last change
// once. The callback of the provider begins a session, and exports are written to the audit log. A method that is safe
// by definition must do none of that, nor must a browser that loads a page in advance. So HEAD is served where a route
// is registered for it: the health checks and the static files.
func (a *App) serveGetAndPost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		allowed := allowedMethods(r)
		switch {
		case !hasServedMethod(r) && allowed == "":
			refuseInert(w, http.StatusNotFound)
		case !hasServedMethod(r) && !isRouted(r, r.Method):
			w.Header().Set("Allow", allowed)
			refuseInert(w, http.StatusMethodNotAllowed)
		case isPrefetch(r) && !strings.HasPrefix(r.URL.Path, "/static/"):
			refuseInert(w, http.StatusForbidden)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// refuseInert writes a response for a program. A page would need the operator and the session.
func refuseInert(w http.ResponseWriter, status int) {
	writePlainText(w, status, http.StatusText(status))
}

// hasServedMethod reports whether pages are served with the method of the request.
func hasServedMethod(r *http.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodPost
}

// isPrefetch reports whether a browser requests a page that the person has not opened: Sec-Purpose is "prefetch" or
// "prefetch;prerender" (https://fetch.spec.whatwg.org/#sec-purpose-header). The others are its predecessors in Chrome,
// Safari and Firefox.
func isPrefetch(r *http.Request) bool {
	for _, name := range []string{"sec-purpose", "purpose", "x-purpose", "x-moz"} {
		value := strings.ToLower(strings.Join(r.Header.Values(name), ","))
		if strings.Contains(value, "prefetch") || strings.Contains(value, "prerender") || strings.Contains(value, "preview") {
			return true
		}
	}
	return false
}

// isRouted reports whether a route serves the path with a method.
func isRouted(r *http.Request, method string) bool {
	return chi.RouteContext(r.Context()).Routes.Match(chi.NewRouteContext(), method, r.URL.Path)
}

// allowedMethods returns the methods that a path supports, as the header Allow lists them.
func allowedMethods(r *http.Request) string {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
		if isRouted(r, method) {
			allowed = append(allowed, method)
		}
	}
	return strings.Join(allowed, ", ")
}

// methodNotAllowed is the error page for a form or a page at an address that has none.
func (a *App) methodNotAllowed(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Allow", allowedMethods(r))
	return errMethodNotAllowed
}
