package page

import (
	"time"

	"github.com/voxwarden/voxwarden/internal/config"
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

// SignInAgain is the page for a request without a session.
func SignInAgain() Problem {
	return newUnchangedProblem("Sign in again", "You are not signed in, or your session has ended.", signInAndResend)
}

// GroupsOutdated is the page for a change that needs newer groups than the session has.
func GroupsOutdated() Problem {
	return newUnchangedProblem(
		"Sign in again to refresh your groups",
		"A change needs your current groups, and those of your last sign-in are too old.",
		signInAndResend,
	)
}

// ConfirmIdentity is the page for a change that needs a recent sign-in. path is the sign-in.
func ConfirmIdentity(path string) Problem {
	p := newUnchangedProblem(
		"Confirm your identity",
		"This needs an admin with a sign-in within the last five minutes.",
		signInAndResend,
	)
	p.Actions = []ui.Link{{Text: "Confirm your identity", Href: path, NewTab: true, Primary: true}}
	return p
}

// FormOfOtherSession is the page for a form that belongs to another session.
func FormOfOtherSession() Problem {
	return newUnchangedProblem(
		"This form is from another sign-in",
		"You signed in again after you opened it.",
		"Go back, reload the page, and send the form again.",
	)
}

// IdentityMissing is the page for a request without the proxy's identity headers.
func IdentityMissing() Problem {
	return newUnchangedProblem(
		"No identity was received",
		"Your request came without the identity that your company's sign-in adds.",
		"Open the console at its own address. "+reportRequestID,
	)
}

// SignInRefused is the page for an invalid identity.
func SignInRefused() Problem {
	return newUnchangedProblem(
		"Your sign-in was not accepted",
		"The identity that came with your request is not valid.",
		"Try again from your company's start page. "+reportRequestID,
	)
}

// SignInEnded is the page for a response of the provider to a sign-in that is no longer in progress. path is the
// sign-in.
func SignInEnded(path string) Problem {
	p := newProblem(
		"This sign-in has ended",
		"It was already used, or it took too long.",
		"Sign in again. "+reportRequestID,
	)
	p.Actions = []ui.Link{signInHereLink(path)}
	return p
}

// SignInDenied is the page shown when the provider denies access. path is the sign-in.
func SignInDenied(path string) Problem {
	p := newProblem(
		"Your company did not let you in",
		"Your company's sign-in does not admit you to this console, or you cancelled it.",
		"If you need access, ask the administrators of your company's sign-in. Give them the request id below.",
	)
	p.Actions = []ui.Link{signInHereLink(path)}
	return p
}

// SignInNotCompleted is the page shown when the provider needs something from the operator. path is the sign-in.
func SignInNotCompleted(path string) Problem {
	p := newProblem(
		"Your sign-in was not completed",
		"Your company's sign-in still needs something from you, such as your consent.",
		"Sign in again, and complete every step there. "+reportRequestID,
	)
	p.Actions = []ui.Link{signInHereLink(path)}
	return p
}

// SignInFailed is the page shown when the provider reports an error. path is the sign-in.
func SignInFailed(path string) Problem {
	p := newProblem(
		"Your company's sign-in reported an error",
		"It did not sign you in to this console.",
		"Try again in a moment. "+reportRequestID,
	)
	p.Actions = []ui.Link{TryAgainLink(path)}
	return p
}

// SignInUnavailable is the page shown when the identity provider does not respond.
func SignInUnavailable() Problem {
	return newUnchangedProblem(
		"Your company's sign-in cannot be reached",
		"The console cannot verify your identity without it.",
		retryOrContactAdmins,
	)
}

// SignInKeysUnusable is the page shown when the identity provider publishes no key that can verify a sign-in.
func SignInKeysUnusable() Problem {
	return newUnchangedProblem(
		"Your company's sign-in cannot be verified",
		"The keys that it publishes for this cannot be used.",
		"Give the request id below to the administrators of this console.",
	)
}

// SignInClientNotAccepted is the page shown when the provider refuses the console's client id or secret.
func SignInClientNotAccepted() Problem {
	return newUnchangedProblem(
		"Your company's sign-in does not accept this console",
		"The console's client id or secret is wrong there.",
		"Give the request id below to the administrators of this console.",
	)
}

// DatabaseUnavailable is the page shown when the sessions cannot be read.
func DatabaseUnavailable() Problem {
	return newUnchangedProblem(
		"The database cannot be reached",
		"The console cannot check whether you are signed in.",
		retryOrContactAdmins,
	)
}

// DatabaseNotUsable is the page shown when the database fails while a page or a form is processed.
func DatabaseNotUsable() Problem {
	return newProblem(
		"The database cannot be used",
		"It does not respond, is locked by another program, or has no free space.",
		"Try again in a moment. Before you send a form again, check the latest changes on the overview.",
	)
}

// SignInNotLogged is the page shown when a sign-in cannot be written to the audit log.
func SignInNotLogged() Problem {
	return newProblem(
		"The audit log cannot be written",
		"You are not signed in, because every sign-in must be in the audit log.",
		retryOrContactAdmins,
	)
}

// DatabaseFileGone is the page shown when the database file was deleted or replaced.
func DatabaseFileGone() Problem {
	return newUnchangedProblem(
		"The database file was deleted or replaced",
		"The console writes nothing until the same file is back.",
		"Tell the administrators of this console.",
	)
}

// SchemaChanged is the page shown when another version of the console has upgraded the tables.
func SchemaChanged() Problem {
	return newUnchangedProblem(
		"A newer version has taken over",
		"A newer version of this console has upgraded the database. This one does not write to it any more.",
		"Load the page again in a moment. If that does not help, tell the administrators of this console.",
	)
}

// AuditAlarm is why nothing is written to the audit log any more.
type AuditAlarm string

// The alarms. The values are the titles of their page and banner.
const (
	AuditLostEvents     AuditAlarm = "The audit log lacks events that it had"
	AuditChanged        AuditAlarm = "The audit log was changed outside Voxwarden"
	AuditWithoutWitness AuditAlarm = "The witness of the audit log cannot be used"
)

// AuditLogStopped is the page shown while nothing is written to the audit log.
func AuditLogStopped(alarm AuditAlarm) Problem {
	return newUnchangedProblem(
		string(alarm),
		"The console changes nothing until an administrator has looked for the cause.",
		"Tell the administrators of this console.",
	)
}

// AuditLogStoppedText returns the message of a form that changed nothing because of an alarm.
func AuditLogStoppedText(alarm AuditAlarm) string {
	return string(alarm) + ", so nothing was changed. Tell the administrators of this console."
}

// AuditAlarmBanner tells admins why nothing is changed, and what to do.
func AuditAlarmBanner(alarm AuditAlarm) ui.Banner {
	b := ui.Banner{
		Tone:  ui.Danger,
		Title: string(alarm) + ": nothing is changed",
		Text: config.AsCalled(
			"Look for a failover or a restored copy, and run “server audit verify -head” with the head from the log. " +
				"Restore the database, or accept the loss with “server audit accept”.",
		),
	}
	if alarm == AuditChanged {
		b.Text = config.AsCalled(
			"Run “server audit verify” and look for the cause. Restore the database, or accept its state with " +
				"“server audit accept”.",
		)
	}
	return b
}

// OperationNotLogged is the page shown when an intent cannot be written to the audit log.
func OperationNotLogged() Problem {
	return newProblem(
		"The audit log cannot be written",
		"No change was made, because every change must be in the audit log first.",
		retryOrContactAdmins,
	)
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

// RowMismatch is the page for a row that does not agree with the audit log.
func RowMismatch() Problem {
	return newUnchangedProblem(
		"The database does not agree with the audit log",
		config.AsCalled(
			"A row was changed outside the console, so it was not used. Run “server audit verify” to see what differs.",
		),
	)
}

// NewAuditLogBanner is the banner for a day after the beginning of the audit log.
func NewAuditLogBanner(at time.Time) ui.Banner {
	return ui.Banner{
		Tone:  ui.Warning,
		Title: "The audit log is new: it begins at " + ui.UTC(at),
		Text:  "If this console had an audit log before, its database is missing. Stop the console and restore it.",
	}
}

// RowMismatchBanner tells admins that rows do not agree with the audit log.
func RowMismatchBanner() ui.Banner {
	return ui.Banner{
		Tone:  ui.Danger,
		Title: "The database was changed outside Voxwarden",
		Text: config.AsCalled(
			"Rows did not agree with the audit log and were not used. Run “server audit verify” and look for the cause.",
		),
	}
}

// AuditCopiesBanner tells admins that copies of audit events cannot be written, or else that some were lost.
func AuditCopiesBanner(waiting, lost int) ui.Banner {
	if waiting > 0 {
		return ui.Banner{
			Tone:  ui.Danger,
			Title: "Copies of audit events cannot be written",
			Text: "The audit log itself is complete. Check what receives the console's log, and the file in " +
				"VOXWARDEN_AUDIT_COPY.",
		}
	}
	return ui.Banner{
		Tone:  ui.Warning,
		Title: ui.Count(lost, "copy of an audit event was lost", "copies of audit events were lost"),
		Text: config.AsCalled(
			"The audit log itself is complete. Add the missing events to the copy with “server audit export”.",
		),
	}
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
