package audit

import (
	"strings"

	"github.com/voxwarden/voxwarden/views/ui"
)

// PartlyAppliedBanner offers to finish a change of roles. path is the form that does.
func PartlyAppliedBanner(path string) ui.Banner {
	return ui.Banner{
		Tone:  ui.Warning,
		Title: "A part of this was not done",
		Text:  "Unless somebody has done it since, it can be finished as a new operation.",
		Links: []ui.Link{{Text: "Finish it", Href: path}},
	}
}

// UnfinishedReissueBanner says that a re-issue took somebody's access away and gave none back. path is the form that
// finishes it.
func UnfinishedReissueBanner(login, path string) ui.Banner {
	return ui.Banner{
		Tone: ui.Danger, Title: login + " cannot sign in",
		Text: "The subuser was deleted and not created again. Unless somebody has done that since, it can be finished as " +
			"a new operation, with the same login, description and roles and a new password.",
		Links: []ui.Link{{Text: "Finish re-issue", Href: path}},
	}
}

// RecreatedBanner says that there is nothing left to finish of such a re-issue.
func RecreatedBanner(login string) ui.Banner {
	return ui.Banner{
		Tone: ui.Info, Title: login + " was created again since",
		Text: "This operation deleted the subuser and did not create it again; a later one did.",
	}
}

// LaterOperationLink leads from there to the operation that did.
func LaterOperationLink(path string) ui.Link {
	return ui.Link{Text: "Show the later operation", Href: path}
}

// PrivateKeyLostBanner says that nobody has the private key of a new key.
func PrivateKeyLostBanner(deletePath, againPath string) ui.Banner {
	return ui.Banner{
		Tone: ui.Warning, Title: "The private key was lost",
		Text: "The key was created, but the answer that held its private key never arrived. Nobody can use this key: " +
			"delete it and create it again.",
		Links: []ui.Link{{Text: "Delete this key", Href: deletePath}, {Text: "Create it again", Href: againPath}},
	}
}

// undoText says where the way to undo an operation leads.
func (m Operation) undoText() string {
	if strings.HasSuffix(m.UndoHref, "/delete") {
		return "open the page that deletes it again."
	}
	return "open the form filled with what was there before."
}
