package account

import (
	"strings"

	"github.com/voxwarden/voxwarden/views/ui"
)

// text is the line beside a choice: the given one, or the house's own words for the role.
func (c Choice) text() string {
	switch {
	case c.Text != "":
		return c.Text
	case c.Role == "viewer":
		return "Sees subusers, roles and what was done to them, without the reasons. Changes nothing."
	case c.Role == "auditor":
		return "Sees all that, and everybody's operations in full. Changes nothing."
	case c.Role == "editor":
		return "Creates subusers and changes their roles, except privileged roles and those who hold one."
	case c.Role == "admin":
		return "Does all that with privileged roles too, and settles what is in doubt."
	default:
		return ""
	}
}

// buttonText is what the choice's button says.
func (c Choice) buttonText() string { return "Sign in as " + c.Role }

// remainingSessionText says what goes on after signing out, "" when nothing does.
func (m SignedOut) remainingSessionText() string {
	switch {
	case m.Proxy && m.ProviderURL != "":
		return "The proxy in front of it still knows you, and signs you in anew when you open the console again. Sign out " +
			"there too if somebody else uses this browser."
	case m.Proxy:
		return "The proxy in front of it still knows you, and signs you in anew when you open the console again. End it " +
			"there, or close the browser."
	case m.ProviderURL != "":
		return "You may still be signed in at your company's sign-in service."
	case m.StillSignedIn:
		return "You are still signed in at your company's sign-in service; close the browser or sign out there."
	default:
		return ""
	}
}

// links are where to go now. Whoever signs out wants to be out: ending the rest comes first. Behind a proxy every page
// of ours leads back in.
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

// rolesText lists dashboard roles in a row.
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

// capitalize is a text with a capital first letter. The words it is for are ours, and begin with a plain letter.
func capitalize(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// What the pages are headed.
const (
	SignInHeading    = "Sign in"
	SignedInHeading  = "You are signed in"
	SignedOutHeading = "Signed out"
	SessionsHeading  = "Sessions"
)

// RoleRequired is what is wrong with a demonstration's sign-in that chose nobody.
const RoleRequired = "Choose who to be."

// ProxyNote is what ending a session does not do where a proxy proves people.
const ProxyNote = "The proxy in front of this console signs people in: whoever it still lets through has a new " +
	"session with the next click."

// NoneEndedMessage is the message when there was no session left to end.
const NoneEndedMessage = "No session was ended: it was over already."

// EndedMessage is the message when sessions were ended.
func EndedMessage(n int) string { return ui.Count(n, "session was", "sessions were") + " ended." }
