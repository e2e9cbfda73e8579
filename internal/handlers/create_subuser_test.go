package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
)

// validSubuserForm is a form for a new subuser as the page sends it.
func validSubuserForm() url.Values {
	return url.Values{
		"operation": {strings.Repeat("q", 26)}, "login": {" jan_novak "}, "password": {""}, "description": {"Podpora"},
		"role": {"3"}, "offered": {"3"}, "reason": {"TICKET-1"},
	}
}

func TestNewSubuser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	got := s.get("editor", "/subusers/new").hasStatus(t, 200)
	if got.field("operation") != s.operations.newID() || !slices.Equal(got.fields("offered"), []string{"3"}) {
		t.Errorf("operation %q, offered %v", got.field("operation"), got.fields("offered"))
	}
	for _, name := range []string{"login", "password", "description", "reason"} {
		if got.doc.Find(`[name="`+name+`"]`).Length() != 1 {
			t.Errorf("no field %s", name)
		}
	}
	if form := got.doc.Find(`form[action="/subusers/new?sent"]`); form.AttrOr("hx-boost", "") != "false" {
		t.Error("the form that is answered with a password is boosted")
	}
	s.directory.catalogue = directory.Catalogue{
		LastError: &directory.ReadError{Kind: directory.Slow, Advice: "Load the page again."},
	}
	s.get("editor", "/subusers/new").
		hasStatus(t, 200).
		contains(t, "The roles are not known, so they cannot be granted or revoked now. Load the page again.")
}

func TestCreateSubuser(t *testing.T) {
	t.Parallel()
	done := audit.Operation{
		ID:     strings.Repeat("q", 26),
		Action: audit.CreateSubuser,
		Target: audit.Target{Ref: access.Ref{Kind: access.Subuser, ID: "42"}, Name: "jan_novak"},
		Intent: sampleOperations()[0].Intent,
	}
	created := access.Principal{
		Ref:        access.SubuserRef(42),
		Name:       "jan_novak",
		Roles:      []access.RoleAssignment{{ID: 3, Name: "Support", Direct: true}},
		RolesKnown: true,
	}

	t.Run("applied: sends the form and leads to the subuser", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.outcome = operations.Outcome{
			Operation: done,
			Result:    audit.Applied,
			Confirmed: true,
			Principal: created,
			ReadBack:  true,
		}
		form := validSubuserForm()
		form.Set("password", " Secret-1 ")
		s.post("editor", "/subusers/new?login=from_address", form).redirectsTo(t, "/subusers/42")
		c := s.operations.created[0]
		if c.ID != strings.Repeat(
			"q",
			26,
		) || c.Login != "jan_novak" || c.Password.Reveal() != " Secret-1 " || c.Description != "Podpora" ||
			c.Reason != "TICKET-1" ||
			!slices.Equal(c.Roles, []int64{3}) ||
			!slices.Equal(c.Offered, []int64{3}) ||
			c.Operator.Subject != "editor" {
			t.Errorf("asked for %+v", c)
		}
		if f := s.sessions.flash; f == nil || f.Tone != "done" || !strings.Contains(f.Text, "jan_novak was created") ||
			f.DirectRoles != "Support" ||
			f.ReadAt.IsZero() {
			t.Errorf("message: %+v", f)
		}
	})
	t.Run("not read back", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.outcome = operations.Outcome{
			Operation: done,
			Result:    audit.Applied,
			Principal: access.Principal{Ref: access.SubuserRef(42), Name: "jan_novak"},
		}
		s.post("editor", "/subusers/new", validSubuserForm()).
			redirectsTo(t, operationPath(done.ID))
			// the page of the subuser may not exist yet
		if f := s.sessions.flash; f == nil || f.LinkHref != "" || !strings.Contains(f.Text, "does not show it yet") {
			t.Errorf("message: %+v", f)
		}
	})
	t.Run("read back with other roles", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.outcome = operations.Outcome{Operation: done, Result: audit.Applied, Principal: created, ReadBack: true}
		s.post("editor", "/subusers/new", validSubuserForm()).redirectsTo(t, "/subusers/42")
		if f := s.sessions.flash; f == nil || f.Tone != "warning" ||
			!strings.Contains(f.Text, "does not show all of it yet") {
			t.Errorf("message: %+v", f)
		}
		s.operations.outcome.Password = config.NewSecret("gEnerated-1!")
		s.post("editor", "/subusers/new", validSubuserForm()).
			hasStatus(t, 200).
			contains(t, "Created, not fully read back yet").
			excludes(t, "not read back yet")
	})
	t.Run("generated password is shown once", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.outcome = operations.Outcome{
			Operation: done,
			Result:    audit.Applied,
			Confirmed: true,
			Principal: created,
			ReadBack:  true,
			Password:  config.NewSecret("gEnerated-1!"),
		}
		got := s.post("editor", "/subusers/new", validSubuserForm()).hasStatus(t, 200).contains(t, "jan_novak was created")
		if !strings.Contains(got.Body.String(), "gEnerated-1!") || got.Header().Get("Cache-Control") != "no-store" {
			t.Error("the password is not shown, or the page may be kept")
		}
		if s.sessions.flash != nil || strings.Contains(s.log.String(), "gEnerated") {
			t.Error("the password is in the session or in the log")
		}
		if got.doc.Find(`a[href="https://panel.example/login"]`).Length() == 0 {
			t.Error("the page does not say where to sign in")
		}
	})
	t.Run("generated password is shown while the outcome is unknown", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.outcome = operations.Outcome{
			Operation: done,
			Result:    audit.Unknown,
			Principal: access.Principal{Name: "jan_novak"},
			Password:  config.NewSecret("gEnerated-1!"),
		}
		got := s.post("editor", "/subusers/new", validSubuserForm()).
			hasStatus(t, 200).
			contains(t, "We do not know yet whether jan_novak was created")
		if !strings.Contains(got.Body.String(), "gEnerated-1!") ||
			got.doc.Find(`a[href="/audit/`+done.ID+`"]`).Length() == 0 {
			t.Error("the password or the operation is missing")
		}
	})
	t.Run("typed password, unknown outcome", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.outcome = operations.Outcome{Operation: done, Result: audit.Unknown, Unsaved: true}
		s.post("editor", "/subusers/new", validSubuserForm()).redirectsTo(t, "/audit/"+done.ID)
		f := s.sessions.flash
		if f == nil || f.Tone != "warning" || !strings.Contains(f.Text, "Unknown: the answer was lost") ||
			!strings.Contains(f.Text, "The outcome is not in the audit log yet") {
			t.Errorf("message: %+v", f)
		}
	})
	t.Run("validation", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.err = &operations.Invalid{
			Fields: map[string]string{
				"login": "A login has 5 to 20 characters.",
				"roles": "A ticked role is no longer offered.",
			},
		}
		form := validSubuserForm()
		form.Set("password", "hunter2-Secret")
		got := s.post("editor", "/subusers/new", form).
			hasStatus(t, 422).
			contains(t, "A login has 5 to 20 characters.", "A ticked role is no longer offered.").
			excludes(t, "hunter2")
		assertInputKept(t, got, form)
		if got.field("operation") != strings.Repeat("q", 26) {
			t.Error("a form that was never sent has a new operation id")
		}
	})
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.outcome = operations.Outcome{
			Operation: done,
			Result:    audit.Refused,
			Call:      audit.Call{Method: "AddSubUser", Code: 436, VendorMessage: "Sub user login is not unique."},
			Advice:    "Choose another login.",
		}
		got := s.post("editor", "/subusers/new", validSubuserForm()).
			hasStatus(t, 422).
			contains(t, "Sub user login is not unique.", "Choose another login.")
		assertInputKept(t, got, validSubuserForm())
		if id := got.field("operation"); id != s.operations.newID() {
			t.Errorf("the refused operation's id is offered again: %q", id)
		}
	})
	t.Run("not sent", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.outcome = operations.Outcome{Operation: done, Result: audit.NotSent}
		assertInputKept(
			t,
			s.post("editor", "/subusers/new", validSubuserForm()).hasStatus(t, http.StatusBadGateway).contains(
				t,
				"Nothing was changed.",
			),
			validSubuserForm(),
		)
	})
	t.Run("audit log unavailable", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.err = errors.Join(operations.ErrAuditLogUnavailable, errors.New(secretText))
		assertInputKept(
			t,
			s.post("editor", "/subusers/new", validSubuserForm()).
				hasStatus(t, 503).
				contains(t, "so nothing was changed").
				excludes(t, "hunter2"),
			validSubuserForm(),
		)
		if !strings.Contains(s.log.String(), "hunter2") {
			t.Error("the cause is not in the log")
		}
	})
	t.Run("busy", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.err = &operations.Busy{Operation: sampleOperations()[1]}
		assertInputKept(
			t,
			s.post("admin", "/subusers/new", validSubuserForm()).hasStatus(t, 409).contains(t, "Ms other"),
			validSubuserForm(),
		)
	})
	t.Run("repeated", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.err = &operations.Repeated{Operation: done}
		s.post("editor", "/subusers/new", validSubuserForm()).redirectsTo(t, "/audit/"+done.ID)
	})
	t.Run("invalid role ids", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		form := validSubuserForm()
		form["role"] = []string{"3; DROP"}
		s.post("editor", "/subusers/new", form).hasStatus(t, 400)
		if len(s.operations.created) != 0 {
			t.Error("it was acted upon")
		}
	})
}

// assertInputKept fails the test unless the form came back with what was typed, except the password.
func assertInputKept(t *testing.T, got *response, typed url.Values) {
	t.Helper()
	if got.field("login") != "jan_novak" || !strings.Contains(got.Body.String(), typed.Get("description")) ||
		!strings.Contains(got.Body.String(), typed.Get("reason")) {
		t.Error("what was typed is lost")
	}
	if got.field("password") != "" {
		t.Error("the password is filled in again")
	}
	if !slices.Equal(got.fields("role"), typed["role"]) {
		t.Errorf("ticked %v, want %v", got.fields("role"), typed["role"])
	}
	if !strings.HasPrefix(got.doc.Find("title").Text(), "Error:") {
		t.Errorf("title: %q", got.doc.Find("title").Text())
	}
}
