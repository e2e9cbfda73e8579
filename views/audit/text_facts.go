package audit

import "github.com/voxwarden/voxwarden/views/ui"

// Terms of an operation's details, besides a change of roles.
const (
	LoginFact       = "Login"
	NameFact        = "Name"
	DescriptionFact = "Description"
	FormerIDFact    = "Former id"
	PasswordFact    = "Password"
	RolesFact       = "Direct roles before"
	KeysFact        = "Keys at that time"
)

// The origin of a password.
const (
	PasswordTyped  = "Typed by the operator"
	PasswordUnused = "Generated, never used"
	PasswordShown  = "Generated and shown once to the operator. If the operator missed it, set a new one."
)

// ReplacedText returns a change of text as "before → after".
func ReplacedText(before, after string) string { return quoted(before) + " → " + quoted(after) }

func quoted(text string) string {
	if text == "" {
		return "empty"
	}
	return "“" + text + "”"
}

// RolesText lists the direct roles of a deleted principal.
func RolesText(roles []string) string {
	if len(roles) == 0 {
		return "none"
	}
	return ui.List(roles)
}
