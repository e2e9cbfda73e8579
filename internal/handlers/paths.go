package handlers

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/voxwarden/voxwarden/internal/audit"
)

// maxReturnPath is the length of the longest path to return to.
const maxReturnPath = 2000

// localPath returns a path of this console, and "/" for anything else. Browsers take several slashes or a backslash at
// the start, also encoded, for another host, and dots for a way out of the base path to another service.
func localPath(path string) string {
	if len(path) > maxReturnPath || !strings.HasPrefix(path, "/") {
		return "/"
	}
	u, err := url.Parse(path)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" {
		return "/"
	}
	if !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || hasDotSegment(u.Path) ||
		strings.ContainsFunc(u.Path, unsafeInPath) ||
		strings.ContainsFunc(u.RawQuery, unsafeInPath) {
		return "/"
	}
	u.Fragment, u.RawFragment = "", ""
	return u.String()
}

// unsafeInPath reports whether a character never occurs in a URL of this console.
func unsafeInPath(c rune) bool { return c == '\\' || c < ' ' || c == 0x7f }

// hasDotSegment reports whether a path contains a segment "." or "..".
func hasDotSegment(path string) bool {
	for part := range strings.SplitSeq(path, "/") {
		if part == "." || part == ".." {
			return true
		}
	}
	return false
}

// pathID reads the vendor's id from the path. Whatever is not one is a page that does not exist.
func pathID(r *http.Request) (int64, error) {
	id, ok := parseID(chi.URLParam(r, "id"))
	if !ok {
		return 0, errPageNotFound
	}
	return id, nil
}

// operationIDLength is the length of an operation id.
const operationIDLength = 26

// pathOperationID returns the operation id in the path.
func pathOperationID(r *http.Request) (string, error) {
	id := chi.URLParam(r, "operation")
	if !isOperationID(id) {
		return "", audit.ErrNotFound
	}
	return id, nil
}

// isOperationID reports whether a text has the form of an operation id, which the id of a bulk change has too.
func isOperationID(id string) bool {
	return len(id) == operationIDLength && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz234567") == ""
}

// operationPath returns the path of an operation's page.
func operationPath(id string) string { return "/audit/" + url.PathEscape(id) }

// signedInPath is the page of a tab that was opened only to sign in again.
const signedInPath = "/sign-in/done"

// returnPath returns the path to go to after signing in. The sign-in pages would lead in a circle.
func returnPath(back string) string {
	back = localPath(back)
	if path, _, _ := strings.Cut(back, "?"); path == "/sign-in" || path == callbackPath {
		return "/"
	}
	return back
}

// callbackPath is the redirect URI of the provider.
const callbackPath = "/sign-in/callback"

// reauthenticatePath returns the path of a sign-in that authenticates again and comes back.
func reauthenticatePath(back string) string {
	return "/sign-in?again=1&return=" + url.QueryEscape(back)
}

// signInPath returns the path of the sign-in that comes back to the requested page.
func signInPath(r *http.Request) string {
	back := localPath(r.URL.RequestURI())
	if back == "/" {
		return "/sign-in"
	}
	return "/sign-in?return=" + url.QueryEscape(back)
}
