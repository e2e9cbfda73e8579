package gallery

import (
	"github.com/voxwarden/voxwarden/views/account"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/principals"
	"github.com/voxwarden/voxwarden/views/ui"
)

func accountStates() []State {
	signedOut := func(name string, m account.SignedOut) State {
		m.Frame = signedOutFrame(account.SignedOutHeading)
		return State{Area: "account", Page: "signed-out", Name: name, Component: account.SignedOutPage(m)}
	}
	choices := []account.Choice{{Role: "viewer"}, {Role: "auditor"}, {Role: "editor"}, {Role: "admin"}}
	return []State{
		{
			Area: "account",
			Page: "sign-in",
			Name: "ordinary",
			Component: account.SignInPage(account.SignIn{
				Frame:   signedOutFrame("Sign in"),
				Choices: choices,
				Return:  "/subusers",
			}),
		},
		{
			Area: "account",
			Page: "sign-in",
			Name: "error",
			Component: account.SignInPage(
				account.SignIn{
					Frame:   signedOutFrame("Sign in"),
					Choices: choices,
					Errors:  []ui.FieldError{{Text: account.RoleRequired}},
				},
			),
		},
		signedOut("ordinary", account.SignedOut{}),
		signedOut("provider", account.SignedOut{ProviderURL: "https://sso.nordlys.example/sign-out"}),
		signedOut("no-provider", account.SignedOut{StillSignedIn: true}),
		signedOut("proxy", account.SignedOut{Proxy: true, ProviderURL: "https://console.nordlys.example/oauth2/sign_out"}),
		signedOut("proxy-without", account.SignedOut{Proxy: true}),
		{
			Area: "account",
			Page: "confirmed",
			Name: "ordinary",
			Component: account.ConfirmedPage(
				account.Confirmed{Frame: frame(account.SignedInHeading, page.NoSection), Name: "Emre Editor", Href: "/"},
			),
		},
		{Area: "account", Page: "confirm-first", Name: "roles", Component: principals.RolesFormPage(recentSignInRoles())},
	}
}

// recentSignInRoles returns a form that needs a recent sign-in.
func recentSignInRoles() principals.RolesForm {
	m := ordinaryRoles()
	m.Frame.Banners = []ui.Banner{
		page.ConfirmIdentityBanner(
			page.ConfirmIdentityText,
			"/sign-in?again=1&return=/subusers/2214/roles",
		),
	}
	return m
}
