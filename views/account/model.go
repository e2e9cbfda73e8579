// Package account draws the pages for sign-in and sign-out, the operator's own page, and the sessions of all operators.
package account

import (
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// SignIn is the sign-in page of the demonstration, at /sign-in. Each choice posts role and return.
type SignIn struct {
	Frame   page.Frame
	Choices []Choice
	Return  string // path of the page after the sign-in, "" for the overview
	Errors  []ui.FieldError
}

// Choice is a dashboard role to sign in with.
type Choice struct {
	Role string // "viewer", "auditor", "editor", "admin"
	Text string // one line about what it may do; "" for the default of the role
}

// SignedOut is the page after signing out. It names other sessions that continue, and where to end them.
type SignedOut struct {
	Frame page.Frame
	Proxy bool // a proxy in front of the console signs operators in, and continues to do so
	// ProviderURL is where the session at the identity provider or the proxy can be ended, "" when unknown.
	ProviderURL string
	// StillSignedIn means that the session at the identity provider continues. It is shown only without ProviderURL and
	// Proxy.
	StillSignedIn bool
}

// Confirmed is the page after a repeated sign-in in a new tab. The form waits in another tab.
type Confirmed struct {
	Frame page.Frame
	Name  string // of the operator; the form in the other tab must belong to the same one
	Href  string // path of a page to continue with, if the other tab was closed
}
