package page

import "github.com/voxwarden/voxwarden/views/ui"

// Each of these is what is said of one problem: what happened, what to do next, and, when that is not the usual,
// where to go. Who answers with it knows the status.

// What several problems advise.
const (
	signInAndResend = "Sign in in a new tab, then come back here and send your form again: what you typed is " +
		"still on the " +
		"page you came from."
	retryOrContactAdmins = "Try again in a moment. If it stays like this, tell the people who run this console."
)

// newProblem makes the words of a problem.
func newProblem(title string, sentences ...string) Problem {
	return Problem{Title: title, Sentences: sentences}
}

// newUnchangedProblem makes the words of a problem of which whoever sent a form is told as well that nothing was
// changed.
func newUnchangedProblem(title string, sentences ...string) Problem {
	p := newProblem(title, sentences...)
	p.postNote = "Nothing was changed."
	return p
}

// newConflictProblem is unchanged where somebody else has changed something.
func newConflictProblem(title string, sentences ...string) Problem {
	p := newProblem(title, sentences...)
	p.postNote = "Nothing was changed by your form."
	return p
}

// ForPost is the problem as it is told to whoever sent a form: whether anything was changed is what they want to know
// first. Who only asked for a page changed nothing anyway.
func (p Problem) ForPost() Problem {
	if p.postNote != "" && len(p.Sentences) > 0 {
		p.Sentences = append([]string{p.Sentences[0] + " " + p.postNote}, p.Sentences[1:]...)
	}
	return p
}

// SignInAgain is said to who is not signed in.
func SignInAgain() Problem {
	return newUnchangedProblem("Sign in again", "You are not signed in, or your session has ended.", signInAndResend)
}

// GroupsOutdated is said when a change needs newer groups than the sign-in told.
func GroupsOutdated() Problem {
	return newUnchangedProblem(
		"Sign in once more",
		"A change needs your groups as they are now, and it is too long since they were told.",
		signInAndResend,
	)
}

// ConfirmIdentity is said when a change needs a sign-in of the last minutes. path is where one proves it is oneself.
func ConfirmIdentity(path string) Problem {
	p := newUnchangedProblem(
		"Confirm that it is you",
		"Only admins may do this, and it needs a sign-in of the last five minutes.",
		signInAndResend,
	)
	p.Actions = []ui.Link{{Text: "Confirm that it is you", Href: path, NewTab: true, Primary: true}}
	return p
}

// FormOfOtherSession is said of a form that was drawn for another session.
func FormOfOtherSession() Problem {
	return newUnchangedProblem(
		"This form is from another sign-in",
		"It was drawn before you signed in as you are now.",
		"Go back, load the page anew, and send the form again.",
	)
}

// IdentityMissing is said when a request came without the proxy's word on who is asking.
func IdentityMissing() Problem {
	return newUnchangedProblem(
		"Nobody said who you are",
		"This console stands behind your company's sign-in, and your request came without it.",
		"Open the console at its own address. If you did, tell the people who run it the request id below.",
	)
}

// SignInRefused is said of a sign-in that proves nobody.
func SignInRefused() Problem {
	return newUnchangedProblem(
		"Your sign-in was not accepted",
		"What came with the request does not prove who you are.",
		"Try again from your company's start page. If it stays like this, tell the people who run this console the "+
			"request id below.",
	)
}

// SignInUnavailable is said when the company's sign-in does not answer.
func SignInUnavailable() Problem {
	return newUnchangedProblem(
		"Your company's sign-in cannot be reached",
		"Without it the console cannot find out who you are.",
		retryOrContactAdmins,
	)
}

// DatabaseUnavailable is said when the sessions cannot be read.
func DatabaseUnavailable() Problem {
	return newUnchangedProblem(
		"The console cannot reach its database",
		"Without it nobody can tell who is signed in.",
		retryOrContactAdmins,
	)
}

// SignInNotLogged is said when a sign-in could not be written to the record.
func SignInNotLogged() Problem {
	return newProblem(
		"The record cannot be written",
		"You are not signed in: the console lets nobody in without writing it down first.",
		retryOrContactAdmins,
	)
}

// OperationNotLogged is said when an act could not be written to the record.
func OperationNotLogged() Problem {
	return newProblem(
		"The record cannot be written",
		"Nothing was sent to Voximplant, and nothing was changed: this console does nothing that it cannot write down first.",
		retryOrContactAdmins,
	)
}

// NotAllowed is said to who lacks a permission.
func NotAllowed() Problem {
	return newUnchangedProblem(
		"You may not do this",
		"Your role in this console does not allow it.",
		"If you need it for your work, ask the people who run this console.",
	)
}

// NoRole is said to who is signed in and may do nothing at all.
func NoRole() Problem {
	p := newProblem("You may not do this", "You are signed in, but you have no role in this console.",
		"Ask the people who run it to give you one: what to tell them is on the page about your sign-in.")
	p.Actions = []ui.Link{asPrimary(Me.Link())}
	return p
}

// CrossSiteForm is said of a form that came from another site.
func CrossSiteForm() Problem {
	return newUnchangedProblem(
		"This form was sent from another site",
		"The console takes forms from its own pages only.",
		"If you did not mean to change anything, there is nothing to do. If you did, open the page here and fill in "+
			"its form.",
	)
}

// InvalidForm is said of what is no form of ours.
func InvalidForm() Problem {
	return newUnchangedProblem(
		"This form cannot be read",
		"What was sent is not a form of this console.",
		"Open the page again and fill in its form.",
	)
}

// FormTooLarge is said of a form that is larger than any of ours.
func FormTooLarge() Problem {
	return newUnchangedProblem(
		"This form is too large",
		"No form of this console is as large as what was sent.",
		"Go back and shorten what you typed.",
	)
}

// TooManyRequests is said to who has sent more than people do.
func TooManyRequests() Problem {
	return newUnchangedProblem(
		"That was too much at once",
		"This console takes only so many requests a minute from one person and from one address.",
		"Wait a minute, then try again.",
	)
}

// MethodNotAllowed is said of an address that is not for what was asked of it.
func MethodNotAllowed() Problem {
	return newUnchangedProblem(
		"This page cannot be used like that",
		"The address exists, but not for what was asked of it.",
	)
}

// PageNotFound is said of an address that shows nothing.
func PageNotFound() Problem {
	return newUnchangedProblem("There is no such page", "The address may be misspelt, or what it showed may be gone.")
}

// PrincipalNotFound is said of a subuser or key that the vendor does not know.
func PrincipalNotFound() Problem {
	return newUnchangedProblem(
		"This is not in the account",
		"Voximplant does not know it: it may have been deleted, or the address is misspelt.",
	)
}

// OperationNotFound is said of an operation that the record does not know.
func OperationNotFound() Problem {
	p := newUnchangedProblem("There is no such operation", "The record does not know it: the address may be misspelt.")
	p.Actions = []ui.Link{AuditLogLink(), OverviewLink()}
	return p
}

// BulkChangeNotFound is said of a run that is not there.
func BulkChangeNotFound() Problem {
	p := newUnchangedProblem(
		"There is no such run",
		"It may have been a preview that was never started: those are forgotten after a day.",
	)
	p.Actions = []ui.Link{BulkListLink(), OverviewLink()}
	return p
}

// CatalogueUnavailable is said when the vendor did not tell the roles.
func CatalogueUnavailable() Problem {
	return newUnchangedProblem(
		"The roles of the account are not known",
		"The role catalogue could not be read from Voximplant, so roles can be neither shown nor changed.",
		"Try again in a moment.",
	)
}

// ResponseTimeout is said of an answer that did not come in time.
func ResponseTimeout() Problem {
	return newProblem(
		"This took too long",
		"The answer did not come in time.",
		"Before you send a form again, look at the overview for what was done.",
	)
}

// ExportNotReady is said when a file is asked for before the account was read once.
func ExportNotReady(rows int) Problem {
	return newProblem(
		"The list is still being read",
		rowsReadText(rows)+"A file now would lack the others.",
		"Try again in a moment.",
	)
}

// BulkPreviewNotReady is said when a run is planned before the account was read once.
func BulkPreviewNotReady(rows int) Problem {
	return newUnchangedProblem(
		"The list is still being read",
		rowsReadText(rows)+"A preview now would lack the others.",
		"Try again in a moment.",
	)
}

func rowsReadText(rows int) string {
	return "So far " + ui.Count(rows, "row was", "rows were") + " read from Voximplant. "
}

// ChangedMeanwhile is said of a form whose subject is not any more what it was.
func ChangedMeanwhile() Problem {
	return newConflictProblem(
		"This was changed in the meantime",
		"Somebody changed it since your form was drawn.",
		"Open the page again and look at what holds now.",
	)
}

// OperationPending names the operation that is in the way.
func OperationPending(actor, target, path string) Problem {
	p := newConflictProblem(
		"Another operation is not finished yet",
		"An operation of "+actor+" on "+target+" is not settled yet.",
		"Look at that operation, and try again when it is settled.",
	)
	p.Actions = []ui.Link{asPrimary(OperationLink(path)), OverviewLink()}
	return p
}

// FormMismatch is said of a form that was not made for what it was sent for. form is the address of a new one.
func FormMismatch(form string) Problem {
	p := newUnchangedProblem(
		"This form cannot be used",
		"The form belongs to somebody else, or was made for something else.",
	)
	p.Actions = []ui.Link{newFormLink(form), OverviewLink()}
	return p
}

// FormAlreadySent is said of a form that was sent with other values before. path is what became of it then.
func FormAlreadySent(target, path, form string) Problem {
	p := newProblem(
		"This form was already sent",
		"This form was already sent once, for "+target+". Nothing was sent again.",
		"Look at what became of it. For anything else, open a new form.",
	)
	p.Actions = []ui.Link{{Text: "See that operation", Href: path, Primary: true}, newFormLink(form)}
	return p
}

// InternalError is said of what nobody thought of. A form may have been carried out all the same.
func InternalError(posted bool) Problem {
	next := "Try again. If it happens again, tell the people who run this console the request id below."
	if posted {
		next = "Before you try again, look at the overview for what was done. Tell the people who run this console the " +
			"request id below."
	}
	return newProblem("Something went wrong here", "The console has a fault; it is not you and not Voximplant.", next)
}
