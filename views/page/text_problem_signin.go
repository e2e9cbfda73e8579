package page

import (
	"github.com/voxwarden/voxwarden/views/ui"
)

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

// SignInNotLogged is the page shown when a sign-in cannot be written to the audit log.
func SignInNotLogged() Problem {
	return newProblem(
		"The audit log cannot be written",
		"You are not signed in, because every sign-in must be in the audit log.",
		retryOrContactAdmins,
	)
}
