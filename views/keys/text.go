package keys

import (
	"strings"

	"github.com/voxwarden/voxwarden/views/page"
)

// NewHeading heads the form for a new key.
const NewHeading = "New key"

// EditHeading heads the form for name and description.
func EditHeading(name string) string { return "Edit " + name }

// DeleteHeading heads the page that asks for the last word.
func DeleteHeading(name string) string { return "Delete " + name }

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

// EditedMessage is the message of a key whose texts were changed.
func EditedMessage(name string) string { return "The " + keyNamed(name) + " was changed." }

// DeletedMessage is the message of a key that is gone.
func DeletedMessage(name string) string { return "The " + keyNamed(name) + " was deleted." }

// keyNamed is a key within a sentence. One without a name is called by its id, as "key 1f0c4b6e", which is enough.
func keyNamed(name string) string {
	if strings.HasPrefix(name, "key ") {
		return name
	}
	return "key " + name
}
