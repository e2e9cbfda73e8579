package drift

import "github.com/voxwarden/voxwarden/views/ui"

// What the pages are headed.
const (
	ListHeading   = "Changed outside this console"
	AcceptHeading = "Accept a change"
)

// ListLink leads to the list of what was found.
func ListLink() ui.Link { return ui.Link{Text: ListHeading, Href: "/drift"} }

// The kinds of targets.
const (
	SubuserTarget = "Subuser"
	KeyTarget     = "Key"
)

// What was found of a target.
const (
	Created            = "Was created."
	Deleted            = "Was deleted."
	Renamed            = "Was renamed."
	DescriptionChanged = "The description was changed."
)

// Granted is what was found of a role that was not held.
func Granted(role string) string { return "Role " + role + " was granted." }

// Revoked is what was found of a role that is no longer held.
func Revoked(role string) string { return "Role " + role + " was revoked." }

// StillInherited is the detail of a role that is held through another one whatever became of it itself.
const StillInherited = "It is held through another role, too."

// RolesDetail is the detail of who came or went with roles; "" without any.
func RolesDetail(roles []string) string {
	if len(roles) == 0 {
		return ""
	}
	return "Roles: " + ui.List(roles) + "."
}

// ReplacedDetail is the detail of a text that took the place of another.
func ReplacedDetail(before, after string) string {
	return "From “" + before + "” to “" + after + "”."
}

// The ways to put back what was found, beside editing it.
const (
	RevertText = "Revert"
	DeleteText = "Delete it"
	CreateText = "Create it anew"
)

// Outcome a finding ended when nobody accepted it: by being put back.
const NoLongerPresent = "No longer so"

// AcceptedBy is how a finding ended that somebody accepted.
func AcceptedBy(name string) string { return "Accepted by " + name }

// The messages after accepting.
const (
	AcceptedMessage    = "Accepted. It counts as expected from now on."
	NotAcceptedMessage = "Nothing was accepted: what you saw is no longer so, or was decided already. Look at what is " +
		"there now."
)
