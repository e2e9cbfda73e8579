package static

import (
	"net/http"
	"strconv"
	"strings"
)

// immutable lets browsers and proxies keep a file for a year without asking again.
const immutable = "public, max-age=31536000, immutable"

// Handler serves the assets under Prefix, to GET and HEAD. An address with the hash of today's content may
// be kept for good. One without a hash, or with an older one from a page that was open during an upgrade,
// answers today's content and is not to be kept.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, ok := strings.CutPrefix(r.URL.Path, Prefix)
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "Only GET and HEAD are answered here.", http.StatusMethodNotAllowed)
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

// find answers an asset by its hashed name, or else by its plain one or by an outdated hashed one.
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

// withoutHash takes the part between the last two dots away: "app.0a1b2c.css" becomes "app.css".
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
	if acceptsGzip(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		body = a.gzipped
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	// The client may have gone; there is nobody left to tell.
	_, _ = w.Write(body)
}

// acceptsGzip says whether a browser takes gzip. A weight of zero is a refusal.
func acceptsGzip(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		coding, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			q, found := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
			weight, err := strconv.ParseFloat(q, 64)
			return !found || (err == nil && weight > 0)
		}
	}
	return false
}
