package page

import "github.com/voxwarden/voxwarden/views/ui"

// Each of these is what is said of one problem: what happened, what to do next, and, when that is not the usual,
// where to go. Who answers with it knows the status.

// What several problems advise.
const (
	comeBack = "Sign in in a new tab, then come back here and send your form again: what you typed is still on the " +
		"page you came from."
	tellPeople = "Try again in a moment. If it stays like this, tell the people who run this console."
)

// said makes the words of a problem.
func said(title string, sentences ...string) Problem {
	return Problem{Title: title, Sentences: sentences}
}

// unchanged makes the words of a problem of which whoever sent a form is told as well that nothing was changed.
func unchanged(title string, sentences ...string) Problem {
	p := said(title, sentences...)
	p.posted = "Nothing was changed."
	return p
}

// unchangedByYours is unchanged where somebody else has changed something.
func unchangedByYours(title string, sentences ...string) Problem {
	p := said(title, sentences...)
	p.posted = "Nothing was changed by your form."
	return p
}

// Posted is the problem as it is told to whoever sent a form: whether anything was changed is what they want to know
// first. Who only asked for a page changed nothing anyway.
func (p Problem) Posted() Problem {
	if p.posted != "" && len(p.Sentences) > 0 {
		p.Sentences = append([]string{p.Sentences[0] + " " + p.posted}, p.Sentences[1:]...)
	}
	return p
}

// SignInAgain is said to who is not signed in.
func SignInAgain() Problem {
	return unchanged("Sign in again", "You are not signed in, or your session has ended.", comeBack)
}

// SignInOnceMore is said when a change needs newer groups than the sign-in told.
func SignInOnceMore() Problem {
	return unchanged(
		"Sign in once more",
		"A change needs your groups as they are now, and it is too long since they were told.",
		comeBack,
	)
}

// ConfirmYourself is said when a change needs a sign-in of the last minutes. path is where one proves it is oneself.
func ConfirmYourself(path string) Problem {
	p := unchanged(
		"Confirm that it is you",
		"Only admins may do this, and it needs a sign-in of the last five minutes.",
		comeBack,
	)
	p.Actions = []ui.Link{{Text: "Confirm that it is you", Href: path, NewTab: true, Primary: true}}
	return p
}

// OtherSignIn is said of a form that was drawn for another session.
func OtherSignIn() Problem {
	return unchanged(
		"This form is from another sign-in",
		"It was drawn before you signed in as you are now.",
		"Go back, load the page anew, and send the form again.",
	)
}

// NobodySaid is said when a request came without the proxy's word on who is asking.
func NobodySaid() Problem {
	return unchanged(
		"Nobody said who you are",
		"This console stands behind your company's sign-in, and your request came without it.",
		"Open the console at its own address. If you did, tell the people who run it the request id below.",
	)
}

// SignInRefused is said of a sign-in that proves nobody.
func SignInRefused() Problem {
	return unchanged(
		"Your sign-in was not accepted",
		"What came with the request does not prove who you are.",
		"Try again from your company's start page. If it stays like this, tell the people who run this console the "+
			"request id below.",
	)
}

// SignInAway is said when the company's sign-in does not answer.
func SignInAway() Problem {
	return unchanged(
		"Your company's sign-in cannot be reached",
		"Without it the console cannot find out who you are.",
		tellPeople,
	)
}

// SessionsAway is said when the sessions cannot be read.
func SessionsAway() Problem {
	return unchanged("The console cannot reach its database", "Without it nobody can tell who is signed in.", tellPeople)
}

// SignInUnrecorded is said when a sign-in could not be written to the record.
func SignInUnrecorded() Problem {
	return said(
		"The record cannot be written",
		"You are not signed in: the console lets nobody in without writing it down first.",
		tellPeople,
	)
}

// Unrecorded is said when an act could not be written to the record.
func Unrecorded() Problem {
	return said(
		"The record cannot be written",
		"Nothing was sent to Voximplant, and nothing was changed: this console does nothing that it cannot write down first.",
		tellPeople,
	)
}

// NotAllowed is said to who lacks a permission.
func NotAllowed() Problem {
	return unchanged(
		"You may not do this",
		"Your role in this console does not allow it.",
		"If you need it for your work, ask the people who run this console.",
	)
}

// NoRole is said to who is signed in and may do nothing at all.
func NoRole() Problem {
	p := said("You may not do this", "You are signed in, but you have no role in this console.",
		"Ask the people who run it to give you one: what to tell them is on the page about your sign-in.")
	p.Actions = []ui.Link{primary(Me.Link())}
	return p
}

// OtherSite is said of a form that came from another site.
func OtherSite() Problem {
	return unchanged(
		"This form was sent from another site",
		"The console takes forms from its own pages only.",
		"If you did not mean to change anything, there is nothing to do. If you did, open the page here and fill in "+
			"its form.",
	)
}

// NoForm is said of what is no form of ours.
func NoForm() Problem {
	return unchanged(
		"This form cannot be read",
		"What was sent is not a form of this console.",
		"Open the page again and fill in its form.",
	)
}

// TooLarge is said of a form that is larger than any of ours.
func TooLarge() Problem {
	return unchanged(
		"This form is too large",
		"No form of this console is as large as what was sent.",
		"Go back and shorten what you typed.",
	)
}

// TooMany is said to who has sent more than people do.
func TooMany() Problem {
	return unchanged(
		"That was too much at once",
		"This console takes only so many requests a minute from one person and from one address.",
		"Wait a minute, then try again.",
	)
}

// WrongMethod is said of an address that is not for what was asked of it.
func WrongMethod() Problem {
	return unchanged("This page cannot be used like that", "The address exists, but not for what was asked of it.")
}

// NoPage is said of an address that shows nothing.
func NoPage() Problem {
	return unchanged("There is no such page", "The address may be misspelt, or what it showed may be gone.")
}

// NotInAccount is said of a subuser or key that the vendor does not know.
func NotInAccount() Problem {
	return unchanged(
		"This is not in the account",
		"Voximplant does not know it: it may have been deleted, or the address is misspelt.",
	)
}

// NoOperation is said of an operation that the record does not know.
func NoOperation() Problem {
	p := unchanged("There is no such operation", "The record does not know it: the address may be misspelt.")
	p.Actions = []ui.Link{ToRecord(), ToOverview()}
	return p
}

// NoRun is said of a run that is not there.
func NoRun() Problem {
	p := unchanged(
		"There is no such run",
		"It may have been a preview that was never started: those are forgotten after a day.",
	)
	p.Actions = []ui.Link{ToRuns(), ToOverview()}
	return p
}

// NoCatalogue is said when the vendor did not tell the roles.
func NoCatalogue() Problem {
	return unchanged(
		"The roles of the account are not known",
		"The role catalogue could not be read from Voximplant, so roles can be neither shown nor changed.",
		"Try again in a moment.",
	)
}

// TooSlow is said of an answer that did not come in time.
func TooSlow() Problem {
	return said(
		"This took too long",
		"The answer did not come in time.",
		"Before you send a form again, look at the overview for what was done.",
	)
}

// ExportTooEarly is said when a file is asked for before the account was read once.
func ExportTooEarly(rows int) Problem {
	return said(
		"The list is still being read",
		readSoFar(rows)+"A file now would lack the others.",
		"Try again in a moment.",
	)
}

// RunTooEarly is said when a run is planned before the account was read once.
func RunTooEarly(rows int) Problem {
	return unchanged(
		"The list is still being read",
		readSoFar(rows)+"A preview now would lack the others.",
		"Try again in a moment.",
	)
}

func readSoFar(rows int) string {
	return "So far " + ui.Count(rows, "row was", "rows were") + " read from Voximplant. "
}

// ChangedMeanwhile is said of a form whose subject is not any more what it was.
func ChangedMeanwhile() Problem {
	return unchangedByYours(
		"This was changed in the meantime",
		"Somebody changed it since your form was drawn.",
		"Open the page again and look at what holds now.",
	)
}

// OtherOperation names the operation that is in the way.
func OtherOperation(actor, target, path string) Problem {
	p := unchangedByYours(
		"Another operation is not finished yet",
		"An operation of "+actor+" on "+target+" is not settled yet.",
		"Look at that operation, and try again when it is settled.",
	)
	p.Actions = []ui.Link{primary(ShowOperation(path)), ToOverview()}
	return p
}

// FormOfAnother is said of a form that was not made for what it was sent for. form is the address of a new one.
func FormOfAnother(form string) Problem {
	p := unchanged("This form cannot be used", "The form belongs to somebody else, or was made for something else.")
	p.Actions = []ui.Link{newForm(form), ToOverview()}
	return p
}

// FormSentBefore is said of a form that was sent with other values before. path is what became of it then.
func FormSentBefore(target, path, form string) Problem {
	p := said("This form was already sent", "This form was already sent once, for "+target+". Nothing was sent again.",
		"Look at what became of it. For anything else, open a new form.")
	p.Actions = []ui.Link{{Text: "See that operation", Href: path, Primary: true}, newForm(form)}
	return p
}

// Fault is said of what nobody thought of. A form may have been carried out all the same.
func Fault(posted bool) Problem {
	next := "Try again. If it happens again, tell the people who run this console the request id below."
	if posted {
		next = "Before you try again, look at the overview for what was done. Tell the people who run this console the " +
			"request id below."
	}
	return said("Something went wrong here", "The console has a fault; it is not you and not Voximplant.", next)
}
