package grants

import "github.com/voxwarden/voxwarden/views/page"

// FormHeading heads the form for somebody's roles.
func FormHeading(name string) string { return "Roles of " + name }

// ReviewHeading heads the page between the form and the change.
func ReviewHeading(name string) string { return "Review the change for " + name }

// OutcomeHeading heads the page of a change that was not simply made.
func OutcomeHeading(name string, r page.Result) string {
	if r == page.Partly {
		return "The roles of " + name + " were changed in part"
	}
	return "We do not know yet whether the roles of " + name + " were changed"
}

// ChangedMessage is the message of a change that was made.
func ChangedMessage(name string) string { return "The roles of " + name + " were changed." }
