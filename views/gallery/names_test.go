package gallery_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/voxwarden/voxwarden/views/gallery"
)

// TestNames finds the controls of each page as people and browser tests do: by role and accessible name.
func TestNames(t *testing.T) {
	t.Parallel()
	tests := []struct {
		state string
		names []string // "role: name"
		not   []string
	}{
		{
			state: "subusers.list.many-pages",
			names: []string{"searchbox: Search subusers", "select: Role", "button: Search", "link: New subuser", "link: Export CSV", "button: Refreshing…", "link: Previous", "link: Next", "link: Login", "button: Sign out"},
		},
		{state: "subusers.list.viewer", names: []string{"link: Export CSV", "button: Refresh"}, not: []string{"link: New subuser"}},
		{state: "subusers.list.no-match", names: []string{"link: Clear search"}},
		{
			state: "subusers.new.empty",
			names: []string{"textbox: Login", "password: Password", "textbox: Description", "textbox: Reason", "button: Create subuser", "checkbox: Owner", "checkbox: Supervisor"},
		},
		{
			state: "subusers.show.ordinary",
			names: []string{"link: Change roles"},
			not:   []string{"link: Edit", "link: Password", "link: Re-issue access", "link: Delete"},
		},
		{state: "subusers.show.owner-for-editor", not: []string{"link: Change roles"}},
		{state: "subusers.roles.ordinary", names: []string{"checkbox: Supervisor", "checkbox: Support", "textbox: Reason", "button: Review changes"}},
		{state: "subusers.roles.no-catalogue", not: []string{"button: Review changes"}},
		{
			state: "subusers.review.ordinary",
			names: []string{"button: Apply changes", "button: Back to the form", "textbox: Reason"},
			not:   []string{"textbox: Type the login to confirm"},
		},
		{state: "subusers.review.last-owner", names: []string{"textbox: Type the login to confirm", "button: Apply changes"}},
		{state: "subusers.created.applied", names: []string{"textbox: Password", "button: Copy password", "button: Download as text", "textbox: Text to hand over"}},
		{state: "subusers.outcome.partly", names: []string{"link: Finish", "link: See the operation"}},
		{state: "subusers.outcome.unknown", names: []string{"link: See the operation"}, not: []string{"link: Finish"}},
		{state: "audit.operation.unknown", names: []string{"button: Check now", "radio: It happened", "radio: It did not happen", "button: Settle"}},
		{state: "audit.operation.not-seen", names: []string{"button: Check now"}, not: []string{"button: Settle"}},
		{state: "audit.operation.applied", not: []string{"button: Check now", "button: Settle"}},
		{state: "audit.operation.partly", names: []string{"link: Finish it"}},
		{state: "page.problem.429", names: []string{"button: Try again", "link: Go to the overview"}, not: []string{"link: Try again"}},
		{state: "page.problem.500", names: []string{"link: Try again"}, not: []string{"button: Try again"}},
		{state: "roles.list.no-catalogue", names: []string{"button: Try again"}},
		{state: "account.sign-in.ordinary", names: []string{"button: Sign in as viewer", "button: Sign in as auditor", "button: Sign in as editor", "button: Sign in as admin"}, not: []string{"button: Sign out"}},
	}
	for _, tt := range tests {
		t.Run(tt.state, func(t *testing.T) {
			t.Parallel()
			state, found := gallery.Find(tt.state)
			if !found {
				t.Fatal("no such state")
			}
			have := controls(parse(t, render(t, state)))
			for _, name := range tt.names {
				if !slices.Contains(have, name) {
					t.Errorf("%q is missing among %q", name, have)
				}
			}
			for _, name := range tt.not {
				if slices.Contains(have, name) {
					t.Errorf("%q should not be there", name)
				}
			}
		})
	}
}

// controls lists what can be used on a page as "role: name".
func controls(doc *goquery.Document) []string {
	var list []string
	each(doc, `a, button, select, textarea, input:not([type="hidden"])`, func(s *goquery.Selection) {
		list = append(list, roleOf(s)+": "+accessibleName(doc, s))
	})
	return list
}

func roleOf(s *goquery.Selection) string {
	switch goquery.NodeName(s) {
	case "a":
		return "link"
	case "button":
		return "button"
	case "select":
		return "select"
	}
	switch kind := s.AttrOr("type", "text"); kind {
	case "search":
		return "searchbox"
	case "text":
		return "textbox"
	default:
		return kind
	}
}

// accessibleName is how a control is called: by its label, its aria-label or its own text.
func accessibleName(doc *goquery.Document, s *goquery.Selection) string {
	if label := s.AttrOr("aria-label", ""); label != "" {
		return label
	}
	if id := s.AttrOr("id", ""); id != "" {
		if label := doc.Find(`label[for="` + id + `"]`); label.Length() > 0 {
			return tidy(label.Text())
		}
	}
	return tidy(s.Text())
}

func tidy(text string) string { return strings.Join(strings.Fields(text), " ") }

func outer(t *testing.T, s *goquery.Selection) string {
	t.Helper()
	text, err := goquery.OuterHtml(s)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
