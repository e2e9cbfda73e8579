package handlers

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// validRolesForm is the form for anna's roles in one of its steps: it revokes Support and grants Admin.
func validRolesForm(step string) url.Values {
	return url.Values{
		"step": {
			step,
		},
		"operation": {strings.Repeat("q", 26)},
		"base":      {"3"},
		"offered":   {"1", "2", "3"},
		"role":      {"2"},
		"reason":    {"TICKET-1"},
		"confirm":   {" boss "},
	}
}

const rolesPath = "/subusers/7/roles"

// validRolesDifference is the preview of that form.
func validRolesDifference() operations.Difference {
	return operations.Difference{
		Principal: access.Principal{Ref: access.SubuserRef(7), Name: "anna_novakova"},
		Grant:     []string{"Admin"},
		Revoke:    []string{"Support"},
		Change:    access.Difference{Grant: []int64{2}, Revoke: []int64{3}},
	}
}

func TestShowSubuserRoles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	got := s.get("editor", rolesPath).hasStatus(t, 200).contains(t, "anna_novakova", "Support", "Owner")
	if !slices.Equal(got.fields("role"), []string{"3"}) || !slices.Equal(got.fields("base"), []string{"3"}) ||
		!slices.Equal(got.fields("offered"), []string{"1", "2", "3"}) {
		t.Errorf("ticked %v, base %v, offered %v", got.fields("role"), got.fields("base"), got.fields("offered"))
	}
	if got.field("operation") != s.operations.newID() || got.doc.Find(`form[action="`+rolesPath+`?sent"]`).Length() == 0 {
		t.Error("the form has no operation id, or posts elsewhere")
	}
	s.get("editor", "/subusers/8/roles").contains(t, "inherited through Owner")

	for query, want := range map[string][]string{
		"grant=2":                   {"2", "3"},
		"grant=99&grant=x&revoke=y": {"3"},
		"revoke=3":                  nil,
	} {
		if got := s.get("editor", rolesPath+"?"+query).hasStatus(t, 200).fields("role"); !slices.Equal(got, want) {
			t.Errorf("%s: ticked %v, want %v", query, got, want)
		}
	}
	got = s.get("editor", rolesPath+"?grant=2").contains(t, "The ticked roles come from the page's address")
	if got.doc.Find("h1").Length() != 1 {
		t.Error("the page has no heading")
	}
	s.get("editor", rolesPath+"?q=x").excludes(t, "The ticked roles come from the page's address")
	s.get("editor", "/subusers/999/roles").hasStatus(t, 404)
	s.operations.formErr = &policy.Denied{Permission: policy.SubusersRoles}
	s.get("editor", rolesPath).hasStatus(t, 403)
	s.operations.formErr = &directory.ReadError{Kind: directory.Slow}
	s.get("editor", rolesPath).hasStatus(t, 504)
}

// A link must not pass off a change of its own as an unfinished one: what is finished is read from the audit log.
func TestFinishRoles(t *testing.T) {
	t.Parallel()
	partly := sampleOperations()[0]
	partly.Account, partly.Result = accountID, audit.PartlyApplied
	const claim = "Finish a partly applied change"
	for name, c := range map[string]struct {
		change func(*audit.Operation)
		want   []string
		claims bool
	}{
		"partly applied":     {func(*audit.Operation) {}, []string{"2"}, true},
		"applied":            {func(op *audit.Operation) { op.Result = audit.Applied }, []string{"3"}, false},
		"still open":         {func(op *audit.Operation) { op.Open = true }, []string{"3"}, false},
		"of another subuser": {func(op *audit.Operation) { op.Target.ID = "8" }, []string{"3"}, false},
		"of another account": {func(op *audit.Operation) { op.Account = 9 }, []string{"3"}, false},
		"another action":     {func(op *audit.Operation) { op.Action = audit.CreateSubuser }, []string{"3"}, false},
		"unreadable intent":  {func(op *audit.Operation) { op.Intent = nil }, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.operations.op = partly
			c.change(&s.operations.op)
			got := s.get("editor", rolesPath+"?grant=1&finish="+partly.ID)
			if ticked := got.fields("role"); !slices.Equal(ticked, c.want) {
				t.Errorf("ticked %v, want %v", ticked, c.want)
			}
			if reason := got.field("reason"); (reason == partly.Reason) != c.claims {
				t.Errorf("the form has the reason %q", reason)
			}
			if strings.Contains(got.text(), claim) != c.claims {
				t.Errorf("the page says %.600s", got.text())
			}
		})
	}
	s := newSite(t)
	s.operations.showErr = audit.ErrNotFound
	s.get("editor", rolesPath+"?grant=1&finish=1").hasStatus(t, 404)
	s.operations.showErr = &policy.Denied{Permission: policy.AuditView}
	s.get("editor", rolesPath+"?grant=1&finish="+partly.ID).hasStatus(t, 403)
}

func TestReviewRoles(t *testing.T) {
	t.Parallel()
	t.Run("success", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.diff = validRolesDifference()
		got := s.post("editor", rolesPath, validRolesForm("review")).hasStatus(t, 200).contains(
			t,
			"anna_novakova",
			"Admin",
			"Support",
		)
		for name, want := range map[string][]string{
			"base":      {"3"},
			"offered":   {"1", "2", "3"},
			"role":      {"2"},
			"operation": {strings.Repeat("q", 26)},
		} {
			if values := got.fields(name); !slices.Equal(slices.Compact(values), want) {
				t.Errorf("%s: got %v, want %v", name, values, want)
			}
		}
		if len(s.operations.changed) != 0 {
			t.Error("the preview made the change")
		}
	})
	t.Run("nothing to do", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.diff = operations.Difference{}
		got := s.post("editor", rolesPath, validRolesForm("review")).hasStatus(t, 422)
		if !slices.Equal(got.fields("role"), []string{"2"}) {
			t.Errorf("ticked %v", got.fields("role"))
		}
	})
	t.Run("conflict", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		now, err := s.operations.RolesForm(t.Context(), testOperator("editor"), accountID, access.SubuserRef(7))
		if err != nil {
			t.Fatal(err)
		}
		s.operations.err = &operations.Conflict{BaseRoles: []string{"Payer"}, CurrentForm: now, Diff: validRolesDifference()}
		got := s.post("editor", rolesPath, validRolesForm("review")).hasStatus(t, 409).contains(
			t,
			"Payer",
			"Support",
			"Admin",
		)
		if got.field("operation") != now.ID || !slices.Equal(got.fields("base"), []string{"3"}) ||
			!slices.Equal(got.fields("role"), []string{"2"}) {
			t.Errorf("operation %q, base %v, ticked %v", got.field("operation"), got.fields("base"), got.fields("role"))
		}
	})
	t.Run("back to the form", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		form := validRolesForm("edit")
		form["base"] = []string{"1"}
		got := s.post("editor", rolesPath, form).hasStatus(t, 200)
		if !slices.Equal(got.fields("role"), []string{"2"}) || got.field("operation") != strings.Repeat("q", 26) ||
			!slices.Equal(got.fields("base"), []string{"1"}) {
			t.Errorf("ticked %v, operation %q, base %v", got.fields("role"), got.field("operation"), got.fields("base"))
		}
		if !strings.Contains(got.Body.String(), "TICKET-1") {
			t.Error("the reason is lost")
		}
	})
	t.Run("upstream failure", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.err = &directory.ReadError{Kind: directory.Unreachable}
		got := s.post("editor", rolesPath, validRolesForm("review")).hasStatus(t, 502).contains(t, "Nothing was changed.")
		if got.doc.Find(`a[href="/subusers/7/roles?grant=2&revoke=3"]`).Length() == 0 {
			t.Errorf("the ticks are lost: %s", got.Body)
		}
	})
	t.Run("unknown step", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.post("editor", rolesPath, validRolesForm("delete")).hasStatus(t, 400)
		s.post("editor", "/subusers/x/roles", validRolesForm("apply")).hasStatus(t, 404)
		if len(s.operations.changed) != 0 {
			t.Error("the change was made")
		}
	})
}

func TestApplyRoles(t *testing.T) {
	t.Parallel()
	done := sampleOperations()[0]
	done.ID = strings.Repeat("q", 26)
	anna := newFakeDirectory().subusers[7]

	t.Run("success", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.outcome = operations.Outcome{
			Operation: done,
			Result:    audit.Applied,
			Confirmed: true,
			Principal: anna,
			ReadBack:  true,
		}
		s.post("editor", rolesPath, validRolesForm("apply")).redirectsTo(t, "/subusers/7")
		c := s.operations.changed[0]
		if c.Ref != access.SubuserRef(7) || c.ID != done.ID || !slices.Equal(c.Base, []int64{3}) ||
			!slices.Equal(c.Offered, []int64{1, 2, 3}) || !slices.Equal(c.Ticked, []int64{2}) ||
			c.Confirm != "boss" ||
			c.Reason != "TICKET-1" ||
			c.Operator.Subject != "editor" {
			t.Errorf("asked for %+v", c)
		}
		if f := s.sessions.flash; f == nil || f.Tone != "done" || f.LinkHref != "/audit/"+done.ID ||
			f.DirectRoles != "Support" ||
			f.ReadAt.IsZero() {
			t.Errorf("message: %+v", f)
		}
	})
	t.Run("applied but not read back", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.outcome = operations.Outcome{Operation: done, Result: audit.Applied, Principal: anna}
		s.post("editor", rolesPath, validRolesForm("apply")).redirectsTo(t, "/subusers/7")
		if f := s.sessions.flash; f == nil || f.Tone != "warning" || !strings.Contains(f.Text, "does not show it yet") {
			t.Errorf("message: %+v", f)
		}
	})
	t.Run("other roles changed, too", func(t *testing.T) {
		t.Parallel()
		for want, unasked := range map[string]operations.UnrequestedChanges{
			"The roles of anna_novakova were changed. Other roles changed too: lost Support and Developer; " +
				"gained Payer.": {
				Lost:   []string{"Support", "Developer"},
				Gained: []string{"Payer"},
			},
			"The roles of anna_novakova were changed. Other roles changed too: lost " +
				"Support.": {Lost: []string{"Support"}},
			"The roles of anna_novakova were changed. Other roles changed too: gained " +
				"Payer.": {Gained: []string{"Payer"}},
		} {
			s := newSite(t)
			s.operations.outcome = operations.Outcome{
				Operation:          done,
				Result:             audit.Applied,
				Confirmed:          true,
				Principal:          anna,
				ReadBack:           true,
				UnrequestedChanges: unasked,
			}
			s.post("editor", rolesPath, validRolesForm("apply")).redirectsTo(t, "/subusers/7")
			if f := s.sessions.flash; f == nil || f.Tone != "warning" || f.Text != want || f.ReadAt.IsZero() {
				t.Errorf("message: %+v, want %q", f, want)
			}
		}
	})
	t.Run("flash message not saved", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.outcome = operations.Outcome{Operation: done, Result: audit.Applied, Confirmed: true, Principal: anna}
		s.sessions.flashErr = errors.New("disk")
		s.post("editor", rolesPath, validRolesForm("apply")).redirectsTo(t, "/subusers/7")
	})
	t.Run("validation", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.diff = validRolesDifference()
		s.operations.diff.LastOwner = true
		s.operations.err = &operations.Invalid{Fields: map[string]string{"confirm": "Type the login boss to confirm."}}
		got := s.post("editor", rolesPath, validRolesForm("apply")).hasStatus(t, 422).contains(
			t,
			"Type the login boss to confirm.",
		)
		if got.field("confirm") != "boss" || !slices.Equal(got.fields("role"), []string{"2"}) ||
			!strings.HasPrefix(got.doc.Find("title").Text(), "Error:") {
			t.Error("the input is lost, or the title does not start with Error")
		}
	})
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.outcome = operations.Outcome{
			Operation: done,
			Result:    audit.Refused,
			Advice:    "Use force.",
			Call: audit.Call{
				Method:        "RemoveSubUserRoles",
				Code:          439,
				VendorMessage: "Subuser has at least one key with these roles.",
			},
		}
		got := s.post("editor", rolesPath, validRolesForm("apply")).
			hasStatus(t, 422).
			contains(t, "Subuser has at least one key with these roles.", "Use force.")
		if got.field("operation") == done.ID || !slices.Equal(got.fields("role"), []string{"2"}) {
			t.Error("the refused operation's id is offered again, or the ticks are lost")
		}
	})
	t.Run("refused, form unreadable", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.outcome = operations.Outcome{Operation: done, Result: audit.Refused}
		s.operations.formErr = &directory.ReadError{Kind: directory.Slow}
		s.post("editor", rolesPath, validRolesForm("apply")).redirectsTo(t, "/audit/"+done.ID)
	})
	t.Run("not sent", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.outcome = operations.Outcome{Operation: done, Result: audit.NotSent}
		got := s.post("editor", rolesPath, validRolesForm("apply")).hasStatus(t, 502).contains(t, "Nothing was changed.")
		if !slices.Equal(got.fields("role"), []string{"2"}) {
			t.Error("the ticks are lost")
		}
	})
	t.Run("forbidden by a last check", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.outcome = operations.Outcome{
			Operation: done,
			Result:    audit.NotSent,
			Advice:    "This subuser has just become the last one with Owner.",
		}
		got := s.post("editor", rolesPath, validRolesForm("apply")).
			hasStatus(t, 409).
			contains(t, "This subuser has just become the last one with Owner.").
			excludes(t, "did not reach Voximplant")
		if !slices.Equal(got.fields("role"), []string{"2"}) {
			t.Error("the ticks are lost")
		}
	})
	t.Run("partly applied", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		half := anna
		half.Roles = nil // Support is gone, Admin is not there yet
		s.operations.outcome = operations.Outcome{
			Operation: done,
			Result:    audit.PartlyApplied,
			Principal: half,
			ReadBack:  true,
			Call:      audit.Call{Method: "SetSubUserRoles", Code: 435, VendorMessage: "Invalid role set."},
		}
		got := s.post("editor", rolesPath, validRolesForm("apply")).hasStatus(t, 200).contains(
			t,
			"changed in part",
			"Invalid role set.",
		)
		if got.doc.Find(`a[href="/subusers/7/roles?finish=`+done.ID+`"]`).Length() == 0 {
			t.Errorf("there is no way to finish: %s", got.Body)
		}
		s.operations.outcome.Operation.Open = true
		if s.post("editor", rolesPath, validRolesForm("apply")).doc.Find(`a[href*="finish="]`).Length() != 0 {
			t.Error("an open operation can be finished")
		}
	})
	t.Run("unknown", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.outcome = operations.Outcome{Operation: done, Result: audit.Unknown, Principal: anna}
		got := s.post("editor", rolesPath, validRolesForm("apply")).hasStatus(t, 200).contains(t, "We do not know yet")
		if got.doc.Find(`a[href="/audit/`+done.ID+`"]`).Length() == 0 {
			t.Error("the operation is not linked")
		}
	})
	t.Run("busy", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.err = &operations.Busy{Operation: sampleOperations()[1]}
		s.post("admin", rolesPath, validRolesForm("apply")).hasStatus(t, 409).contains(t, "Ms other")
		s.operations.formErr = &directory.ReadError{Kind: directory.Slow}
		s.post("admin", rolesPath, validRolesForm("apply")).hasStatus(t, 504)
	})
	t.Run("repeated", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.err = &operations.Repeated{Operation: done}
		s.post("editor", rolesPath, validRolesForm("apply")).redirectsTo(t, "/audit/"+done.ID)
	})
	t.Run("audit log unavailable", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.operations.err = operations.ErrAuditLogUnavailable
		got := s.post("editor", rolesPath, validRolesForm("apply")).hasStatus(t, 503).contains(
			t,
			"so nothing was changed",
		)
		if !slices.Equal(got.fields("role"), []string{"2"}) {
			t.Error("the ticks are lost")
		}
	})
}

// The form and the page of a principal name the role that a role is inherited from, for both kinds.
func TestRolesFormNamesTheContainingRole(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/subusers/8", "/keys/" + fakeKeyID} {
		s := newSite(t)
		s.directory.keyRoles = s.directory.subusers[8].Roles // Owner, and Support through it
		s.get("admin", path).contains(t, "inherited through Owner")
		s.get("admin", path+"/roles").contains(t, "inherited through Owner")
	}
}

// TestCopyRolesToSubuser ticks the roles of another subuser in the form for the roles of one, beside those that it has.
// Nothing is previewed or sent before the roles that were asked for are ticked.
func TestCopyRolesToSubuser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	form := validRolesForm("find")
	form.Set("copy_from", "a")
	all := s.post("editor", rolesPath, form).hasStatus(t, 200)
	if hits := all.doc.Find("#copy-hits li").Text(); strings.Contains(hits, "anna_novakova") {
		t.Errorf("the subuser itself is among the results: %q", hits)
	}
	form.Set("copy_from", "boss")
	found := s.post("editor", rolesPath, form).hasStatus(t, 200).contains(t, "1 found")
	if id := found.doc.Find("button[name=copy]").AttrOr("value", ""); id != "8" || found.ticked() != "2" {
		t.Errorf("the result is %q, and the ticked roles are %q", id, found.ticked())
	}
	form.Set("step", "review")
	copied := s.post("editor", rolesPath, form).hasStatus(t, 200).contains(t, "The roles of boss are ticked.")
	if copied.ticked() != "1 2" || copied.field("base") != "3" || copied.field("reason") != "TICKET-1" ||
		copied.field("operation") != strings.Repeat("q", 26) {
		t.Errorf("the ticked roles are %q, the base is %q", copied.ticked(), copied.field("base"))
	}
	form.Set("copy_from", "bos")
	s.post("editor", rolesPath, form).hasStatus(t, 422).contains(t, "Choose one of the results")
	form.Del("step")
	form.Set("copy", "8")
	s.post("editor", rolesPath, form).hasStatus(t, 200).contains(t, "The roles of boss are ticked.")
	form.Set("copy", "99")
	gone := s.post("editor", rolesPath, form).hasStatus(t, 422).contains(t, "It does not exist any more.")
	if gone.ticked() != "2" {
		t.Errorf("the ticked roles are %q", gone.ticked())
	}
	if len(s.operations.commands) != 0 {
		t.Errorf("%d commands", len(s.operations.commands))
	}
	s.get("editor", "/subusers/8/roles?copy=7").
		hasStatus(t, 200).
		contains(t, "The roles of anna_novakova are ticked, except Support.", "It is inherited already.")
}

// TestCopyRolesToSubuserByAddress: the script asks by GET, with the ticks of the form. A link without them adds to the
// present roles.
func TestCopyRolesToSubuserByAddress(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for query, want := range map[string]string{
		"copy=8":                            "1 3",
		"copy=8&role=2":                     "1 3",
		"copy=8&offered=1&offered=3&role=2": "1",
		"copy=8&offered=1&offered=2&offered=3&role=2&role=1&copied=1&copied_from=x": "1 2",
		"copy=99&offered=3&role=2": "",
	} {
		got := s.get("editor", rolesPath+"?"+query).hasStatus(t, 200)
		if got.ticked() != want {
			t.Errorf("%s: the ticked roles are %q, want %q", query, got.ticked(), want)
		}
	}
	s.get("editor", rolesPath+"?copy=8&offered=3").contains(t, "The ticked roles come from the page")
	s.get("editor", rolesPath+"?copy=x").hasStatus(t, 400)
}
