package handlers

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// sampleOperations are two operations: the editor's own, and an open one of another operator.
func sampleOperations() []audit.Operation {
	intent := json.RawMessage(
		`{"login":"anna_novakova","before":[{"id":3,"name":"Support"}],"grant":[{"id":2,"name":"Admin"}],` +
			`"revoke":[{"id":3,"name":"Support"}]}`,
	)
	target := audit.Target{Ref: access.Ref{Kind: "subuser", ID: "7"}, Name: "anna_novakova"}
	return []audit.Operation{
		{
			ID:        strings.Repeat("m", 26),
			Action:    audit.ChangeSubuserRoles,
			Target:    target,
			Actor:     audit.Actor{Issuer: "demo", Subject: "editor", Name: "Ms editor", Method: "demo"},
			Reason:    "my reason",
			Intent:    intent,
			CreatedAt: noon.Add(-time.Hour),
			Result:    audit.Applied,
			Confirmed: true,
		},
		{
			ID:        strings.Repeat("o", 26),
			Action:    audit.ChangeSubuserRoles,
			Target:    target,
			Actor:     audit.Actor{Issuer: "demo", Subject: "other", Name: "Ms other", Method: "demo"},
			Reason:    "their secret reason",
			Intent:    intent,
			CreatedAt: noon.Add(-2 * time.Hour),
			Result:    audit.Unknown,
			Open:      true,
		},
	}
}

func TestShowOperation(t *testing.T) {
	t.Parallel()
	t.Run("success", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.op = sampleOperations()[1]
		s.operations.events = []audit.Event{
			{Kind: audit.IntentEvent, At: noon.Add(-2 * time.Hour)},
			{
				Kind:   audit.OutcomeEvent,
				At:     noon.Add(-2 * time.Hour),
				Result: audit.Unknown,
				Facts:  json.RawMessage(`{"subuser_id":7,"roles":[{"id":2,"name":"Admin"}]}`),
				Calls: []audit.Call{
					{
						Method:        "RemoveSubUserRoles",
						Result:        audit.Unknown,
						Code:          2,
						VendorMessage: "Internal error",
						TokenExpires:  noon,
					},
				},
			},
		}
		path := "/audit/" + strings.Repeat("o", 26)
		got := s.get("admin", path).
			hasStatus(t, 200).
			contains(t, "anna_novakova", "Ms other", "their secret reason", "Admin", "Support", "Internal error",
				"RemoveSubUserRoles", "Intent saved", "12:05:00")
		if got.doc.Find(`form[action="`+path+`/resolve"]`).Length() != 1 ||
			got.doc.Find(`form[action="`+path+`?sent"]`).Length() != 1 {
			t.Error("an admin is not offered to check and to settle")
		}
		if s.get("auditor", path).doc.Find(`form[action$="/resolve"]`).Length() != 0 {
			t.Error("an auditor is offered to settle")
		}
	})
	t.Run("guards", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.formErr = &policy.Denied{Permission: policy.AuditView}
		s.get("editor", "/audit/"+strings.Repeat("o", 26)).hasStatus(t, 403)
		s.operations.formErr = audit.ErrNotFound
		s.get("editor", "/audit/"+strings.Repeat("z", 26)).hasStatus(t, 404)
	})
}

// The page of an open operation reloads. Without the script it does not while it contains a form, which would be lost.
func TestOpenOperationAutoRefreshes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.operations.op = sampleOperations()[1]
	for role, without := range map[string]int{"admin": 0, "auditor": 1} {
		got := s.get(role, operationPath(sampleOperations()[1].ID)).hasStatus(t, 200)
		if n := got.doc.Find("[data-refresh]").Length(); n != 1 {
			t.Errorf("%s: %d", role, n)
		}
		if n := got.doc.Find("noscript").Length(); n != without {
			t.Errorf("%s, without the script: %d, want %d", role, n, without)
		}
	}
}

// The page says what a lost response means for a generated password.
func TestOperationExplainsGeneratedPassword(t *testing.T) {
	t.Parallel()
	for result, want := range map[audit.Result]string{
		audit.Applied: "Generated and shown once to the operator. If the operator missed it, set a new one.",
		audit.Refused: "Generated, never used",
		audit.NotSent: "Generated, never used",
	} {
		s := newSite(t)
		s.operations.op = sampleOperations()[0]
		s.operations.op.Action, s.operations.op.Result = audit.CreateSubuser, result
		s.operations.op.Intent = json.RawMessage(`{"login":"jan_novak","password_generated":true}`)
		s.get("editor", operationPath(sampleOperations()[0].ID)).hasStatus(t, 200).contains(t, want)
	}
}

// An operation may be found to be partly applied long after its response was shown. Its page links to the next step.
func TestPartlyAppliedOperationOffersFinish(t *testing.T) {
	t.Parallel()
	partly := sampleOperations()[0]
	partly.Account, partly.Result = accountID, audit.PartlyApplied
	link := `a[href="/subusers/7/roles?finish=` + partly.ID + `"]`
	for name, c := range map[string]struct {
		role   string
		change func(*audit.Operation)
		want   int
	}{
		"partly":                {"editor", func(*audit.Operation) {}, 1},
		"may not change roles":  {"auditor", func(*audit.Operation) {}, 0},
		"not settled yet":       {"editor", func(op *audit.Operation) { op.Open = true }, 0},
		"applied":               {"editor", func(op *audit.Operation) { op.Result = audit.Applied }, 0},
		"nothing to do with it": {"editor", func(op *audit.Operation) { op.Action = audit.CreateSubuser }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.operations.op = partly
			c.change(&s.operations.op)
			if got := s.get(c.role, "/audit/"+partly.ID).hasStatus(t, 200).doc.Find(link).Length(); got != c.want {
				t.Errorf("%d links to finish it, want %d", got, c.want)
			}
		})
	}
}

func TestCheckOperation(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	path := "/audit/" + strings.Repeat("o", 26)
	s.operations.op = sampleOperations()[1]
	s.post("editor", path, nil).redirectsTo(t, path)
	if s.sessions.flash == nil ||
		!strings.Contains(s.sessions.flash.Text, "outcome is still unknown. The roles are as before.") {
		t.Errorf("message: %+v", s.sessions.flash)
	}
	s.operations.op.Open = false
	s.post("editor", path, nil).redirectsTo(t, path)
	if !strings.Contains(s.sessions.flash.Text, "The outcome is now known") {
		t.Errorf("message: %+v", s.sessions.flash)
	}
	s.operations.err = &directory.ReadError{Kind: directory.Slow}
	s.post("editor", path, nil).hasStatus(t, 504)
}

func TestResolveOperation(t *testing.T) {
	t.Parallel()
	path := "/audit/" + strings.Repeat("o", 26)
	t.Run("success", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.post("admin", path+"/resolve", url.Values{
			"result": {"not_applied"},
			"reason": {" asked Anna "},
		}).redirectsTo(t, path)
		if len(s.operations.resolved) != 1 || s.operations.resolved[0] != audit.NotApplied {
			t.Fatalf("settled %v", s.operations.resolved)
		}
		request := s.operations.requests[0]
		if request.Reason != "asked Anna" || request.Operator.Subject != "admin" || request.SessionID != "session-hash" ||
			request.Address != "192.0.2.1" ||
			request.AddressFrom != audit.FromConnection ||
			request.Account != accountID ||
			request.RequestID == "" {
			t.Errorf("act: %+v", request)
		}
		s.get("admin", path+"/resolve").redirectsTo(t, path)
	})
	t.Run("validation", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.op = sampleOperations()[1]
		s.operations.err = &operations.Invalid{
			Fields: map[string]string{"reason": "Say how you know: a reason is required here."},
		}
		got := s.post("admin", path+"/resolve", url.Values{"result": {"applied"}}).hasStatus(t, 422).contains(
			t,
			"Say how you know",
		)
		if !strings.HasPrefix(got.doc.Find("title").Text(), "Error:") {
			t.Errorf("title: %q", got.doc.Find("title").Text())
		}
	})
	t.Run("audit log unavailable", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.err = operations.ErrAuditLogUnavailable
		s.post("admin", path+"/resolve", nil).hasStatus(t, 503)
	})
}
