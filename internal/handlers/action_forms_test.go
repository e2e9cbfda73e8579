package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

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
			"Voximplant accepted it; a password cannot be read back",
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

// ticked returns the ids of the ticked roles of a form.
func (r *response) ticked() string {
	boxes := r.doc.Find(`input[name=role][checked]:not([disabled])`)
	return strings.Join(boxes.Map(func(_ int, box *goquery.Selection) string { return box.AttrOr("value", "") }), " ")
}

// TestCopyRoles searches for a principal and copies its roles in the forms for new ones. Everything else that was typed
// stays, except a password, and nothing is created.
func TestCopyRoles(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ path, name, query, found, id, source string }{
		{"/subusers/new", "login", "ANNA", "anna_novakova", "7", "anna_novakova"},
		{"/keys/new", "name", "repo", "Reports", fakeKeyID, "Reports"},
	} {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.operations.offerAll = true
			form := url.Values{
				"step":        {"find"},
				"copy_from":   {tt.query},
				tt.name:       {"typed"},
				"description": {"typed too"},
				"password":    {"Secret-typed-1"},
				"reason":      {"because"},
				"operation":   {strings.Repeat("q", 26)},
				"role":        {"2"},
			}
			keeps := func(got *response) *response {
				t.Helper()
				got.excludes(t, "Secret-typed-1")
				for field, want := range map[string]string{
					tt.name: "typed", "description": "typed too", "reason": "because", "operation": strings.Repeat("q", 26),
				} {
					if value := got.field(field); value != want {
						t.Errorf("%s is %q, want %q", field, value, want)
					}
				}
				return got
			}
			found := keeps(s.post("admin", tt.path, form).hasStatus(t, 200).contains(t, "1 found", tt.found))
			if choice := found.doc.Find("button[name=copy]"); choice.AttrOr("value", "") != tt.id || found.ticked() != "2" {
				t.Errorf("the results have %d choices, and the ticked roles are %q", choice.Length(), found.ticked())
			}
			form.Set("copy_from", "x")
			keeps(s.post("admin", tt.path, form).hasStatus(t, 200).contains(t, "match."))
			form.Set("copy_from", " ")
			keeps(s.post("admin", tt.path, form).hasStatus(t, 422).contains(t, "Type a part of the"))

			form.Set("step", "other")
			s.post("admin", tt.path, form).hasStatus(t, 400)
			form.Del("step")
			form.Set("copy_from", tt.query)
			keeps(s.post("admin", tt.path, form).hasStatus(t, 422).contains(t, "Choose one of the results", tt.found))
			form.Set("copy", tt.id)
			copied := keeps(s.post("admin", tt.path, form).hasStatus(t, 200).contains(
				t,
				"The roles of "+tt.source+" are ticked.",
				"Panel: Support",
			))
			if copied.ticked() != "2 3" || copied.field("copied") != "3" || copied.field("copied_from") != tt.source {
				t.Errorf("the ticked roles are %q", copied.ticked())
			}
			if copied.doc.Find("[autofocus]").AttrOr("role", "") != "status" {
				t.Error("the page does not stay at the roles")
			}

			form.Del("copy")
			form.Set("copy_from", strings.ToUpper(tt.source))
			keeps(s.post("admin", tt.path, form).hasStatus(t, 200).contains(t, "The roles of "+tt.source+" are ticked."))
			if len(s.operations.created)+len(s.operations.commands) != 0 {
				t.Error("created without the roles to copy")
			}
			form.Set("copied_from", copied.field("copied_from"))
			form.Set("copy_from", copied.field("copy_from"))
			s.post("admin", tt.path, form)
			if len(s.operations.created)+len(s.operations.commands) != 1 {
				t.Error("not created once the roles were copied")
			}
		})
	}
}

// TestCopyRolesOfAnother replaces the roles that were copied before and keeps those that were ticked by hand. What an
// editor may not grant is named with the reason.
func TestCopyRolesOfAnother(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("editor", "/subusers/new?from=8").
		hasStatus(t, 200).
		contains(t, "The roles of boss are ticked, except Owner.", "Not ticked: Owner.")
	s.operations.offerAll = true
	form := url.Values{"copy": {"8"}, "role": {"2", "3"}, "copied": {"3"}, "copied_from": {"anna_novakova"}}
	if got := s.post("admin", "/subusers/new", form).hasStatus(t, 200); got.ticked() != "1 2" {
		t.Errorf("the ticked roles are %q", got.ticked())
	}
	form.Set("copy", "99")
	gone := s.post("admin", "/subusers/new", form).hasStatus(t, 422).contains(t, "It does not exist any more.")
	if gone.ticked() != "2 3" || gone.field("copied") != "3" || gone.field("copied_from") != "anna_novakova" {
		t.Errorf("the ticked roles are %q", gone.ticked())
	}
	form.Set("copy", "x")
	s.post("admin", "/subusers/new", form).hasStatus(t, 400)
}

// TestCopyRolesByAddress: the script asks for the results and the copied roles by GET, without the rest of the form.
func TestCopyRolesByAddress(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.operations.offerAll = true
	found := s.get("editor", "/subusers/new?copy_from=anna").hasStatus(t, 200).contains(t, "1 found")
	if found.doc.Find("#copy-hits button[name=copy]").AttrOr("value", "") != "7" {
		t.Error("no result")
	}
	copied := s.get("editor", "/subusers/new?copy=7").hasStatus(t, 200).excludes(t, "come from the page")
	if copied.doc.Find("#role-fields [role=status][autofocus]").Length() != 1 || copied.ticked() != "3" {
		t.Errorf("the ticked roles are %q", copied.ticked())
	}
	linked := s.get("admin", "/keys/new?copy="+fakeKeyID+"&role=1").hasStatus(t, 200)
	if linked.contains(t, "The ticked roles come from the page"); linked.ticked() != "1 3" {
		t.Errorf("the ticked roles are %q", linked.ticked())
	}
	s.get("editor", "/subusers/new?copy=99").hasStatus(t, 200).contains(t, "It does not exist any more.")
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
		"The ticks reverse what that operation changed: grant Admin, revoke Support.",
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

// TestNextDeletion: only the deletion of a key leads to the deletion of a subuser, and only by its id.
func TestNextDeletion(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		kind    access.Kind
		subuser string
		want    access.Ref
	}{
		{access.Key, "7", access.SubuserRef(7)},
		{access.Key, "", access.Ref{}},
		{access.Key, "-7", access.Ref{}},
		{access.Key, "7/edit", access.Ref{}},
		{access.Key, "//evil.example", access.Ref{}},
		{access.Subuser, "7", access.Ref{}},
	} {
		if got := nextDeletion(tt.kind, tt.subuser); got != tt.want {
			t.Errorf("%s %q: %+v, want %+v", tt.kind, tt.subuser, got, tt.want)
		}
	}
}
