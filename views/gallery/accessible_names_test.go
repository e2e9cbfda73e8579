package gallery_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/voxwarden/voxwarden/views/gallery"
)

// TestAccessibleNames checks the controls of states by role and accessible name, as browser tests find them.
func TestAccessibleNames(t *testing.T) {
	t.Parallel()
	tests := []struct {
		state string
		names []string // "role: name"
		not   []string
	}{
		{
			state: "subusers.list.many-pages",
			names: []string{
				"searchbox: Search subusers",
				"select: Role",
				"button: Search",
				"link: New subuser",
				"link: Export CSV",
				"button: Refreshing…",
				"link: Previous",
				"link: Next",
				"link: Login",
				"button: Sign out",
			},
		},
		{
			state: "subusers.list.viewer",
			names: []string{"link: Export CSV", "button: Refresh"},
			not:   []string{"link: New subuser"},
		},
		{state: "subusers.list.no-match", names: []string{"link: Clear search"}},
		{
			state: "subusers.new.empty",
			names: []string{
				"textbox: Login",
				"password: Password",
				"textbox: Description",
				"textbox: Reason",
				"button: Create subuser",
				"checkbox: Owner",
				"checkbox: Supervisor",
			},
		},
		{
			state: "subusers.show.ordinary",
			names: []string{"link: Change roles", "link: Edit", "link: Password", "link: Re-issue access", "link: Delete"},
		},
		{
			state: "subusers.show.auditor",
			names: []string{"link: Compare"},
			not:   []string{"link: Change roles", "link: Edit", "link: Delete"},
		},
		{state: "subusers.show.owner-for-editor", not: []string{"link: Change roles", "link: Edit", "link: Delete"}},
		{
			state: "subusers.roles.ordinary",
			names: []string{"checkbox: Supervisor", "checkbox: Support", "textbox: Reason", "button: Review changes"},
		},
		{state: "subusers.roles.no-catalogue", not: []string{"button: Review changes"}},
		{
			state: "subusers.review.ordinary",
			names: []string{"button: Apply changes", "button: Back to the form", "textbox: Reason"},
			not:   []string{"textbox: Type the login to confirm"},
		},
		{
			state: "subusers.review.last-owner",
			names: []string{"textbox: Type the login to confirm", "button: Apply changes"},
		},
		{
			state: "subusers.created.applied",
			names: []string{
				"textbox: Password",
				"button: Copy password",
				"button: Download as text",
				"textbox: Text to hand over",
			},
		},
		{state: "subusers.outcome.partly", names: []string{"link: Finish", "link: See the operation"}},
		{state: "subusers.outcome.unknown", names: []string{"link: See the operation"}, not: []string{"link: Finish"}},
		{
			state: "audit.operation.unknown",
			names: []string{"button: Check now", "radio: Applied", "radio: Not applied", "button: Resolve operation"},
		},
		{
			state: "audit.operation.not-confirmed",
			names: []string{"button: Check now"},
			not:   []string{"button: Resolve operation"},
		},
		{state: "audit.operation.applied", not: []string{"button: Check now", "button: Resolve operation"}},
		{state: "audit.operation.partly", names: []string{"link: Finish the change"}},
		{
			state: "audit.list.many",
			names: []string{
				"textbox: Actor",
				"textbox: Target",
				"select: Action",
				"select: Result",
				"date: From (UTC)",
				"date: To, inclusive (UTC)",
				"searchbox: Text",
				"button: Search",
				"link: Export CSV",
				"link: Export JSON Lines",
				"link: Newest",
				"link: Newer",
				"link: Older",
				"link: Audit log",
			},
			not: []string{"link: Clear filters"},
		},
		{
			state: "audit.list.no-match",
			names: []string{"link: Clear filters", "link: Show all operations"},
			not:   []string{"link: Export CSV", "link: Older"},
		},
		{
			state: "audit.list.invalid",
			names: []string{"textbox: From (UTC)", "textbox: To, inclusive (UTC)", "link: Clear filters"},
		},
		{
			state: "audit.list.own",
			names: []string{"textbox: Target", "link: Audit log"},
			not:   []string{"textbox: Actor", "link: Export CSV"},
		},
		{state: "audit.list.filtered", names: []string{"link: TKT-4417(opens in a new tab)", "link: Export CSV"}},
		{state: "subusers.list.viewer", not: []string{"link: Audit log"}},
		{
			state: "page.problem.429",
			names: []string{"button: Try again", "link: Go to the overview"},
			not:   []string{"link: Try again"},
		},
		{state: "page.problem.500", names: []string{"link: Try again"}, not: []string{"button: Try again"}},
		{state: "roles.list.no-catalogue", names: []string{"button: Try again"}},
		{
			state: "account.sign-in.ordinary",
			names: []string{
				"button: Sign in as viewer",
				"button: Sign in as auditor",
				"button: Sign in as editor",
				"button: Sign in as admin",
			},
			not: []string{"button: Sign out"},
		},
		{
			state: "account.me.ordinary",
			names: []string{
				"link: Your sign-in",
				"button: Theme: system",
				"button: Sign out",
				"textbox: Your identity",
				"button: Copy",
				"link: Confirm your identity",
			},
			not: []string{"button: End all other sessions", "link: All sessions"},
		},
		{
			state: "account.me.many-sessions",
			names: []string{
				"button: End the session from 2001:db8:85a3:8d3:1319:8a2e:370:7348, Safari 26 on iOS",
				"button: End the session from 192.0.2.61",
				"button: End the session of 2026-11-22 09:03:04 UTC",
				"button: End all other sessions",
			},
			not: []string{"button: End the session from 10.0.0.7, Firefox 145 on Linux"},
		},
		{state: "account.me.roles-add-up", names: []string{"link: All sessions"}},
		{
			state: "account.me.no-role",
			names: []string{"link: Your sign-in", "textbox: Your identity", "button: Copy", "button: Sign out"},
			not:   []string{"link: Overview", "link: Subusers", "link: Keys", "link: Confirm your identity"},
		},
		{state: "account.me.proxy-header", not: []string{"link: Confirm your identity"}},
		{
			state: "account.sessions.many",
			names: []string{
				"button: End and sign out",
				"button: End the session of Emre Editor from 10.0.0.7, Firefox 145 on Linux",
				"button: End all (3 sessions of Emre Editor)",
				"button: End the session of Ada Admin from 198.51.100.2, Chrome 142 on Android",
			},
			not: []string{"button: End all (2 sessions of Ada Admin)"},
		},
		{state: "account.signed-out.ordinary", names: []string{"link: Sign in again"}},
		{
			state: "account.signed-out.provider",
			names: []string{"link: Sign in again", "link: Sign out of your company's service (opens in a new tab)"},
		},
		{
			state: "account.signed-out.proxy",
			names: []string{"link: Open the console again", "link: Sign out at the proxy (opens in a new tab)"},
			not:   []string{"button: Sign out"},
		},
		{state: "account.confirmed.ordinary", names: []string{"link: Continue here"}},
		{
			state: "account.confirm-first.roles",
			names: []string{"link: Confirm your identity", "button: Review changes"},
		},
		{state: "page.problem.sign-in-refused", names: []string{"link: Try again"}},
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
					t.Errorf("%q must not be on the page", name)
				}
			}
		})
	}
}

// controlSelector matches the controls of a page.
const controlSelector = `a, button, select, textarea, input:not([type="hidden"])`

// controls returns the controls of a page as "role: name".
func controls(doc *goquery.Document) []string {
	var list []string
	each(doc, controlSelector, func(s *goquery.Selection) {
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
	if role := s.AttrOr("role", ""); role != "" {
		return role
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

// accessibleName returns the aria-label of a control, else the text of its label, else its own text.
func accessibleName(doc *goquery.Document, s *goquery.Selection) string {
	if label := s.AttrOr("aria-label", ""); label != "" {
		return label
	}
	if id := s.AttrOr("id", ""); id != "" {
		if label := doc.Find(`label[for="` + id + `"]`); label.Length() > 0 {
			return tidy(label.Text())
		}
	}
	if around := s.Closest("label"); around.Length() > 0 {
		return tidy(around.Text())
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
