package principals

import "github.com/voxwarden/voxwarden/views/page"

// EditHeading is the heading of the form for name and description.
func EditHeading(name string) string { return "Edit " + name }

// DeleteHeading is the heading of the page that deletes a principal.
func DeleteHeading(name string) string { return "Delete " + name }

// DeletedHeading is the heading of the page after a deletion that leaves something to do.
func DeletedHeading(name string, r page.Result) string {
	if r == page.Applied {
		return name + " was deleted"
	}
	return "We do not know yet whether " + name + " was deleted"
}

// RolesFormHeading is the heading of the form for the roles of a principal.
func RolesFormHeading(name string) string { return "Roles of " + name }

// RolesReviewHeading is the heading of the preview of a change of roles.
func RolesReviewHeading(name string) string { return "Review the change for " + name }

// RolesOutcomeHeading is the heading of a change of roles that was partly applied, or has an unknown outcome.
func RolesOutcomeHeading(name string, r page.Result) string {
	if r == page.PartlyApplied {
		return "The roles of " + name + " were changed in part"
	}
	return "We do not know yet whether the roles of " + name + " were changed"
}

// RolesChangedMessage is the message after roles were changed.
func RolesChangedMessage(name string) string { return "The roles of " + name + " were changed." }
