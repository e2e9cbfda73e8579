package account

import (
	"strings"

	"github.com/voxwarden/voxwarden/views/ui"
)

// text returns the line next to a choice: Text, or the default of the role.
func (c Choice) text() string {
	switch {
	case c.Text != "":
		return c.Text
	case c.Role == "viewer":
		return "Sees subusers, keys, roles and their changes, without reasons. Changes nothing."
	case c.Role == "auditor":
		return "Also sees the whole audit log. Changes nothing."
	case c.Role == "editor":
		return "Creates subusers and changes their roles, but not privileged roles or subusers with one."
	case c.Role == "admin":
		return "Also changes keys and privileged roles, and resolves operations."
	default:
		return ""
	}
}

// buttonText returns the text of the choice's button.
func (c Choice) buttonText() string { return "Sign in as " + c.Role }

// remainingSessionText returns what continues after signing out, "" for nothing.
func (m SignedOut) remainingSessionText() string {
	switch {
	case m.Proxy && m.ProviderURL != "":
		return "The proxy in front of the console signs you in again when you open it. Sign out there too if other people " +
			"use this browser."
	case m.Proxy:
		return "The proxy in front of the console signs you in again when you open it. Sign out there, or close the " +
			"browser."
	case m.ProviderURL != "":
		return "You may still be signed in at your company's sign-in service."
	case m.StillSignedIn:
		return "You are still signed in at your company's sign-in service. Sign out there, or close the browser."
	default:
		return ""
	}
}

// links returns the next steps. Ending a session that continues comes first.
func (m SignedOut) links() []ui.Link {
	again := ui.Link{Text: "Sign in again", Href: "/sign-in"}
	rest := ui.Link{Text: "Sign out of your company's service", Href: m.ProviderURL, External: true, Primary: true}
	if m.Proxy {
		again, rest.Text = ui.Link{Text: "Open the console again", Href: "/"}, "Sign out at the proxy"
	}
	if m.ProviderURL == "" {
		again.Primary = true
		return []ui.Link{again}
	}
	return []ui.Link{rest, again}
}

// rolesText lists dashboard roles.
func rolesText(names []string) string {
	if len(names) == 0 {
		return "None"
	}
	shown := make([]string, 0, len(names))
	for _, n := range names {
		shown = append(shown, capitalize(n))
	}
	return strings.Join(shown, ", ")
}

// capitalize returns text with a capital first letter, which must be ASCII.
func capitalize(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// Headings of the pages.
const (
	SignInHeading    = "Sign in"
	SignedInHeading  = "You are signed in"
	SignedOutHeading = "Signed out"
	SessionsHeading  = "Sessions"
)

// RoleRequired is the error of a sign-in without a role.
const RoleRequired = "Choose a role."

// ProxyNote is the note about sessions behind a proxy.
const ProxyNote = "The proxy in front of this console signs people in. A person who is still signed in there gets a " +
	"new session with the next click."

// NoneEndedMessage is the message when there was no session to end.
const NoneEndedMessage = "No session was ended: it had ended already."

// EndedMessage returns the message after ending n sessions.
func EndedMessage(n int) string { return ui.Count(n, "session was", "sessions were") + " ended." }
