package audit

import (
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// PartlyAppliedBanner returns the banner of a partly applied change. path is the form that finishes it.
func PartlyAppliedBanner(path string) ui.Banner {
	return ui.Banner{
		Tone:  ui.Warning,
		Title: "Partly applied",
		Text:  "Check the current state. You can finish the rest as a new operation.",
		Links: []ui.Link{{Text: "Finish the change", Href: path}},
	}
}

// UnfinishedReissueBanner returns the banner of a re-issue that deleted a subuser and did not create it again. path is
// the form that finishes it.
func UnfinishedReissueBanner(login, path string) ui.Banner {
	return ui.Banner{
		Tone: ui.Danger, Title: login + " cannot sign in",
		Text: "The subuser was deleted and not created again. Finish the re-issue to create it with the same login, " +
			"description and roles and a new password.",
		Links: []ui.Link{{Text: "Finish re-issue", Href: path}},
	}
}

// RecreatedBanner returns the banner of such a re-issue that a later operation finished.
func RecreatedBanner(login string) ui.Banner {
	return ui.Banner{
		Tone: ui.Info, Title: login + " was created again later",
		Text: "This operation deleted the subuser. A later operation created it again.",
	}
}

// LaterOperationLink returns the link to the operation that finished a re-issue.
func LaterOperationLink(path string) ui.Link {
	return ui.Link{Text: "Show the later operation", Href: path}
}

// PrivateKeyLostBanner returns the banner of a new key with a lost private key.
func PrivateKeyLostBanner(deletePath, againPath string) ui.Banner {
	return ui.Banner{
		Tone: ui.Warning, Title: "The private key was lost",
		Text:  "The key was created, but the response with its private key was lost. Delete the key and create it again.",
		Links: []ui.Link{{Text: "Delete this key", Href: deletePath}, {Text: "Create it again", Href: againPath}},
	}
}

// NoEffectBanner returns the banner of an operation that changed nothing. path is its form.
func NoEffectBanner(path string) ui.Banner {
	return ui.Banner{
		Tone: ui.Info, Title: "Nothing was changed",
		Text:  "You can open the form again. Passwords must be typed again.",
		Links: []ui.Link{{Text: "Fill in the form again", Href: path}},
	}
}

// Why there is nothing to undo.
const (
	UndoNothingRoles = "Nothing to undo: the roles are as they were before this change."
	UndoNothingTexts = "Nothing to undo: the texts are as they were before this change."
	UndoTargetGone   = "Nothing to undo: the target no longer exists."
	UndoCreatedAgain = "Nothing to undo: a subuser with this login exists."
	UndoNotKnown     = "What an undo would change is not known: the account could not be read yet."
)

// lead returns what an undo does, before the list of what it would change.
func (u Undo) lead() string {
	switch {
	case u.Deletes:
		return "opens the page that deletes it."
	case u.Creates != "" && len(u.Change.Grant) == 0:
		return "creates the " + page.InfoOf(u.Creates).Singular + " again, without roles."
	case u.Creates != "":
		return "creates the " + page.InfoOf(u.Creates).Singular + " again, with these roles:"
	default:
		return "would now make this change:"
	}
}
