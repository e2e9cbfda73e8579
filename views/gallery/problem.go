package gallery

import (
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

func problemStates() []State {
	state := func(name string, status int, f page.Frame, p page.Problem, links ...ui.Link) State {
		p.Status, p.RequestID, p.Actions = status, requestID, append(p.Actions, links...)
		f.Heading = p.Title
		return State{Area: "page", Page: "problem", Name: name, Component: page.ProblemPage(f, p)}
	}
	refresh := func(p page.Problem) page.Problem {
		p.Refresh = "/subusers"
		return p
	}
	signedIn, signedOut := frame("", page.Subusers), signedOutFrame("")
	overview, signInAgain := page.OverviewLink(), page.TryAgainLink("/sign-in?return=/subusers/2214")
	return []State{
		state("401", 401, signedOut, page.SignInAgain(), page.SignInLink("/sign-in")),
		state("403", 403, asOperator(signedIn, "Vera Viewer", "viewer"), page.NotAllowed(), overview),
		state("404", 404, frame("", page.NoSection), page.PageNotFound(), page.SubuserListLink(), overview),
		state("409", 409, signedIn, page.FormAlreadySent("zofia_wojcik", "/audit/"+operationID, "/subusers/new")),
		state("429", 429, signedIn, refresh(page.VendorUnavailable(
			page.RateLimited,
			"",
			page.VendorQuote("GetSubUsers", 340, "Rate limit exceed"),
		)), overview),
		state("500", 500, frame("", page.NoSection), page.InternalError(true), page.TryAgainLink("/subusers"), overview),
		state("502", 502, signedIn, refresh(page.VendorUnavailable(
			page.KeyRefused,
			"",
			page.VendorQuote("GetSubUsers", 100, "Authorization failed"),
		)), overview),
		state("504", 504, signedIn, refresh(page.VendorUnavailable(page.Slow, "", nil)), overview),
		state("sign-in-away", 503, signedOut, page.SignInUnavailable(), signInAgain),
		state("keys-unusable", 503, signedOut, page.SignInKeysUnusable(), signInAgain),
		state("client-not-accepted", 503, signedOut, page.SignInClientNotAccepted(), signInAgain),
		state("keys-away", 503, signedOut, page.SignInUnavailable()),
		state("sign-in-refused", 403, signedOut, page.SignInRefused(), signInAgain),
		state("sign-in-ended", 401, signedOut, page.SignInEnded("/sign-in")),
		state("sign-in-denied", 403, signedOut, page.SignInDenied("/sign-in")),
		state("sign-in-not-completed", 401, signedOut, page.SignInNotCompleted("/sign-in")),
		state("sign-in-failed", 502, signedOut, page.SignInFailed("/sign-in")),
		state("assertion-refused", 401, signedOut, page.SignInRefused()),
		state("no-assertion", 401, signedOut, page.IdentityMissing()),
		state("confirm", 401, signedIn, page.ConfirmIdentity("/sign-in?again=1").ForPost()),
		state("no-role", 403, noRoleFrame(""), page.NoRole()),
	}
}
