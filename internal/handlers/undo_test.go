package handlers

import (
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// TestUndoShowsWhatItWouldChangeNow opens the page of an operation on anna_novakova, who has the role Support, or on a
// subuser that does not exist.
func TestUndoShowsWhatItWouldChangeNow(t *testing.T) {
	t.Parallel()
	const (
		revokedSupport = `{"before":[{"id":3,"name":"Support"}],"revoke":[{"id":3,"name":"Support"}]}`
		grantedSupport = `{"grant":[{"id":3,"name":"Support"}],"revoke":[{"id":2,"name":"Admin"}]}`
		described      = `{"description":"new","was":{"description":"as it was"}}`
		sameText       = `{"description":"new","was":{"description":"Účtárna"}}`
		deleted        = `{"login":"gone","before":[{"id":3,"name":"Support"}]}`
	)
	for name, test := range map[string]struct {
		action audit.Action
		target string
		login  string
		intent string
		change func(*site)
		link   bool
		want   string
	}{
		"roles": {audit.ChangeSubuserRoles, "7", "", grantedSupport, nil, true, "Grant Admin"},
		"roles as before": {
			audit.ChangeSubuserRoles, "7", "", revokedSupport, nil, false,
			"Nothing to undo: the roles are as they were before this change.",
		},
		"roles by force, as before": {
			audit.ForceSubuserRoles, "7", "", revokedSupport, nil, false,
			"Nothing to undo: the roles are as they were before this change.",
		},
		"description": {audit.EditSubuser, "7", "", described, nil, true, "“Účtárna” → “as it was”"},
		"description as before": {
			audit.EditSubuser, "7", "", sameText, nil, false,
			"Nothing to undo: the texts are as they were before this change.",
		},
		"created": {audit.CreateSubuser, "7", "", grantedSupport, nil, true, "opens the page that deletes it"},
		"created, gone": {
			audit.CreateSubuser, "99", "", grantedSupport, nil, false, "Nothing to undo: the target no longer exists.",
		},
		"roles of one that is gone": {
			audit.ChangeSubuserRoles, "99", "", grantedSupport, nil, false, "Nothing to undo: the target no longer exists.",
		},
		"gone from an incomplete listing": {
			audit.ChangeSubuserRoles, "99", "", grantedSupport,
			func(s *site) { s.directory.page.Status.Incomplete = true }, false, "What an undo would change is not known",
		},
		"deleted": {audit.DeleteSubuser, "99", "gone", deleted, nil, true, "creates the subuser again, with these roles"},
		"deleted, created again": {
			audit.DeleteSubuser, "99", "boss", deleted, nil, false, "Nothing to undo: a subuser with this login exists.",
		},
		"not read yet": {
			audit.ChangeSubuserRoles, "7", "", grantedSupport,
			func(s *site) { s.directory.page.Status = directory.Status{Refreshing: true} }, false,
			"What an undo would change is not known",
		},
		"roles not known": {
			audit.ChangeSubuserRoles, "7", "", grantedSupport,
			func(s *site) {
				anna := s.directory.subusers[7]
				anna.RolesKnown = false
				s.directory.subusers[7] = anna
			}, false, "What an undo would change is not known",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			if test.change != nil {
				test.change(s)
			}
			s.operations.op = audit.Operation{
				ID:      strings.Repeat("u", 26),
				Account: accountID,
				Action:  test.action,
				Target:  audit.Target{Ref: access.Ref{Kind: access.Subuser, ID: test.target}, Name: test.login},
				Result:  audit.Applied,
				Intent:  []byte(test.intent),
			}
			got := s.get("admin", "/audit/"+s.operations.op.ID).hasStatus(t, 200).contains(t, test.want)
			if link := got.doc.Find(`a:contains("Undo")`).Length() == 1; link != test.link {
				t.Errorf("the page links to the undo: %v, want %v", link, test.link)
			}
		})
	}
}

// TestUndoneOperation: the page of an operation that was undone names the one that undid it, instead of an undo.
func TestUndoneOperation(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.operations.op = sampleOperations()[0]
	s.operations.op.Account, s.operations.op.LastSeq = accountID, 1
	s.operations.op.Intent = []byte(`{"before":[{"id":3}],"revoke":[{"id":3,"name":"Support"}]}`)
	undo := sampleOperations()[0]
	undo.ID, undo.LastSeq, undo.Actor = strings.Repeat("b", 26), 2, audit.Actor{Issuer: "test", Subject: "another"}
	undo.Intent = []byte(`{"before":[],"grant":[{"id":3,"name":"Support"}]}`)
	s.operations.later = []audit.Operation{undo}
	for role, links := range map[string]int{"admin": 1, "editor": 0} {
		page := s.get(role, "/audit/"+s.operations.op.ID).hasStatus(t, 200).
			contains(t, "Undone by").excludes(t, "Nothing to undo")
		if got := page.doc.Find(`main .lead a[href="/audit/` + undo.ID + `"]`).Length(); got != links {
			t.Errorf("%s: %d links lead to the undo, want %d", role, got, links)
		}
	}
	// The roles are no longer what the log has: they were revoked outside of the console.
	s.operations.op.Intent = []byte(`{"before":[{"id":2}],"revoke":[{"id":2,"name":"Admin"}]}`)
	s.operations.later[0].Intent = []byte(`{"before":[],"grant":[{"id":2,"name":"Admin"}]}`)
	s.get("admin", "/audit/"+s.operations.op.ID).contains(t, "Grant Admin").excludes(t, "Undone by")
}

// TestOperationShowsStateNow checks the roles that were read back, the present ones, and the later changes.
func TestOperationShowsStateNow(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.operations.op = sampleOperations()[0]
	s.operations.op.Account = accountID
	s.operations.events = []audit.Event{
		{Kind: audit.IntentEvent, At: noon},
		{Kind: audit.OutcomeEvent, At: noon, Result: audit.Applied, Facts: []byte(`{"roles":[{"id":2,"name":"Admin"}]}`)},
	}
	s.operations.later = sampleOperations()[1:]
	got := s.get("editor", "/audit/"+s.operations.op.ID).hasStatus(t, 200).
		contains(t, "Read back at", "Roles now", "Later changed by", "Ms other").
		excludes(t, "Roles as last read", "their secret reason")
	if now := got.doc.Find(`section:contains("Roles now") .role-list`).Text(); !strings.Contains(now, "Support") {
		t.Errorf("the present roles are %q", now)
	}
	if got.doc.Find(`a[href="/audit/`+s.operations.later[0].ID+`"]`).Length() != 0 {
		t.Error("an editor sees a link to an operation of another operator")
	}
	if s.get("auditor", "/audit/"+s.operations.op.ID).doc.
		Find(`a[href="/audit/`+s.operations.later[0].ID+`"]`).Length() != 1 {
		t.Error("an auditor sees no link to the later operation")
	}
}

// TestUndoOfNothing opens the form of an undo that has nothing to change any more.
func TestUndoOfNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.operations.op = sampleOperations()[0]
	s.operations.op.Account, s.operations.op.Intent = accountID, []byte(`{"revoke":[{"id":3,"name":"Support"}]}`)
	s.get("editor", "/subusers/7/roles?undo="+s.operations.op.ID).hasStatus(t, 200).
		contains(t, "Nothing to undo").excludes(t, "The ticks reverse")
}
