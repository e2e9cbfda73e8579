package handlers

import (
	"net/http"
	"net/url"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// problem is the page of an error.
type problem struct {
	page.Problem
	withoutFrame bool // rendering the frame may fail, too
}

// knownProblem is the page of an error that never varies.
type knownProblem struct {
	err     error
	status  int
	problem page.Problem
}

func knownProblems() []knownProblem {
	return []knownProblem{
		{errNotSignedIn, http.StatusUnauthorized, page.SignInAgain()},
		{errFormToken, http.StatusForbidden, page.FormOfOtherSession()},
		{errNoAssertion, http.StatusUnauthorized, page.IdentityMissing()},
		{identity.ErrUnavailable, http.StatusServiceUnavailable, page.SignInUnavailable()},
		{errCrossOrigin, http.StatusForbidden, page.CrossSiteForm()},
		{errInvalidForm, http.StatusBadRequest, page.InvalidForm()},
		{errMethodNotAllowed, http.StatusMethodNotAllowed, page.MethodNotAllowed()},
		{errPageNotFound, http.StatusNotFound, page.PageNotFound()},
		{directory.ErrNotFound, http.StatusNotFound, page.PrincipalNotFound()},
		{audit.ErrNotFound, http.StatusNotFound, page.OperationNotFound()},
		{audit.ErrSearchTimeout, http.StatusServiceUnavailable, page.SearchTimeout()},
		{audit.ErrSearchesBusy, http.StatusServiceUnavailable, page.TooManyAtOnce()},
		{bulk.ErrNotFound, http.StatusNotFound, page.BulkChangeNotFound()},
		{bulk.ErrDraftTooLarge, http.StatusRequestEntityTooLarge, page.BulkPreviewTooLarge()},
		{bulk.ErrTooManyDrafts, http.StatusServiceUnavailable, page.TooManyBulkPreviews()},
		{operations.ErrAuditLogUnavailable, http.StatusServiceUnavailable, page.OperationNotLogged()},
		{errSignInNotLogged, http.StatusServiceUnavailable, page.SignInNotLogged()},
		{operations.ErrNoCatalogue, http.StatusServiceUnavailable, page.CatalogueUnavailable()},
	}
}

// newProblem returns the page of a problem. Without actions of its own it gets those of the status.
func newProblem(status int, words page.Problem) problem {
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

// unframedProblem is newProblem for a page without a frame, which would read the database.
func unframedProblem(status int, words page.Problem) problem {
	p := newProblem(status, words)
	p.withoutFrame = true
	return p
}

// signInTooOldProblem returns the page of a change that needs a more recent sign-in. The form stays open in its tab.
func signInTooOldProblem(stale *policy.StaleSignIn) problem {
	if stale.Reauthenticate {
		return newProblem(http.StatusUnauthorized, page.ConfirmIdentity(reauthenticatePath(signedInPath)))
	}
	return newProblem(http.StatusUnauthorized, page.GroupsOutdated())
}

// unfinishedSignInProblem returns the page of a sign-in that the provider did not finish. Its link begins a new one in
// the same tab.
func unfinishedSignInProblem(unfinished *identity.Unfinished) problem {
	path := "/sign-in?return=" + url.QueryEscape(returnPath(unfinished.ReturnTo))
	if unfinished.Reauthenticate {
		path = reauthenticatePath(returnPath(unfinished.ReturnTo))
	}
	switch unfinished.Cause {
	case identity.NotAdmitted:
		return newProblem(http.StatusForbidden, page.SignInDenied(path))
	case identity.NotCompleted:
		return newProblem(http.StatusUnauthorized, page.SignInNotCompleted(path))
	case identity.ProviderFailed:
		return newProblem(http.StatusBadGateway, page.SignInFailed(path))
	default:
		return newProblem(http.StatusUnauthorized, page.SignInEnded(path))
	}
}

// internalErrorProblem returns the page of an unknown error.
func internalErrorProblem(method string) problem {
	return unframedProblem(http.StatusInternalServerError, page.InternalError(method == http.MethodPost))
}

// busyProblem returns the page that names the operation in the way.
func busyProblem(busy *operations.Busy) problem {
	return newProblem(
		http.StatusConflict,
		page.OperationPending(busy.Operation.Actor.Display(), busy.Operation.Target.Name, operationPath(busy.Operation.ID)),
	)
}

// unusableFormProblem returns the page of a form with the operation id of another form. form is the path of a new one.
func unusableFormProblem(foreign *operations.IDMismatch, form string) problem {
	if foreign.Operation.ID == "" {
		return newProblem(http.StatusConflict, page.FormMismatch(form))
	}
	return newProblem(
		http.StatusConflict,
		page.FormAlreadySent(foreign.Operation.Target.Name, operationPath(foreign.Operation.ID), form),
	)
}
