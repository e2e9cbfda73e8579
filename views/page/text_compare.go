package page

// What the field that names the second one asks for.
const (
	LoginLabel = "Login"
	KeyIDLabel = "Key id"
)

// DisabledReason what was typed names nobody.
const (
	NoSuchLogin  = "No subuser has this login."
	InvalidKeyID = "This is not the id of a key: copy it from the key's page."
)

// ComparePromptHeading heads the page that asks for whom to compare with.
func ComparePromptHeading(name string) string { return "Compare " + name }

// ComparisonHeading heads the page of two.
func ComparisonHeading(a, b string) string { return a + " and " + b }
