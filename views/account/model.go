// Package account draws signing in and out. In the demonstration its reader has never seen the console:
// the page says what this is, that nothing here is real, and what each choice lets one do.
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

// SignedOut is the page after signing out.
type SignedOut struct {
	Frame       page.Frame
	ProviderURL string // where the company's own session can be ended, "" when there is no such place
}
