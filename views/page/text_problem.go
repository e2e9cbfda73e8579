package page

import (
	"github.com/voxwarden/voxwarden/views/ui"
)

// The functions of this file return error pages: what happened, what to do next, and links where the usual ones do not
// fit. The handler sets the status.

// Advice that several pages share.
const (
	signInAndResend      = "Sign in in a new tab. Then go back and send the form again: your entries are still there."
	retryOrContactAdmins = "Try again in a moment. If it does not help, contact the administrators of this console."
	reportRequestID      = "If it happens again, give the request id below to the administrators of this console."
)

func newProblem(title string, sentences ...string) Problem {
	return Problem{Title: title, Sentences: sentences}
}

// newUnchangedProblem returns a problem of which ForPost adds that nothing was changed.
func newUnchangedProblem(title string, sentences ...string) Problem {
	p := newProblem(title, sentences...)
	p.postNote = "Nothing was changed."
	return p
}

// newConflictProblem returns a problem of which ForPost adds that the form changed nothing: another change was made.
func newConflictProblem(title string, sentences ...string) Problem {
	p := newProblem(title, sentences...)
	p.postNote = "Nothing was changed by your form."
	return p
}

// ForPost returns the problem as the response to a form, with whether anything was changed in the first sentence.
func (p Problem) ForPost() Problem {
	if p.postNote != "" && len(p.Sentences) > 0 {
		p.Sentences = append([]string{p.Sentences[0] + " " + p.postNote}, p.Sentences[1:]...)
	}
	return p
}

// NotAllowed is the page for a request without permission.
func NotAllowed() Problem {
	return newUnchangedProblem(
		"You may not do this",
		"Your role in this console does not allow it.",
		"If you need it, ask the administrators of this console.",
	)
}

// NoRole is the page for an operator without any role.
func NoRole() Problem {
	p := newProblem("You may not do this", "You are signed in, but you have no role in this console.",
		"Ask the administrators of this console for a role, and send them the identity shown on “Your sign-in”.")
	p.Actions = []ui.Link{asPrimary(Me.Link())}
	return p
}

// CrossSiteForm is the page for a form from another site.
func CrossSiteForm() Problem {
	return newUnchangedProblem(
		"This form was sent from another site",
		"The console accepts forms from its own pages only.",
		"If you wanted to change something, open the page here and fill in its form.",
	)
}

// InvalidForm is the page for a body that is not a form.
func InvalidForm() Problem {
	return newUnchangedProblem(
		"This form cannot be read",
		"It is not a form of this console.",
		"Open the page again and fill in its form.",
	)
}

// FormTooLarge is the page for a form above the size limit.
func FormTooLarge() Problem {
	return newUnchangedProblem(
		"This form is too large",
		"It is larger than the console accepts.",
		"Go back and shorten your entries.",
	)
}

// TooManyRequests is the page for a request above the rate limit.
func TooManyRequests() Problem {
	return newUnchangedProblem(
		"Too many requests",
		"The console limits the requests a minute from each person and each address.",
		"Wait a minute, then try again.",
	)
}

// TooManyAtOnce is the page for a request that waited in vain for others to end.
func TooManyAtOnce() Problem {
	return newUnchangedProblem(
		"Too many requests at once",
		"The console serves only a few requests of this kind at the same time, and the others did not end.",
		"Try again in a moment.",
	)
}

// MethodNotAllowed is the page for a method that the address does not support.
func MethodNotAllowed() Problem {
	return newUnchangedProblem(
		"This page cannot be used like that",
		"The address exists, but does not support this request.",
	)
}

// PageNotFound is the page for an unknown address.
func PageNotFound() Problem {
	return newUnchangedProblem("There is no such page", "The address may be wrong, or the page no longer exists.")
}

// PrincipalNotFound is the page for a subuser or key that the vendor does not know.
func PrincipalNotFound() Problem {
	return newUnchangedProblem(
		"This is not in the account",
		"Voximplant does not know it. It may have been deleted, or the address is wrong.",
	)
}

// OperationNotFound is the page for an unknown operation.
func OperationNotFound() Problem {
	p := newUnchangedProblem("There is no such operation", "It is not in the audit log. The address may be wrong.")
	p.Actions = []ui.Link{AuditLogLink(), OverviewLink()}
	return p
}

// BulkChangeNotFound is the page for an unknown bulk change.
func BulkChangeNotFound() Problem {
	p := newUnchangedProblem(
		"There is no such bulk change",
		"A preview that is not started is deleted after a day, and earlier when you make many others.",
	)
	p.Actions = []ui.Link{BulkListLink(), OverviewLink()}
	return p
}

// BulkPreviewTooLarge is the page for a preview that would take too much space.
func BulkPreviewTooLarge() Problem {
	return newUnchangedProblem(
		"This bulk change is too large",
		"Its preview takes more space than the console stores for one, because of its many texts.",
		"Split it into smaller ones.",
	)
}

// TooManyBulkPreviews is the page shown while the previews of all operators take too much space.
func TooManyBulkPreviews() Problem {
	p := newUnchangedProblem(
		"Too many bulk changes wait for their start",
		"The console stores no more previews at the moment. They are deleted after a day.",
		"Try again later, or make a smaller bulk change.",
	)
	p.Actions = []ui.Link{BulkListLink(), OverviewLink()}
	return p
}

// CatalogueUnavailable is the page shown when the role catalogue is unknown.
func CatalogueUnavailable() Problem {
	return newUnchangedProblem(
		"The roles are not known",
		"The role catalogue could not be read from Voximplant, so roles can be neither shown nor changed.",
		"Try again in a moment.",
	)
}

// PrivilegeUnknown is the page for a change of an operator who may not make privileged changes, while the role
// catalogue cannot be read.
func PrivilegeUnknown() Problem {
	return newUnchangedProblem(
		"The roles could not be checked",
		"Voximplant's roles could not be read just now, so it is not certain that none of these is privileged.",
		"Try again in a moment, or ask an admin.",
	)
}

// SearchTimeout is the page for a search that was ended.
func SearchTimeout() Problem {
	return newUnchangedProblem(SearchTimeoutTitle, SearchTimeoutText)
}

// What happened to a search that was ended, and how to narrow it.
const (
	SearchTimeoutTitle = "The search took too long"
	SearchTimeoutText  = "It was ended, because it would slow down other pages. Choose a shorter time, or a person, " +
		"target or action."
)

// ResponseTimeout is the page shown when a request exceeds its time limit.
func ResponseTimeout() Problem {
	return newProblem(
		"This took too long",
		"The database or Voximplant did not respond in time.",
		"Before you send a form again, check the latest changes on the overview.",
	)
}

// ExportNotReady is the page for an export before the first complete reading. rows is the number of rows read so far.
func ExportNotReady(rows int) Problem {
	return newProblem(
		"The list is still being read",
		rowsReadText(rows)+"An export would be incomplete.",
		"Try again in a moment.",
	)
}

// BulkPreviewNotReady is the page for a preview before the first complete reading. rows is the number of rows read so
// far.
func BulkPreviewNotReady(rows int) Problem {
	return newUnchangedProblem(
		"The list is still being read",
		rowsReadText(rows)+"A preview would be incomplete.",
		"Try again in a moment.",
	)
}

func rowsReadText(rows int) string {
	return ui.Count(rows, "row was", "rows were") + " read from Voximplant so far. "
}

// ChangedMeanwhile is the page for a form that no longer matches the state of its target.
func ChangedMeanwhile() Problem {
	return newConflictProblem(
		"This was changed in the meantime",
		"Another change was made after you opened the form.",
		"Open the page again and check the current state.",
	)
}

// OperationPending is the page for a change that another operation blocks.
func OperationPending(actor, target, path string) Problem {
	p := newConflictProblem(
		"Another operation is not finished",
		"An operation of "+actor+" on "+target+" has no known outcome yet.",
		"Open that operation, and try again when it has one.",
	)
	p.Actions = []ui.Link{asPrimary(OperationLink(path)), OverviewLink()}
	return p
}

// FormMismatch is the page for a form of another operator, action or target. form is the address of a new one.
func FormMismatch(form string) Problem {
	p := newUnchangedProblem(
		"This form cannot be used",
		"It was opened by another operator, or for something else.",
	)
	p.Actions = []ui.Link{newFormLink(form), OverviewLink()}
	return p
}

// FormAlreadySent is the page for a form that was sent before with other values. path is the operation of that time.
func FormAlreadySent(target, path, form string) Problem {
	p := newProblem(
		"This form was already sent",
		"It was sent before, for "+target+". Nothing was sent again.",
		"Check the outcome of that operation. For another change, open a new form.",
	)
	p.Actions = []ui.Link{asPrimary(OperationLink(path)), newFormLink(form)}
	return p
}

// InternalError is the page for an unexpected error. A posted form may have been carried out.
func InternalError(posted bool) Problem {
	next := "Try again. " + reportRequestID
	if posted {
		next = "Check the latest changes on the overview before you try again. " + reportRequestID
	}
	return newProblem("Something went wrong", "This is an error of the console, not of you or Voximplant.", next)
}
