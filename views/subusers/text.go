package subusers

import (
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// NewHeading is the heading of the form for a new subuser.
const NewHeading = "New subuser"

// FinishHeading is its heading when it finishes a re-issue.
func FinishHeading(login string) string { return "Finish the re-issue of " + login }

// RecreateBanner explains a form for a new subuser that is filled in from a deleted one.
func RecreateBanner(login string) ui.Banner {
	return ui.Banner{
		Tone:  ui.Info,
		Title: "This creates " + login + " again",
		Text:  "Login, description and roles are filled in as they were. The password is new, and keys are not restored.",
	}
}

// PasswordHeading is the heading of the form for the password.
func PasswordHeading(login string) string { return "Password of " + login }

// ReissueHeading is the heading of the page that re-issues access.
func ReissueHeading(login string) string { return "Re-issue the access of " + login }

// ForceHeading is the heading of the page that revokes roles by force.
func ForceHeading(login string) string { return "Revoke roles of " + login + " by force" }

// CreatedHeading is the heading of the page that shows a password.
func CreatedHeading(origin PasswordOrigin, login string, r page.Result) string {
	switch known := r == page.Applied; {
	case origin == OriginChange && known:
		return "The password of " + login + " was changed"
	case origin == OriginChange:
		return "We do not know yet whether the password of " + login + " was changed"
	case origin == OriginReissue && known:
		return "The access of " + login + " was re-issued"
	case origin == OriginReissue:
		return "We do not know yet whether " + login + " was created again"
	case known:
		return "Subuser " + login + " was created"
	default:
		return "We do not know yet whether " + login + " was created"
	}
}

// ReissuedHeading is the heading of the page of a re-issue that did not complete.
func ReissuedHeading(login string, r page.Result) string {
	if r == page.PartlyApplied {
		return login + " cannot sign in now"
	}
	return "We do not know yet whether " + login + " can sign in"
}

// CreatedMessage is the message after a subuser was created.
func CreatedMessage(login string) string { return "Subuser " + login + " was created." }

// PasswordChangedMessage is the message after a password was changed.
func PasswordChangedMessage(login string) string {
	return "The password of " + login + " was changed. Voximplant accepted it; a password cannot be read back."
}

// ReissuedMessage is the message after access was re-issued.
func ReissuedMessage(login string) string { return "The access of " + login + " was re-issued." }

// ForcedMessage is the message after a change by force.
func ForcedMessage(login string) string { return "The roles of " + login + " were changed by force." }
