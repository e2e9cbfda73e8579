package page

import "github.com/voxwarden/voxwarden/views/ui"

// The ways on from a page that is not what was asked for.

// ToOverview leads to the front page.
func ToOverview() ui.Link { return ui.Link{Text: "Go to the overview", Href: "/"} }

// ToSubusers leads to the list that most people came from.
func ToSubusers() ui.Link {
	return ui.Link{Text: "Go to the list of subusers", Href: "/subusers", Primary: true}
}

// ToRecord leads to the record.
func ToRecord() ui.Link { return ui.Link{Text: "Go to the record", Href: "/audit", Primary: true} }

// ToRuns leads to the list of runs.
func ToRuns() ui.Link { return ui.Link{Text: "Go to the list of runs", Href: "/runs", Primary: true} }

// ToSignIn leads to the sign-in, beside the page that waits for it.
func ToSignIn(path string) ui.Link {
	return ui.Link{Text: "Sign in", Href: path, NewTab: true, Primary: true}
}

// TryAgain leads to the page itself.
func TryAgain(path string) ui.Link { return ui.Link{Text: "Try again", Href: path, Primary: true} }

// BackToForm leads to a form as it was before its page was lost.
func BackToForm(path string) ui.Link {
	return ui.Link{Text: "Back to the form, with your ticks", Href: path, Primary: true}
}

// ShowOperation leads from what is said of an operation to its page.
func ShowOperation(path string) ui.Link { return ui.Link{Text: "Show the operation", Href: path} }

func newForm(path string) ui.Link { return ui.Link{Text: "Open a new form", Href: path} }

func primary(l ui.Link) ui.Link {
	l.Primary = true
	return l
}
