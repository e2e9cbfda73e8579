package subusers

import (
	"bytes"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/principals"
)

// mainForm renders a page and returns the form with this action.
func mainForm(t *testing.T, c templ.Component, action string) *goquery.Selection {
	t.Helper()
	var out bytes.Buffer
	if err := c.Render(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	form := doc.Find(`form[method="post"][action="` + action + `"]`)
	if form.Length() != 1 {
		t.Fatalf("%d forms to %s", form.Length(), action)
	}
	return form
}

// formValues returns what a browser sends when the button with this text is pressed.
func formValues(form *goquery.Selection, button string) url.Values {
	values := url.Values{}
	form.Find("input, button").Each(func(_ int, s *goquery.Selection) {
		_, disabled := s.Attr("disabled")
		_, checked := s.Attr("checked")
		name, kind := s.AttrOr("name", ""), s.AttrOr("type", "text")
		unticked := kind == "checkbox" && !checked
		_, hidden := s.Attr("hidden")
		otherButton := kind == "submit" && (hidden || strings.TrimSpace(s.Text()) != button)
		if name != "" && !disabled && !unticked && !otherButton {
			values.Add(name, s.AttrOr("value", ""))
		}
	})
	return values
}

// principal is the subject of the forms.
var principal = access.Principal{Ref: access.SubuserRef(7), Name: "anna_k"}

// boxGroups contains a role that is offered and ticked, one that is only offered, one that is inherited, and one that
// this operator may not change.
func boxGroups() []page.RoleGroup {
	return []page.RoleGroup{{Boxes: []page.RoleBox{
		{ID: 5, Name: "Supervisor", Offered: true, Checked: true}, {ID: 6, Name: "Payer", Offered: true},
		{ID: 3, Name: "Support", Inherited: true}, {ID: 1, Name: "Owner", Checked: true, DisabledReason: "no"},
	}}}
}

// TestFormsSend compares what each form posts with what the handlers read. Roles that are not offered are shown, but
// neither ticked nor offered in the post: they would be revoked otherwise.
func TestFormsSend(t *testing.T) {
	t.Parallel()
	review := principals.RolesReviewPage(
		principals.RolesReview{
			Principal:   principal,
			OperationID: "op",
			Base:        []int64{5},
			Offered:     []int64{5, 6},
			Ticked:      []int64{6},
			Reason:      "r",
			Confirm:     "c",
			LastOwner:   true,
		},
	)
	roles := principals.RolesFormPage(
		principals.RolesForm{Principal: principal, OperationID: "op", Base: []int64{5, 1}, Groups: boxGroups(), Reason: "r"},
	)
	tests := []struct {
		name, action, button string
		page                 templ.Component
		want                 url.Values
	}{
		{
			"new",
			"/subusers/new",
			"Create subuser",
			NewPage(New{OperationID: "op", Login: "anna", Description: "d", Reason: "r", Groups: boxGroups()}),
			url.Values{
				"operation":   {"op"},
				"login":       {"anna"},
				"password":    {""},
				"copy_from":   {""},
				"description": {"d"},
				"role":        {"5"},
				"offered":     {"5", "6"},
				"reason":      {"r"},
			},
		},
		{
			"roles", "/subusers/7/roles", "Review changes", roles,
			url.Values{
				"step":      {"review"},
				"copy_from": {""},
				"operation": {"op"},
				"base":      {"5", "1"},
				"offered":   {"5", "6"},
				"role":      {"5"},
				"reason":    {"r"},
			},
		},
		{
			"apply", "/subusers/7/roles", "Apply changes", review,
			url.Values{
				"step":      {"apply"},
				"operation": {"op"},
				"base":      {"5"},
				"offered":   {"5", "6"},
				"role":      {"6"},
				"reason":    {"r"},
				"confirm":   {"c"},
			},
		},
		{
			"back", "/subusers/7/roles", "Back to the form", review,
			url.Values{
				"step":      {"edit"},
				"operation": {"op"},
				"base":      {"5"},
				"offered":   {"5", "6"},
				"role":      {"6"},
				"reason":    {"r"},
				"confirm":   {"c"},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, formValues(mainForm(t, tt.page, tt.action), tt.button)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestEnterApplies: Enter presses the first button of a form.
func TestEnterApplies(t *testing.T) {
	t.Parallel()
	form := mainForm(t, principals.RolesReviewPage(principals.RolesReview{Principal: principal}), "/subusers/7/roles")
	if step := form.Find("button").First().AttrOr("value", ""); step != "apply" {
		t.Errorf("Enter sends step %q", step)
	}
}

// TestEnterReviews: Enter in the form for roles reviews the change, and does not copy roles.
func TestEnterReviews(t *testing.T) {
	t.Parallel()
	form := mainForm(t, principals.RolesFormPage(principals.RolesForm{Principal: principal}), "/subusers/7/roles")
	if step := form.Find("button").First().AttrOr("value", ""); step != "review" {
		t.Errorf("Enter sends step %q", step)
	}
}

// TestEnterCreates: Enter in the form for a new subuser creates it, and does not copy roles.
func TestEnterCreates(t *testing.T) {
	t.Parallel()
	form := mainForm(t, NewPage(New{Copy: page.RoleCopy{Source: "anna"}}), "/subusers/new")
	if step := form.Find("button").First().AttrOr("value", ""); step != "" {
		t.Errorf("Enter sends step %q", step)
	}
	if from := form.Find("[name=copied_from]").AttrOr("value", ""); from != "anna" {
		t.Errorf("the form says that roles were copied from %q", from)
	}
}

// TestSecretFormIsNotBoosted: the form with a password in its response is an ordinary page load, so that the password
// never passes through the script.
func TestSecretFormIsNotBoosted(t *testing.T) {
	t.Parallel()
	if boost := mainForm(t, NewPage(New{}), "/subusers/new").AttrOr("hx-boost", ""); boost != "false" {
		t.Errorf("hx-boost is %q", boost)
	}
}

// TestPasswordAppearsTwice: in its field and in the file to hand over, and nowhere else on the page.
func TestPasswordAppearsTwice(t *testing.T) {
	t.Parallel()
	const password = "Planted-Passw0rd!"
	for _, result := range []page.Result{page.Applied, page.Unknown} {
		var out bytes.Buffer
		m := Created{
			Frame:    page.Frame{Heading: "Created"},
			Login:    "anna",
			Password: password,
			Result:   result,
			PanelURL: "https://panel.example/",
		}
		if err := CreatedPage(m).Render(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(out.String(), password); n != 2 {
			t.Errorf("%s: the password stands in %d places", result, n)
		}
		if want := "Login: anna\nPassword: " + password + "\nSign in at: https://panel.example/\n"; !strings.HasSuffix(
			m.fileText(),
			want,
		) {
			t.Errorf("the file is %q", m.fileText())
		}
	}
}
