package handlers

import (
	"context"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// problem is the page for an error.
type problem struct {
	page.Problem
	bare bool // nothing but the page itself can be relied upon to be drawn
}

// knownProblem is the page of an error that is always the same.
type knownProblem struct {
	err    error
	status int
	words  page.Problem
}

func knownProblems() []knownProblem {
	return []knownProblem{
		{errSignIn, http.StatusUnauthorized, page.SignInAgain()},
		{errToken, http.StatusForbidden, page.FormOfOtherSession()},
		{errNoAssertion, http.StatusUnauthorized, page.IdentityMissing()},
		{identity.ErrAway, http.StatusServiceUnavailable, page.SignInUnavailable()},
		{errCrossOrigin, http.StatusForbidden, page.CrossSiteForm()},
		{errForm, http.StatusBadRequest, page.InvalidForm()},
		{errMethod, http.StatusMethodNotAllowed, page.MethodNotAllowed()},
		{errNoPage, http.StatusNotFound, page.PageNotFound()},
		{directory.ErrNotFound, http.StatusNotFound, page.PrincipalNotFound()},
		{audit.ErrNotFound, http.StatusNotFound, page.OperationNotFound()},
		{bulk.ErrNotFound, http.StatusNotFound, page.BulkChangeNotFound()},
		{operations.ErrRecord, http.StatusServiceUnavailable, page.OperationNotLogged()},
		{errUnrecorded, http.StatusServiceUnavailable, page.SignInNotLogged()},
		{operations.ErrNoCatalogue, http.StatusServiceUnavailable, page.CatalogueUnavailable()},
		{context.DeadlineExceeded, http.StatusGatewayTimeout, page.ResponseTimeout()},
	}
}

// say makes a problem's page. Where its words know no way on, the status tells one.
func say(status int, words page.Problem) problem {
	p := problem{Problem: words}
	p.Status = status
	switch {
	case len(p.Actions) > 0:
	case status == http.StatusUnauthorized:
		p.Actions = []ui.Link{page.SignInLink("/sign-in?return=" + signedInPath)}
	case status == http.StatusNotFound:
		p.Actions = []ui.Link{page.SubuserListLink(), page.OverviewLink()}
	default:
		p.Actions = []ui.Link{page.OverviewLink()}
	}
	return p
}

// staleProblem is the page of a change that wants a more recent sign-in. The form it came from is still in its tab.
func staleProblem(stale *policy.StaleSignIn) problem {
	if stale.Reauthenticate {
		return say(http.StatusUnauthorized, page.ConfirmIdentity(againPath(signedInPath)))
	}
	return say(http.StatusUnauthorized, page.GroupsOutdated())
}

// unknownProblem is the page of an error that nobody thought of.
func unknownProblem(method string) problem {
	p := say(http.StatusInternalServerError, page.InternalError(method == http.MethodPost))
	p.bare = true
	return p
}

// busyProblem names the operation that is in the way.
func busyProblem(busy *operations.Busy) problem {
	return say(
		http.StatusConflict,
		page.OperationPending(busy.First.Actor.Display(), busy.First.Target.Name, operationPath(busy.First.ID)),
	)
}

// foreignProblem is the page of a form whose operation id is not its own. form is the address of a new one.
func foreignProblem(foreign *operations.Foreign, form string) problem {
	if foreign.First.ID == "" {
		return say(http.StatusConflict, page.FormMismatch(form))
	}
	return say(http.StatusConflict, page.FormAlreadySent(foreign.First.Target.Name, operationPath(foreign.First.ID), form))
}
