// Package account draws signing in and out, and who is signed in. What the reader of each page wants is said at its
// model; in the demonstration they have never seen the console: the sign-in page says what this is, that nothing here
// is real, and what each choice lets one do.
package account

import (
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// SignIn is the demonstration's sign-in page, at /sign-in. Each choice posts: role, return.
type SignIn struct {
	Frame   page.Frame
	Choices []Choice
	Return  string // path to go to afterwards, "" for the overview
	Errors  []ui.FieldError
}

// Choice is a dashboard role to sign in with.
type Choice struct {
	Role string // "viewer", "auditor", "editor", "admin"
	Text string // one line: what it may do; "" draws the house's own words for the role
}

// SignedOut is the page after signing out. Its reader wants to be sure: is it over, also for whoever sits down here
// next, and if not, where does one end the rest?
type SignedOut struct {
	Frame page.Frame
	Proxy bool // a proxy in front of the console signs people in: it goes on doing so
	// describe the company's own session can be ended, at the provider or the proxy; "" when there is no such place
	ProviderURL string
	// the company's own session goes on and the console cannot end it; said only without ProviderURL and Proxy
	StillSignedIn bool
}

// Confirmed is the page after proving oneself again in a new tab, for a form that waits in another one. Its reader
// wants to know whether it worked, and what to do with the form.
type Confirmed struct {
	Frame page.Frame
	Name  string // whom the sign-in proved: the form in the other tab is that person's, or it is refused
	Href  string // path of a page of ours, for whoever has lost the other tab
}
