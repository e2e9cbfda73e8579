package principals

import "github.com/voxwarden/voxwarden/internal/access"

// What is wrong with the input that names the second principal.
const (
	NoSuchLogin   = "No subuser has this login."
	LoginsNotRead = "The subusers are still being read. Try again in a moment."
	LoginNotRead  = "No subuser with this login was read, and some could not be. Open the subuser's page by its id."
	InvalidKeyID  = "This is not the id of a key. Copy the id from the key's page."
)

// compareLabel labels the field for the second principal: names of keys are not unique.
func compareLabel(kind access.Kind) string {
	if kind == access.Key {
		return "Key id"
	}
	return "Login"
}

// ComparePromptHeading is the heading of the page that asks for the second principal.
func ComparePromptHeading(name string) string { return "Compare " + name }

// ComparisonHeading is the heading of the comparison.
func ComparisonHeading(a, b string) string { return a + " and " + b }
