package page

import "github.com/voxwarden/voxwarden/views/ui"

// Links of error pages.

// OverviewLink returns the link to the overview.
func OverviewLink() ui.Link { return ui.Link{Text: "Go to the overview", Href: "/"} }

// SubuserListLink returns the link to the list of subusers.
func SubuserListLink() ui.Link {
	return ui.Link{Text: "Go to the list of subusers", Href: "/subusers", Primary: true}
}

// AuditLogLink returns the link to the audit log.
func AuditLogLink() ui.Link {
	return ui.Link{Text: "Go to the audit log", Href: "/audit", Primary: true}
}

// BulkListLink returns the link to the list of bulk changes.
func BulkListLink() ui.Link {
	return ui.Link{Text: "Go to the bulk changes", Href: "/bulk", Primary: true}
}

// SignInLink returns the link to the sign-in in a new tab.
func SignInLink(path string) ui.Link {
	return ui.Link{Text: "Sign in", Href: path, NewTab: true, Primary: true}
}

// signInHereLink returns the link to the sign-in in the same tab.
func signInHereLink(path string) ui.Link { return ui.Link{Text: "Sign in", Href: path, Primary: true} }

// TryAgainLink returns a link to the same page.
func TryAgainLink(path string) ui.Link { return ui.Link{Text: "Try again", Href: path, Primary: true} }

// BackToFormLink returns the link to a form with its checkboxes as they were.
func BackToFormLink(path string) ui.Link {
	return ui.Link{Text: "Back to the form with your selection", Href: path, Primary: true}
}

// OperationLink returns the link to an operation's page.
func OperationLink(path string) ui.Link { return ui.Link{Text: "Show the operation", Href: path} }

func newFormLink(path string) ui.Link { return ui.Link{Text: "Open a new form", Href: path} }

func asPrimary(l ui.Link) ui.Link {
	l.Primary = true
	return l
}
