package handlers

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/testkit/golden"
)

// TestRoutesAreAsPinned compares the router with the golden file: every route, the permission that it asks for, and
// how it responds to each dashboard role. Both are what the server does, not what a table says. Of a route that takes
// any of several permissions, the first is listed.
func TestRoutesAreAsPinned(t *testing.T) {
	t.Parallel()
	roles := []string{anonymous, guest}
	for _, role := range policy.DashboardRoles() {
		roles = append(roles, string(role))
	}
	var lines []string
	for _, route := range newSite(t).routes() {
		asks, answers := "public", []string{}
		for _, role := range roles {
			answer, permission := guardAnswer(t, route, role)
			answers = append(answers, cmp.Or(role, "nobody")+" "+answer)
			switch {
			case permission != "":
				asks = permission
			case answer == "sign-in" && asks == "public":
				asks = "signed-in"
			}
		}
		lines = append(lines, route+" | "+asks+" | "+strings.Join(answers, ", ")+"\n")
	}
	slices.Sort(lines)
	golden.Equal(t, "testdata/routes.txt", strings.Join(lines, ""))
}

// guardAnswer requests a route with a dashboard role. It returns whether the guard allowed it, and the permission that
// a refusal names.
func guardAnswer(t *testing.T, route, role string) (answer, permission string) {
	t.Helper()
	s := newSite(t)
	got := s.do(role, routeRequest(route))
	toSignIn := got.Code == http.StatusSeeOther && strings.HasPrefix(got.Header().Get("Location"), "/sign-in")
	for _, notice := range s.auditLog.notices {
		if denied, ok := notice.(audit.Denied); ok {
			permission = denied.Permission
		}
	}
	switch {
	case got.Code == http.StatusForbidden:
		return "refused", permission
	case got.Code == http.StatusUnauthorized || toSignIn:
		return "sign-in", permission
	case got.Code >= http.StatusInternalServerError:
		t.Errorf("%s as %q: status %d: %.300s", route, role, got.Code, got.text())
	}
	return "allowed", permission
}
