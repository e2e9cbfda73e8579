package audit

import "github.com/voxwarden/voxwarden/views/ui"

// What an operation found and asked for, beside a change of roles.
const (
	LoginFact       = "Login"
	NameFact        = "Name"
	DescriptionFact = "Description"
	FormerIDFact    = "Former id"
	PasswordFact    = "Password"
	RolesFact       = "Held the roles"
	KeysFact        = "Keys at that time"
)

// Where a password came from, and where it went.
const (
	PasswordTyped  = "Typed by the operator"
	PasswordUnused = "Generated, and never used"
	PasswordShown  = "Generated, and shown once, to whoever waited for the answer. If nobody saw it, the subuser needs " +
		"a new one."
)

// ReplacedText says what text took the place of what.
func ReplacedText(before, after string) string { return quoted(before) + " → " + quoted(after) }

func quoted(text string) string {
	if text == "" {
		return "nothing"
	}
	return "“" + text + "”"
}

// RolesText lists the roles of somebody who was deleted.
func RolesText(roles []string) string {
	if len(roles) == 0 {
		return "none of their own"
	}
	return ui.List(roles)
}
