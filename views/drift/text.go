package drift

import "github.com/voxwarden/voxwarden/views/ui"

// Headings of the pages.
const (
	ListHeading   = "Drift"
	AcceptHeading = "Accept finding"
)

// ListLink returns the link to the list of findings.
func ListLink() ui.Link { return ui.Link{Text: ListHeading, Href: "/drift"} }

// The kinds of targets.
const (
	SubuserTarget = "Subuser"
	KeyTarget     = "Key"
)

// Texts of findings.
const (
	Created            = "Created."
	Deleted            = "Deleted."
	Renamed            = "Renamed."
	DescriptionChanged = "Description changed."
)

// Granted returns the text about a granted role.
func Granted(role string) string { return "Role " + role + " granted." }

// Revoked returns the text about a revoked role.
func Revoked(role string) string { return "Role " + role + " revoked." }

// StillInherited is the detail about a role that is also inherited.
const StillInherited = "Also inherited through another role."

// RolesDetail returns the detail about the roles of a created or deleted target, "" for none.
func RolesDetail(roles []string) string {
	if len(roles) == 0 {
		return ""
	}
	return "Roles: " + ui.List(roles) + "."
}

// ReplacedDetail returns the detail about a changed text.
func ReplacedDetail(before, after string) string {
	return "From “" + before + "” to “" + after + "”."
}

// Texts of the links that revert a finding.
const (
	RevertText = "Revert"
	DeleteText = "Delete"
	CreateText = "Create again"
)

// NoLongerPresent is the result of a finding that a later reading did not show.
const NoLongerPresent = "No longer present"

// AcceptedBy returns the result of an accepted finding.
func AcceptedBy(name string) string { return "Accepted by " + name }

// Messages after accepting a finding.
const (
	AcceptedMessage    = "Accepted. The finding counts as expected."
	NotAcceptedMessage = "Not accepted: the finding changed or is closed already. Check the current findings."
)
