package page

// What the field that names the second one asks for.
const (
	ByLogin = "Login"
	ByKeyID = "Key id"
)

// Why what was typed names nobody.
const (
	NoSuchLogin = "No subuser has this login."
	NoKeyID     = "This is not the id of a key: copy it from the key's page."
)

// CompareHeading heads the page that asks for whom to compare with.
func CompareHeading(name string) string { return "Compare " + name }

// ComparedHeading heads the page of two.
func ComparedHeading(a, b string) string { return a + " and " + b }
