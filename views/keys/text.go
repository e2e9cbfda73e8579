package keys

import (
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// NewHeading is the heading of the form for a new key.
const NewHeading = "New key"

// CreatedHeading is the heading of the page with the credentials of a new key.
func CreatedHeading(name string, r page.Result) string {
	if r != page.Applied {
		return "We do not know yet whether the key " + name + " was created"
	}
	return "Key " + name + " was created"
}

// RecreateBanner explains a form for a new key that is filled in from an operation.
func RecreateBanner() ui.Banner {
	return ui.Banner{
		Tone: ui.Info,
		Title: "Name, description and roles are filled in from the operation. The new key has its own id and private " +
			"key.",
	}
}
