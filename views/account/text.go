package account

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

// button is what the choice's button says.
func (c Choice) button() string { return "Sign in as " + c.Role }
