package page

import "github.com/voxwarden/voxwarden/views/ui"

// The ways on from a page that is not what was asked for.

// OverviewLink leads to the front page.
func OverviewLink() ui.Link { return ui.Link{Text: "Go to the overview", Href: "/"} }

// SubuserListLink leads to the list that most people came from.
func SubuserListLink() ui.Link {
	return ui.Link{Text: "Go to the list of subusers", Href: "/subusers", Primary: true}
}

// AuditLogLink leads to the record.
func AuditLogLink() ui.Link { return ui.Link{Text: "Go to the record", Href: "/audit", Primary: true} }

// BulkListLink leads to the list of runs.
func BulkListLink() ui.Link {
	return ui.Link{Text: "Go to the list of runs", Href: "/bulk", Primary: true}
}

// SignInLink leads to the sign-in, beside the page that waits for it.
func SignInLink(path string) ui.Link {
	return ui.Link{Text: "Sign in", Href: path, NewTab: true, Primary: true}
}

// TryAgainLink leads to the page itself.
func TryAgainLink(path string) ui.Link { return ui.Link{Text: "Try again", Href: path, Primary: true} }

// BackToFormLink leads to a form as it was before its page was lost.
func BackToFormLink(path string) ui.Link {
	return ui.Link{Text: "Back to the form, with your ticks", Href: path, Primary: true}
}

// OperationLink leads from what is said of an operation to its page.
func OperationLink(path string) ui.Link { return ui.Link{Text: "Show the operation", Href: path} }

func newFormLink(path string) ui.Link { return ui.Link{Text: "Open a new form", Href: path} }

func asPrimary(l ui.Link) ui.Link {
	l.Primary = true
	return l
}
