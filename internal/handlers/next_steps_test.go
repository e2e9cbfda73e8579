package handlers

import (
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
)

// TestFormOfAnOperationWithoutEffect follows the link of an operation that changed nothing: the browser may have lost
// the response, and with it what was typed. Other results have no such link.
func TestFormOfAnOperationWithoutEffect(t *testing.T) {
	t.Parallel()
	id := strings.Repeat("a", 26)
	roles := `"grant":[{"id":3,"name":"Support"}]`
	for name, test := range map[string]struct {
		action audit.Action
		target access.Ref
		intent string
		path   string
		fields map[string]string // after following the link
		role   string            // a role with a tick
	}{
		"new subuser": {
			audit.CreateSubuser, access.Ref{Kind: access.Subuser}, `{"login":"eva","description":"night",` + roles + `}`,
			"/subusers/new?again=" + id,
			map[string]string{"login": "eva", "description": "night", "reason": "TICKET-7"}, "3",
		},
		"new key": {
			audit.CreateKey, access.Ref{Kind: access.Key}, `{"name":"dialler","description":"calls",` + roles + `}`,
			"/keys/new?again=" + id,
			map[string]string{"name": "dialler", "description": "calls", "reason": "TICKET-7"}, "3",
		},
		"roles": {
			audit.ChangeSubuserRoles, access.SubuserRef(7), `{` + roles + `}`, "/subusers/7/roles?again=" + id,
			map[string]string{"reason": "TICKET-7"}, "3",
		},
		"text": {
			audit.EditSubuser, access.SubuserRef(7), `{"description":"asked for","was":{"description":"as it was"}}`,
			"/subusers/7/edit?again=" + id, map[string]string{"description": "asked for", "reason": "TICKET-7"}, "",
		},
		"password": {
			audit.ChangeSubuserPassword, access.SubuserRef(7), `{}`, "/subusers/7/password", nil, "",
		},
		"re-issue": {audit.ReissueSubuser, access.SubuserRef(7), `{}`, "/subusers/7/re-issue", nil, ""},
		"deletion": {audit.DeleteKey, access.KeyRef(fakeKeyID), `{}`, "/keys/" + fakeKeyID + "/delete", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			link := func() string {
				banner := s.get("admin", "/audit/"+id).hasStatus(t, 200).doc.Find(`a:contains("Fill in the form again")`)
				return banner.AttrOr("href", "")
			}
			s.operations.op = audit.Operation{
				ID: id, Account: accountID, Action: test.action, Target: audit.Target{Ref: test.target},
				Reason: "TICKET-7", Intent: []byte(test.intent),
			}
			for _, result := range []audit.Result{audit.Applied, audit.PartlyApplied, audit.Unknown} {
				s.operations.op.Result = result
				if path := link(); path != "" {
					t.Errorf("%s leads to %s", result, path)
				}
			}
			for _, result := range []audit.Result{audit.Refused, audit.NotSent, audit.NotApplied} {
				s.operations.op.Result = result
				if path := link(); path != test.path {
					t.Errorf("%s leads to %q, want %s", result, path, test.path)
				}
			}
			got := s.get("admin", test.path).hasStatus(t, 200)
			for field, want := range test.fields {
				if value := got.field(field); value != want {
					t.Errorf("%s is %q, want %q", field, value, want)
				}
			}
			if test.role != "" && got.doc.Find(`input[name=role][value="`+test.role+`"][checked]`).Length() != 1 {
				t.Error("the role has no tick")
			}
			s.operations.op.Open = true
			if path := link(); path != "" {
				t.Errorf("an open operation leads to %s", path)
			}
		})
	}
}
