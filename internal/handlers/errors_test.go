package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/store"
)

// secretText stands for internal details in the text of an unknown error.
const secretText = "dial tcp 10.0.0.7:5432 password=hunter2"

func TestErrorPages(t *testing.T) {
	t.Parallel()
	busy := &operations.Busy{
		Operation: audit.Operation{
			ID:     strings.Repeat("b", 26),
			Target: audit.Target{Name: "anna_novakova"},
			Actor:  audit.Actor{Name: "Ms editor"},
		},
	}
	for _, tc := range []struct {
		name   string
		err    error
		status int
		says   string
	}{
		{"unknown", errors.New(secretText), 500, "Something went wrong"},
		{"wrapped unknown", fmt.Errorf("reading: %w", errors.New(secretText)), 500, "Something went wrong"},
		{"denied", &policy.Denied{Permission: policy.Privileged}, 403, "You may not do this"},
		{"not in the account", fmt.Errorf("reading: %w", directory.ErrNotFound), 404, "not in the account"},
		{"no operation", audit.ErrNotFound, 404, "no such operation"},
		{
			"record away",
			errors.Join(operations.ErrAuditLogUnavailable, errors.New(secretText)),
			503,
			"The audit log cannot be written",
		},
		{
			"file gone",
			errors.Join(operations.ErrAuditLogUnavailable, fmt.Errorf("%w: %s", store.ErrFileGone, secretText)),
			503,
			"The database file was deleted or replaced",
		},
		{
			"file gone while reading the session",
			&sessionError{cause: fmt.Errorf("%w: %s", store.ErrFileGone, secretText)},
			503,
			"The database file was deleted or replaced",
		},
		{
			"tables upgraded",
			errors.Join(operations.ErrAuditLogUnavailable, fmt.Errorf("%w: %s", store.ErrSchemaChanged, secretText)),
			503,
			"A newer version has taken over",
		},
		{
			"tables upgraded while writing the session",
			&sessionError{cause: fmt.Errorf("%w: %s", store.ErrSchemaChanged, secretText)},
			503,
			"A newer version has taken over",
		},
		{
			"audit log went back",
			errors.Join(operations.ErrAuditLogUnavailable, &audit.Alarm{Problem: audit.LostEvents, Text: secretText}),
			503,
			"The audit log lacks events that it had",
		},
		{"chain broken", &audit.Alarm{Problem: audit.BrokenChain}, 503, "was changed outside Voxwarden"},
		{"no witness", &audit.Alarm{Problem: audit.NoWitness}, 503, "The witness of the audit log cannot be used"},
		{"no catalogue", operations.ErrNoCatalogue, 503, "The roles are not known"},
		{
			"unknown privilege",
			&operations.PrivilegeUnknown{Cause: &directory.ReadError{Kind: directory.Slow}},
			503,
			"The roles could not be checked",
		},
		{"busy", busy, 409, "Ms editor on anna_novakova"},
		{"foreign", &operations.IDMismatch{}, 409, "This form cannot be used"},
		{"conflict", &operations.Conflict{}, 409, "changed in the meantime"},
		{"a row changed in the database", &audit.Mismatch{Text: "quoted"}, 409, "does not agree with the audit log"},
		{"too slow", context.DeadlineExceeded, 503, "This took too long"},
		{"busy database", fmt.Errorf("%w: %s", store.ErrBusy, secretText), 503, "The database cannot be used"},
		{"silent database", fmt.Errorf("%w: %s", store.ErrSilent, secretText), 503, "The database cannot be used"},
		{"form", errInvalidForm, 400, "cannot be read"},
		{"large form", &http.MaxBytesError{Limit: maxFormBytes}, 413, "too large"},
		{"sessions", &sessionError{cause: errors.New(secretText)}, 503, "The database cannot be reached"},
		{"export too early", &exportNotReadyError{loadedRows: 40}, 503, "40 rows were read"},
		{
			"unreachable",
			&directory.ReadError{Kind: directory.Unreachable, Method: "GetSubUsers", Advice: "Advice."},
			502,
			"Voximplant cannot be reached",
		},
		{"slow", &directory.ReadError{Kind: directory.Slow, Advice: "Advice."}, 504, "Voximplant does not respond"},
		{
			"rate",
			&directory.ReadError{Kind: directory.RateLimited, Code: 340, VendorMessage: "Rate limit exceed"},
			429,
			"Rate limit exceed",
		},
		{
			"key refused",
			&directory.ReadError{Kind: directory.KeyRefused, Code: 100, VendorMessage: "Authorization failed"},
			503,
			"Authorization failed",
		},
		{"clock", &directory.ReadError{Kind: directory.ClockWrong, Code: 455}, 503, "clock is wrong"},
		{"html", &directory.ReadError{Kind: directory.Unreadable}, 502, "response cannot be read"},
		{
			"refused",
			&directory.ReadError{Kind: directory.Refused, Code: 101, VendorMessage: "Invalid arguments"},
			502,
			"Voximplant refused a request",
		},
		{
			"fatal",
			&directory.ReadError{Kind: directory.VendorFault, Code: 1, VendorMessage: "Fatal error"},
			502,
			"Voximplant has an internal error",
		},
		{
			"database",
			&directory.ReadError{Kind: directory.VendorFault, Code: 4, VendorMessage: "DB error"},
			502,
			"Voximplant has an internal error",
		},
		{"new kind", &directory.ReadError{Kind: "strange"}, 502, "Voximplant refused a request"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.operations.formErr = tc.err
			got := s.get("editor", "/subusers/new").
				hasStatus(t, tc.status).
				contains(t, tc.says).
				excludes(t, "hunter2", "10.0.0.7", "Nothing was changed")
			if heading := got.doc.Find("h1").Text(); heading == "" {
				t.Error("the page has no heading")
			}
			if id := got.Header().Get("X-Request-Id"); id == "" || !strings.Contains(got.text(), id) {
				t.Error("the page does not show the request id")
			}
			if tc.status >= 500 && !strings.Contains(s.log.String(), `"level":"ERROR"`) {
				t.Errorf("not logged as an error: %s", s.log)
			}
		})
	}
}

func TestUnknownErrorIsLogged(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.directory.err = errors.New("the disk is on fire")
	s.get("viewer", "/subusers").hasStatus(t, 500).excludes(t, "fire")
	if !strings.Contains(s.log.String(), "the disk is on fire") {
		t.Errorf("the log lacks the cause: %s", s.log)
	}
}

func TestPostErrorsSayNothingChanged(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		&policy.Denied{},
		&operations.IDMismatch{},
		operations.ErrNoCatalogue,
		directory.ErrNotFound,
		&directory.ReadError{Kind: directory.Slow},
	} {
		s := newSite(t)
		s.operations.err = err
		s.post("editor", "/subusers/7/roles", validRolesForm("apply")).contains(t, "Nothing was changed")
	}
	s := newSite(t)
	s.operations.err = errors.New("boom")
	s.post("editor", "/subusers/7/roles", validRolesForm("apply")).
		hasStatus(t, 500).
		contains(t, "latest changes on the overview")
}

// A form that was sent with other values before links to the operation of the first sending.
func TestFormSentBefore(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.operations.err = &operations.IDMismatch{Operation: sampleOperations()[0]}
	got := s.post("editor", "/subusers/new", validSubuserForm()).
		hasStatus(t, 409).
		contains(t, "It was sent before, for anna_novakova.", "Nothing was sent again.")
	for text, path := range map[string]string{
		"Show the operation": operationPath(sampleOperations()[0].ID),
		"Open a new form":    "/subusers/new",
	} {
		if link := got.doc.Find(`main a[href="` + path + `"]`); strings.TrimSpace(link.Text()) != text {
			t.Errorf("%s: %q", path, link.Text())
		}
	}
	s.operations.err = &operations.IDMismatch{}
	got = s.post("editor", rolesPath, validRolesForm("apply")).hasStatus(t, 409).contains(t, "This form cannot be used")
	if strings.TrimSpace(got.doc.Find(`main a[href="`+rolesPath+`"]`).Text()) != "Open a new form" {
		t.Error("there is no way to a new form")
	}
}

func TestPanic(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *Options) { o.Vendor = func() VendorStatus { panic(secretText) } })
	s.get("viewer", "/").hasStatus(t, 500).contains(t, "Something went wrong").excludes(t, "hunter2")
	if !strings.Contains(s.log.String(), "hunter2") || !strings.Contains(s.log.String(), "stack") {
		t.Error("the panic is not in the log")
	}
}

func TestSessionStoreUnavailable(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.sessions.err = errors.New(secretText)
	s.get("admin", "/subusers").hasStatus(t, 503).contains(t, "The database cannot be reached").excludes(t, "hunter2")
	s.get("admin", "/readyz").hasStatus(t, 503).excludes(t, "hunter2")
	s.get("admin", "/healthz").hasStatus(t, 200)
}

func TestFallbackPage(t *testing.T) {
	t.Parallel()
	app := App{Options: Options{BaseURL: &url.URL{}}}
	if err := app.renderFallback(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(app.fallback), "Something went wrong") {
		t.Error("the fallback page says nothing")
	}
}

func TestSignInRequired(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get(anonymous, "/subusers?q=anna").redirectsTo(t, "/sign-in?return=%2Fsubusers%3Fq%3Danna")
	s.get(anonymous, "/").redirectsTo(t, "/sign-in")
	r := httptest.NewRequest(http.MethodGet, "/subusers", nil)
	r.Header.Set("HX-Request", "true")
	got := s.do(anonymous, r).hasStatus(t, 401).contains(t, "Sign in again")
	if target, _ := got.doc.Find(`a[href^="/sign-in"]`).First().Attr("target"); target != "_blank" {
		t.Errorf("the link opens in %q, not in a new tab", target)
	}
	s.post(anonymous, "/subusers/new", nil).hasStatus(t, 401).contains(t, "Sign in again", "Nothing was changed")
}

func TestLogHasNoSearchText(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("viewer", "/subusers?q=anna_novakova")
	s.post("editor", "/subusers/new", map[string][]string{"password": {"hunter2-Secret"}})
	if log := s.log.String(); strings.Contains(log, "anna_novakova") || strings.Contains(log, "hunter2") ||
		strings.Count(log, `"msg":"request"`) != 2 {
		t.Errorf("the log: %s", log)
	}
}
