package gallery

import (
	"github.com/voxwarden/voxwarden/views/account"
	"github.com/voxwarden/voxwarden/views/ui"
)

func accountStates() []State {
	choices := []account.Choice{{Role: "viewer"}, {Role: "auditor"}, {Role: "editor"}, {Role: "admin"}}
	return []State{
		{Area: "account", Page: "sign-in", Name: "ordinary", Component: account.SignInPage(account.SignIn{Frame: stranger("Sign in"), Choices: choices, Return: "/subusers"})},
		{Area: "account", Page: "sign-in", Name: "error", Component: account.SignInPage(account.SignIn{Frame: stranger("Sign in"), Choices: choices, Errors: []ui.FieldError{{Text: "Choose one of the four below."}}})},
		{Area: "account", Page: "signed-out", Name: "ordinary", Component: account.SignedOutPage(account.SignedOut{Frame: stranger("You are signed out")})},
		{Area: "account", Page: "signed-out", Name: "provider", Component: account.SignedOutPage(account.SignedOut{Frame: stranger("You are signed out"), ProviderURL: "https://sso.nordlys.example/sign-out"})},
	}
}
