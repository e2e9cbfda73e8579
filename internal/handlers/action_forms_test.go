package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
)

// actionForm is one action with a form: its path, its fields, and where it leads when it is applied.
type actionForm struct {
	name     string
	path     string
	form     url.Values
	action   audit.Action
	target   audit.Target
	redirect string   // "" when the response shows a secret
	shows    []string // texts of the form
	flash    string
}

func actionForms() []actionForm {
	anna := audit.Target{Ref: access.Ref{Kind: access.Subuser, ID: "7"}, Name: "anna_novakova"}
	reports := audit.Target{Ref: access.Ref{Kind: access.Key, ID: fakeKeyID}, Name: "Reports"}
	key := "/keys/" + fakeKeyID
	return []actionForm{
		{
			"edit",
			"/subusers/7/edit",
			url.Values{"base_description": {"Účtárna"}, "description": {"Nový text"}},
			audit.EditSubuser,
			anna,
			"/subusers/7",
			[]string{"cannot be changed"},
			"Subuser anna_novakova was changed.",
		},
		{
			"password",
			"/subusers/7/password",
			url.Values{"current": {"Planted-1!"}, "password": {"Planted-2!"}},
			audit.ChangeSubuserPassword,
			anna,
			"/subusers/7",
			[]string{"re-issue the access"},
			"a password cannot be read back",
		},
		{
			"delete",
			"/subusers/7/delete",
			url.Values{"base": {"3"}, "confirm": {"anna_novakova"}},
			audit.DeleteSubuser,
			anna,
			"/subusers",
			[]string{"will no longer be able to sign in", "Support"},
			"Subuser anna_novakova was deleted.",
		},
		{
			"re-issue",
			"/subusers/7/re-issue",
			url.Values{"base": {"3"}, "confirm": {"anna_novakova"}, "password": {"Planted-3!"}},
			audit.ReissueSubuser,
			anna,
			"/subusers/7",
			[]string{"creates it again with the same login"},
			"was re-issued",
		},
		{
			"edit key",
			key + "/edit",
			url.Values{"base_name": {"Reports"}, "name": {"Reports 2"}},
			audit.EditKey,
			reports,
			key,
			nil,
			"Key Reports was changed.",
		},
		{
			"delete key",
			key + "/delete",
			url.Values{"base": {"3"}, "confirm": {"Reports"}},
			audit.DeleteKey,
			reports,
			"/keys",
			[]string{"stop working", "Type Reports."},
			"Key Reports was deleted.",
		},
		{
			"new key",
			"/keys/new",
			url.Values{"name": {"Robot"}, "role": {"3"}, "offered": {"3"}},
			audit.CreateKey,
			reports,
			"",
			[]string{"Grant only the roles it needs"},
			"",
		},
	}
}

// appliedOutcome is the outcome of an action that is applied and confirmed.
func (f actionForm) appliedOutcome(s *site) operations.Outcome {
	op := audit.Operation{
		ID:      strings.Repeat("q", 26),
		Account: accountID,
		Action:  f.action,
		Target:  f.target,
		Intent:  []byte(`{}`),
	}
	gone := f.action == audit.DeleteSubuser || f.action == audit.DeleteKey
	out := operations.Outcome{
		Operation: op,
		Result:    audit.Applied,
		Confirmed: true,
		ReadBack:  true,
		Gone:      gone,
		Principal: s.directory.subusers[7],
	}
	if f.target.Kind == access.Key {
		out.Principal = s.directory.key()
	}
	if f.action == audit.ChangeSubuserPassword {
		out.Confirmed, out.Unreadable = false, true
	}
	if f.action == audit.CreateKey {
		out.Credentials = config.NewSecret("{\"private_key\": \"PLANTED\"}")
	}
	return out
}

func TestActionFormsRenderAndExecute(t *testing.T) {
	t.Parallel()
	for _, f := range actionForms() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.get("admin", f.path).hasStatus(t, 200).contains(t, f.shows...)
			s.operations.outcome = f.appliedOutcome(s)
			form := url.Values{"operation": {strings.Repeat("q", 26)}, "reason": {"TICKET"}}
			for name, values := range f.form {
				form[name] = values
			}
			got := s.post("admin", f.path, form)
			if len(s.operations.commands) != 1 {
				t.Fatalf("asked for %+v", s.operations.commands)
			}
			if f.redirect == "" {
				got.hasStatus(t, 200).contains(t, "The private key is shown only now")
				return
			}
			got.redirectsTo(t, f.redirect)
			if flash := s.sessions.flash; flash == nil || flash.Tone != "done" || !strings.Contains(flash.Text, f.flash) {
				t.Errorf("message: %+v", flash)
			}
		})
	}
}

func TestActionFormsExplainFailures(t *testing.T) {
	t.Parallel()
	trouble := &directory.ReadError{Kind: directory.Slow, Method: "GetSubUsers", Advice: "Wait."}
	for _, f := range actionForms() {
		for name, c := range map[string]struct {
			err    error
			result audit.Result
			status int
			says   string
		}{
			"invalid": {&operations.Invalid{Fields: map[string]string{"reason": "Say why."}}, "", 422, "Say why."},
			"busy": {
				&operations.Busy{Operation: sampleOperations()[0]},
				"",
				409,
				"Another operation is not finished",
			},
			"moved": {&operations.FormOutdated{}, "", 409, "Nothing was sent."},
			"the own key": {
				&operations.ConsoleKeyProtected{Message: "The console runs on it."},
				"",
				409,
				"The console runs on it.",
			},
			"no record":        {operations.ErrAuditLogUnavailable, "", 503, "so nothing was changed"},
			"refused":          {nil, audit.Refused, 422, "they said no"},
			"not sent":         {nil, audit.NotSent, 502, "Nothing was changed."},
			"vendor is silent": {trouble, "", 504, "Voximplant"},
		} {
			t.Run(f.name+", "+name, func(t *testing.T) {
				t.Parallel()
				s := newSite(t)
				s.operations.err = c.err
				s.operations.outcome = f.appliedOutcome(s)
				s.operations.outcome.Result, s.operations.outcome.Call = c.result, audit.Call{
					Method:        "Some",
					Code:          435,
					VendorMessage: "they said no",
				}
				got := s.post("admin", f.path, f.form).hasStatus(t, c.status).contains(t, c.says)
				for _, secret := range []string{"Planted-1!", "Planted-2!", "Planted-3!", "PLANTED"} {
					if strings.Contains(got.Body.String(), secret) {
						t.Errorf("%s is on the page", secret)
					}
				}
			})
		}
	}
}

func TestRepeatedPostRedirectsToOperation(t *testing.T) {
	t.Parallel()
	for _, f := range actionForms() {
		s := newSite(t)
		op := audit.Operation{ID: strings.Repeat("q", 26)}
		s.operations.err = &operations.Repeated{Operation: op}
		s.post("admin", f.path, f.form).redirectsTo(t, operationPath(op.ID))
	}
}

func TestActionFormsWithUnknownOutcome(t *testing.T) {
	t.Parallel()
	for _, f := range actionForms() {
		s := newSite(t)
		s.operations.outcome = f.appliedOutcome(s)
		s.operations.outcome.Result = audit.Unknown
		s.operations.outcome.Confirmed = false
		s.operations.outcome.ReadBack = false
		s.operations.outcome.Gone, s.operations.outcome.Credentials = false, config.Secret{}
		got := s.post("admin", f.path, f.form)
		if got.Code == http.StatusSeeOther {
			got.redirectsTo(t, operationPath(strings.Repeat("q", 26)))
			continue
		}
		got.hasStatus(t, 200).contains(t, "We do not know yet")
	}
}

func TestPartlyAppliedReissueOffersFinish(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	f := actionForms()[3]
	s.operations.outcome = f.appliedOutcome(s)
	s.operations.outcome.Result, s.operations.outcome.Operation.Result = audit.PartlyApplied, audit.PartlyApplied
	got := s.post("admin", f.path, f.form).hasStatus(t, 200).contains(t, "was deleted and not created again")
	if href := got.doc.Find(`a:contains("Finish re-issue")`).AttrOr(
		"href",
		"",
	); href != "/subusers/new?finish="+strings.Repeat(
		"q",
		26,
	) {
		t.Errorf("the way on is %q", href)
	}
}

func TestFinishedReissueOffersNoFinish(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := strings.Repeat("q", 26)
	s.operations.op = audit.Operation{
		ID:      id,
		Account: accountID,
		Action:  audit.ReissueSubuser,
		Target:  audit.Target{Ref: access.Ref{Kind: access.Subuser, ID: "7"}, Name: "anna_novakova"},
		Result:  audit.PartlyApplied,
		Intent:  []byte(`{}`),
	}
	s.get("admin", "/audit/"+id).hasStatus(t, 200).contains(t, "anna_novakova cannot sign in", "Finish re-issue")
	s.operations.recreated = audit.Operation{
		ID:    strings.Repeat("r", 26),
		Actor: audit.Actor{Issuer: "test", Subject: "another"},
	}
	got := s.get("admin", "/audit/"+id).hasStatus(t, 200).contains(t, "anna_novakova was created again later")
	if got.doc.Find(`a[href="/audit/`+strings.Repeat("r", 26)+`"]`).Length() != 1 ||
		strings.Contains(got.text(), "cannot sign in") ||
		strings.Contains(got.text(), "Finish re-issue") {
		t.Errorf("the page says %s", got.text())
	}
	if href := s.get("editor", "/audit/"+id).hasStatus(
		t,
		200,
	).doc.Find(`a[href="/audit/` + strings.Repeat("r", 26) + `"]`); href.Length() != 0 {
		t.Error("an editor sees a link to an operation of another operator")
	}
}

func TestDeleteSubuserShowsRemainingKeys(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	f := actionForms()[2]
	s.operations.outcome = f.appliedOutcome(s)
	s.operations.outcome.RemainingKeys = []access.Principal{s.directory.key()}
	got := s.post("admin", f.path, f.form).hasStatus(t, 200).contains(t, "Keys of this subuser remain")
	if got.doc.Find(`a[href="/keys/`+fakeKeyID+`/delete"]`).Length() != 1 {
		t.Error("the key cannot be deleted from there")
	}
}

func TestCodePreviewKeepsInput(t *testing.T) {
	t.Parallel()
	for _, f := range actionForms() {
		if f.name != "edit" && f.name != "edit key" && f.name != "new key" {
			continue
		}
		s := newSite(t)
		form := url.Values{"step": {"code"}, "reason": {"because"}}
		for name, values := range f.form {
			form[name] = values
		}
		got := s.post("admin", f.path, form).hasStatus(t, 200).contains(t, "curl -X POST")
		if len(s.operations.commands) != 0 || got.doc.Find(`[name=reason]`).AttrOr("value", "") != "because" {
			t.Errorf("%s: done %v", f.name, s.operations.commands)
		}
	}
}

func TestForceSubuserRoles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.operations.diff = operations.Difference{
		Principal: s.directory.subusers[7],
		Revoke:    []string{"Support"},
		Change:    access.Difference{Revoke: []int64{3}},
		Keys:      []access.Principal{s.directory.key()},
	}
	page := s.get("admin", "/subusers/7/force?revoke=3").
		hasStatus(t, 200).
		contains(t, "from the subuser and from all its keys", "Reports")
	form := url.Values{
		"operation": {page.field("operation")},
		"base":      {"3"},
		"offered":   {"1", "2", "3"},
		"confirm":   {"anna_novakova"},
		"warned":    {"keys"},
	}
	forced := actionForm{action: audit.ForceSubuserRoles, target: audit.Target{Ref: access.SubuserRef(7)}}
	s.operations.outcome = forced.appliedOutcome(s)
	s.post("admin", "/subusers/7/force", form).redirectsTo(t, "/subusers/7")
	c := s.operations.changed[0]
	if !c.Force || c.Ref != access.SubuserRef(7) || c.Confirm != "anna_novakova" || len(c.Warned) != 1 {
		t.Errorf("asked for %+v", c)
	}
	s.operations.outcome.Result, s.operations.outcome.Call.Code = audit.Refused, 439
	refused := url.Values{"step": {"apply"}, "base": {"3"}, "offered": {"3"}}
	got := s.post("admin", "/subusers/7/roles", refused).hasStatus(t, 422)
	force := "/subusers/7/force?revoke=3&refused=" + s.operations.outcome.Operation.ID
	if got.doc.Find(`a[href="`+force+`"]`).Length() != 1 {
		t.Error("force is not offered after the refusal because of keys")
	}
	s.operations.op = s.operations.outcome.Operation
	s.operations.op.Account, s.operations.op.Target.Ref = accountID, access.SubuserRef(7)
	s.operations.op.Reason = "OPS-9 leaves the team"
	if got := s.get("admin", force).field("reason"); got != "OPS-9 leaves the team" {
		t.Errorf("the form has the reason %q, want that of the refused operation", got)
	}
	s.operations.op.Target.Ref = access.SubuserRef(8)
	if got := s.get("admin", force).field("reason"); got != "" {
		t.Errorf("the form has the reason %q of an operation on another subuser", got)
	}
	if got := s.post("editor", "/subusers/7/roles", refused); strings.Contains(got.Body.String(), "/force") {
		t.Error("force is offered to an editor")
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("viewer", "/subusers/compare?a=7").hasStatus(t, 200).contains(t, "Select what to compare")
	s.get("viewer", "/subusers/compare?a=7&with=nobody").hasStatus(t, 200).contains(t, "No subuser has this login.")
	s.get("viewer", "/subusers/compare?a=7&with=BOSS").hasStatus(t, 200).contains(t, "anna_novakova and boss", "Owner")
	s.get("viewer", "/subusers/compare?a=7&b=8").hasStatus(t, 200).contains(t, "anna_novakova and boss")
	s.get("viewer", "/subusers/compare").hasStatus(t, 404)
	s.get("editor", "/subusers/compare?id=7&id=8&ticked=1").hasStatus(t, 200).contains(t, "anna_novakova and boss")
	s.get("editor", "/subusers/compare?id=7&ticked=1").redirectsTo(t, "/subusers")
	s.get("editor", "/subusers/compare?ticked=1").redirectsTo(t, "/subusers")
	s.get("viewer", "/keys/compare?a="+fakeKeyID+"&b="+fakeKeyID).hasStatus(t, 200).contains(t, "Reports and Reports")
	s.get("viewer", "/keys/compare?a="+fakeKeyID+"&with=x").hasStatus(t, 200).contains(t, "This is not the id of a key")
}

func TestCopyRoles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("editor", "/subusers/new?from=8").
		hasStatus(t, 200).
		contains(t, "The roles of boss are ticked, except those that you may not grant: Owner.")
	form := url.Values{
		"step":      {"copy"},
		"copy_from": {"ANNA_novakova"},
		"login":     {"typed"},
		"operation": {strings.Repeat("q", 26)},
	}
	got := s.post("editor", "/subusers/new", form).hasStatus(t, 200).contains(t, "The roles of anna_novakova are ticked.")
	if got.field("login") != "typed" || got.field("operation") != strings.Repeat("q", 26) ||
		got.doc.Find(`input[name=role][value="3"][checked]`).Length() != 1 {
		t.Errorf("login %q", got.field("login"))
	}
	form.Set("copy_from", "nobody")
	s.post("editor", "/subusers/new", form).hasStatus(t, 422).contains(t, "No subuser has this login.")
	form.Del("step")
	form.Set("copy_from", "ANNA_novakova")
	copied := s.post("editor", "/subusers/new", form).hasStatus(t, 200).contains(
		t,
		"The roles of anna_novakova are ticked.",
	)
	if len(s.operations.created) != 0 {
		t.Error("a subuser was created without the roles to copy")
	}
	form.Set("copied_from", copied.field("copied_from"))
	s.post("editor", "/subusers/new", form)
	if len(s.operations.created) != 1 {
		t.Errorf("created %d times once the roles were copied", len(s.operations.created))
	}
}

func TestUndoPrefillsPreviousValues(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	undo := strings.Repeat("u", 26)
	s.operations.op = audit.Operation{
		ID:      undo,
		Account: accountID,
		Action:  audit.ChangeSubuserRoles,
		Target:  audit.Target{Ref: access.Ref{Kind: access.Subuser, ID: "7"}},
		Result:  audit.Applied,
		Intent: []byte(
			`{"before":[{"id":2,"name":"Admin"}],"grant":[{"id":3,"name":"Support"}],"revoke":[{"id":2,"name":"Admin"}]}`,
		),
	}
	page := s.get("admin", "/subusers/7/roles?undo="+undo).hasStatus(t, 200).contains(
		t,
		"The ticks reverse what that operation changed",
	)
	if page.doc.Find(`input[name=role][value="2"][checked]`).Length() != 1 ||
		page.doc.Find(`input[name=role][value="3"][checked]`).Length() != 0 {
		t.Error("the ticks are not what was there before")
	}
	s.get("admin", "/audit/"+undo).hasStatus(t, 200)
	if href := s.get("admin", "/audit/"+undo).doc.Find(`a:contains("Undo")`).AttrOr(
		"href",
		"",
	); href != "/subusers/7/roles?undo="+undo {
		t.Errorf("undo leads to %q", href)
	}
	s.operations.op.Action, s.operations.op.Intent = audit.EditSubuser, []byte(
		`{"description":"new","was":{"description":"as it was"}}`,
	)
	if got := s.get("admin", "/subusers/7/edit?undo="+undo).hasStatus(t, 200).field("description"); got != "as it was" {
		t.Errorf("the form begins with %q", got)
	}
	if got := s.get("admin", "/subusers/8/edit?undo="+undo).field("description"); got == "as it was" {
		t.Error("an operation on another principal fills the form")
	}
	s.operations.op.Action, s.operations.op.Intent = audit.DeleteSubuser, []byte(
		`{"login":"gone_one","description":"was here","before":[{"id":3,"name":"Support"}]}`,
	)
	createForm := s.get("admin", "/subusers/new?undo="+undo).hasStatus(t, 200).contains(t, "This creates gone_one again")
	if createForm.field("login") != "gone_one" || createForm.field("description") != "was here" {
		t.Errorf("the form begins with %q", createForm.field("login"))
	}
}
