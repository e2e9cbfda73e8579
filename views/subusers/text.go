package subusers

import (
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// NewHeading heads the form for a new subuser.
const NewHeading = "New subuser"

// FinishHeading heads it when it finishes a re-issue.
func FinishHeading(login string) string { return "Finish the re-issue of " + login }

// RecreateBanner says above it that it is filled in with what somebody had who was deleted.
func RecreateBanner(login string) ui.Banner {
	return ui.Banner{
		Tone: ui.Info, Title: "This creates " + login + " anew",
		Text: "Login, description and roles are filled in as they were. The password will be a new one, and keys are not " +
			"restored.",
	}
}

// CopyFromRequired is what is wrong with "Copy roles from" when it is empty.
const CopyFromRequired = "Enter the login of somebody whose roles to copy."

// PasswordHeading heads the form for the password.
func PasswordHeading(login string) string { return "Password of " + login }

// ReissueHeading heads the page that asks for the last word on a re-issue.
func ReissueHeading(login string) string { return "Re-issue the access of " + login }

// ForceHeading heads the page that offers a change by force.
func ForceHeading(login string) string { return "Revoke roles of " + login + " by force" }

// CreatedHeading heads the page that shows a password, once.
func CreatedHeading(origin PasswordOrigin, login string, r page.Result) string {
	switch known := r == page.Applied; {
	case origin == OriginChange && known:
		return "The password of " + login + " was changed"
	case origin == OriginChange:
		return "We do not know yet whether the password of " + login + " was changed"
	case origin == OriginReissue && known:
		return "The access of " + login + " was issued again"
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

// CreatedMessage is the message of somebody who was created.
func CreatedMessage(login string) string { return "Subuser " + login + " was created." }

// PasswordChangedMessage is the message of a changed password.
func PasswordChangedMessage(login string) string {
	return "The password of " + login + " was changed. Voximplant said so; a password cannot be read back."
}

// ReissuedMessage is the message of somebody who has access again.
func ReissuedMessage(login string) string { return "The access of " + login + " was issued again." }

// ForcedMessage is the message of a change by force.
func ForcedMessage(login string) string { return "The roles of " + login + " were changed by force." }
