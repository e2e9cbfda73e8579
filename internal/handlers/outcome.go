package handlers

import (
	"net/http"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/session"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// notSentMessage returns the status and the message of a form of which nothing was sent to Voximplant: the request
// failed on its way, or a last check forbade it, and the advice contains why.
func notSentMessage(out operations.Outcome) (status int, text string) {
	if out.Call.Method == "" && out.Advice != "" {
		return http.StatusConflict, out.Advice
	}
	return http.StatusBadGateway, page.NotReached(out.Advice)
}

// redirectToResult leads to the page that shows an operation's result, with a message. applied is the message of an
// operation that was applied and read back.
func (a *App) redirectToResult(w http.ResponseWriter, r *http.Request, out operations.Outcome, applied string) error {
	return a.redirectWithResult(w, r, out, a.resultPath(out), applied)
}

// redirectWithResult leads to another page, with the message about an operation's result.
func (a *App) redirectWithResult(
	w http.ResponseWriter,
	r *http.Request,
	out operations.Outcome,
	to, applied string,
) error {
	flash := session.Flash{Tone: string(ui.Done), Text: applied}
	if out.ReadBack && !out.Gone {
		flash.DirectRoles, flash.ReadAt = directRolesText(out), a.Now()
	}
	if to != operationPath(out.Operation.ID) {
		link := page.OperationLink(operationPath(out.Operation.ID))
		flash.LinkText, flash.LinkHref = link.Text, link.Href
	}
	if warning := pageOutcome(out).WarningText(applied); warning != "" {
		flash.Tone, flash.Text = string(ui.Warning), warning
	}
	if err := a.Sessions.SetFlash(r, flash); err != nil {
		// The operation is in the audit log; only the message about it is lost.
		a.Logger.WarnContext(r.Context(), "flash message not saved", "error", err, "request_id", stateOf(r).requestID)
	}
	return redirect(w, r, to)
}

// redirectToOutcome leads to the page of the operation when the form cannot be drawn again and the outcome is known.
func (a *App) redirectToOutcome(w http.ResponseWriter, r *http.Request, out operations.Outcome, err error) error {
	if out.Operation.ID == "" {
		return err
	}
	return redirect(w, r, operationPath(out.Operation.ID))
}

// resultPath returns the path of the page that shows an operation's result: the principal, the list when it is gone, or
// the operation while the outcome is unknown or not in the audit log, or a new principal was not read back, since its
// page may not exist yet.
func (a *App) resultPath(out operations.Outcome) string {
	target, action := out.Operation.Target, descriptorOf(out.Operation)
	switch list := "/" + target.Kind.RouteSegment(); {
	case out.Result != audit.Applied || out.Unsaved || action.Creates && !action.Deletes && !out.ReadBack:
		return operationPath(out.Operation.ID)
	case out.Gone || action.Deletes && !action.Creates:
		return list
	case targetPath(target) != "":
		return targetPath(target)
	default:
		return operationPath(out.Operation.ID)
	}
}

// pageOutcome returns an outcome as pages show it.
func pageOutcome(out operations.Outcome) page.Outcome {
	return page.Outcome{
		Applied:      out.Result == audit.Applied,
		Contradicted: out.Contradicted,
		Unreadable:   out.Unreadable,
		Read:         out.ReadBack,
		Confirmed:    out.Confirmed,
		Lost:         out.UnrequestedChanges.Lost,
		Gained:       out.UnrequestedChanges.Gained,
		Unsaved:      out.Unsaved,
	}
}

// directRolesText returns the names of the direct roles that were read back.
func directRolesText(out operations.Outcome) string {
	var direct []string
	for _, role := range out.Principal.Roles {
		if role.Direct {
			direct = append(direct, role.Name)
		}
	}
	return page.DirectRolesText(direct)
}

// remainingChange returns the part of an operation's change that the roles read back do not show.
func remainingChange(out operations.Outcome) (change page.Difference) {
	intent, err := operations.ReadIntent(out.Operation)
	if err != nil {
		return page.Difference{}
	}
	direct := access.NewRoleSet(out.Principal.DirectRoleIDs()...)
	for _, ref := range intent.Grant {
		if !direct[ref.ID] {
			change.Grant = append(change.Grant, ref.Name)
		}
	}
	for _, ref := range intent.Revoke {
		if direct[ref.ID] {
			change.Revoke = append(change.Revoke, ref.Name)
		}
	}
	return change
}
