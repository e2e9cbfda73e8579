package keys

import "github.com/voxwarden/voxwarden/views/page"

// NewHeading is the heading of the form for a new key.
const NewHeading = "New key"

// CreatedHeading is the heading of the page with the credentials of a new key.
func CreatedHeading(name string, r page.Result) string {
	if r != page.Applied {
		return "We do not know yet whether the key " + name + " was created"
	}
	return "Key " + name + " was created"
}

// RecreateNote explains a form for a new key that is filled in from an operation.
const RecreateNote = "Name, description and roles are filled in from the operation. The new key has its own id and " +
	"private key."
