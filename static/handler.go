package static

import (
	"net/http"
	"strconv"
	"strings"
)

// immutable lets browsers and proxies cache a file for a year without revalidation.
const immutable = "public, max-age=31536000, immutable"

// Handler serves the assets under Prefix for GET and HEAD. Only an address with the hash of the current content may be
// cached without revalidation. An address without a hash, or with an old hash from a page that was open during an
// upgrade, returns the current content.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, ok := strings.CutPrefix(r.URL.Path, Prefix)
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "Only GET and HEAD are allowed.", http.StatusMethodNotAllowed)
			return
		}
		a, current, found := find(name)
		if !ok || !found {
			http.NotFound(w, r)
			return
		}
		serve(w, r, a, current)
	})
}

// find returns an asset by its name with the current hash, without a hash, or with an old hash. current reports whether
// name has the current hash.
func find(name string) (a asset, current, found bool) {
	if a, ok := assets().byHashed[name]; ok {
		return a, true, true
	}
	if a, ok := assets().byName[name]; ok {
		return a, false, true
	}
	a, ok := assets().byName[withoutHash(name)]
	return a, false, ok
}

// withoutHash removes the part between the last two dots: "app.0a1b2c.css" becomes "app.css".
func withoutHash(name string) string {
	end := strings.LastIndexByte(name, '.')
	if end < 0 {
		return name
	}
	start := strings.LastIndexByte(name[:end], '.')
	if start < 0 {
		return name
	}
	return name[:start] + name[end:]
}

func serve(w http.ResponseWriter, r *http.Request, a asset, current bool) {
	h := w.Header()
	h.Set("Content-Type", a.contentType)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	if current {
		h.Set("Cache-Control", immutable)
	}
	body := a.plain
	if AcceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body = a.gzipped
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	// An error means that the client has disconnected.
	_, _ = w.Write(body)
}

// AcceptsGzip reports whether a request accepts gzip in Accept-Encoding, by name or with "*" (RFC 9110, 12.5.3). A
// weight for the name takes precedence over one for "*".
func AcceptsGzip(r *http.Request) bool {
	wildcard := false
	for part := range strings.SplitSeq(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		coding, weight, _ := strings.Cut(part, ";")
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip":
			return isPositive(weight)
		case "*":
			wildcard = isPositive(weight)
		}
	}
	return wildcard
}

// isPositive reports whether a weight such as "q=0.5" is above zero. No weight means 1.
func isPositive(weight string) bool {
	weight = strings.ToLower(strings.TrimSpace(weight))
	if weight == "" {
		return true
	}
	number, found := strings.CutPrefix(weight, "q=")
	q, err := strconv.ParseFloat(number, 64)
	return found && err == nil && q > 0
}
