package main

import (
	"bytes"
	"net/http"

	"github.com/a-h/templ"

	"github.com/voxwarden/voxwarden/static"
	"github.com/voxwarden/voxwarden/views/gallery"
)

// contentSecurityPolicy is the policy of the console, so that the gallery's tests notice a page that violates it.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
	"connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// handler returns a handler for the index, the states, the search over each page and the assets.
func handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle(static.Prefix, static.Handler())
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		render(w, r, gallery.Index())
	})
	mux.HandleFunc("GET "+gallery.StatePrefix+"{key}", func(w http.ResponseWriter, r *http.Request) {
		state, found := gallery.Find(r.PathValue("key"))
		if !found {
			http.NotFound(w, r)
			return
		}
		render(w, r, state.Component)
	})
	// The search that opens over each page finds the state of the search page that is typed, such as "no-match".
	mux.HandleFunc("GET /search", func(w http.ResponseWriter, r *http.Request) {
		state, found := gallery.Find("search.search." + r.FormValue("q"))
		if !found {
			state, _ = gallery.Find("search.search.results")
		}
		render(w, r, state.Component)
	})
	return mux
}

// render writes a page after it was rendered completely.
func render(w http.ResponseWriter, r *http.Request, page templ.Component) {
	var body bytes.Buffer
	if err := page.Render(r.Context(), &body); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", contentSecurityPolicy)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(body.Bytes()) // fails only if the browser has disconnected
}
