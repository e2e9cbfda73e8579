package handlers

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/voxwarden/voxwarden/internal/audit"
)

// maxReturnPath is the length of the longest path that a page is sent back to.
const maxReturnPath = 2000

// localPath answers path if it leads to a page of ours, else the front page. Browsers take more than one slash or a
// backslash at the front, in the open or encoded, for the beginning of another host, and dots for a way up: out of the
// path under which the console is served, to a neighbour.
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

// unsafeInPath says whether a character has no place in the address of a page of ours.
func unsafeInPath(c rune) bool { return c == '\\' || c < ' ' || c == 0x7f }

// hasDotSegment says whether a path has a part that is nothing but dots.
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

// operationIDLength is how many characters an operation's id has.
const operationIDLength = 26

// pathOperationID reads an operation's id from the path.
func pathOperationID(r *http.Request) (string, error) {
	id := chi.URLParam(r, "operation")
	if !isOperationID(id) {
		return "", audit.ErrNotFound
	}
	return id, nil
}

// isOperationID says whether a text can be the id of an operation, or of a run.
func isOperationID(id string) bool {
	return len(id) == operationIDLength && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz234567") == ""
}

// operationPath returns the path of an operation's page.
func operationPath(id string) string { return "/audit/" + url.PathEscape(id) }

// signedInPath is the page for a tab in which somebody signed in for the sake of another one.
const signedInPath = "/sign-in/done"

// returnPath is the page to go to after signing in. The sign-in itself would lead round in circles.
func returnPath(back string) string {
	back = localPath(back)
	if path, _, _ := strings.Cut(back, "?"); path == "/sign-in" || path == callbackPath {
		return "/"
	}
	return back
}

// callbackPath is where the sign-in service sends a browser back to.
const callbackPath = "/sign-in/callback"

// reauthenticatePath is the sign-in that asks anew who somebody is, and comes back to a page.
func reauthenticatePath(back string) string {
	return "/sign-in?again=1&return=" + url.QueryEscape(back)
}

// signInPath is the sign-in page that comes back to the page that was asked for.
func signInPath(r *http.Request) string {
	back := localPath(r.URL.RequestURI())
	if back == "/" {
		return "/sign-in"
	}
	return "/sign-in?return=" + url.QueryEscape(back)
}
