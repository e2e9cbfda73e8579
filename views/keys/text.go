package keys

import (
	"github.com/voxwarden/voxwarden/views/page"
)

// NewHeading heads the form for a new key.
const NewHeading = "New key"

// CreatedHeading heads the page that hands a new key over.
func CreatedHeading(name string, r page.Result) string {
	if r != page.Applied {
		return "We do not know yet whether the key " + name + " was created"
	}
	return "Key " + name + " was created"
}

// RecreateNote says where the form for a new key was filled in from, when an operation is the source.
const RecreateNote = "Name, description and roles are filled in as they were. The key will be a new one, with " +
	"another id " +
	"and private key."
