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

// notSentMessage is what a form says when nothing was sent to Voximplant, and with which status: the request did not
// get through, or the console found at the last moment that it must not be made, and advice says why.
func notSentMessage(out operations.Outcome) (status int, text string) {
	if out.Call.Method == "" && out.Advice != "" {
		return http.StatusConflict, out.Advice
	}
	return http.StatusBadGateway, page.NotReached(out.Advice)
}

// commands ends an act that was applied, or of which the last word is still to come, on the page that shows it.
func (a *App) redirectToResult(w http.ResponseWriter, r *http.Request, out operations.Outcome, applied string) error {
	to := a.resultPath(out)
	flash := session.Flash{Tone: string(ui.Done), Text: applied}
	if out.ReadBack && !out.Gone {
		flash.DirectRoles, flash.ReadAt = directRolesText(out), a.Now()
	}
	if to != operationPath(out.Operation.ID) {
		link := page.OperationLink(operationPath(out.Operation.ID))
		flash.LinkText, flash.LinkHref = link.Text, link.Href
	}
	if doubt := pageOutcome(out).WarningText(applied); doubt != "" {
		flash.Tone, flash.Text = string(ui.Warning), doubt
	}
	if err := a.Sessions.SetFlash(r, flash); err != nil {
		// What was done is done and in the record; only the message about it is lost.
		a.Logger.WarnContext(r.Context(), "a message could not be kept", "error", err, "request_id", stateOf(r).requestID)
	}
	return redirect(w, r, to)
}

// resultPath is the page that shows what an act came to: the subuser's or the key's, the list when they are gone, or
// the operation's while nobody knows yet and while something new was not seen, whose page may not be there yet.
func (a *App) resultPath(out operations.Outcome) string {
	target, action := out.Operation.Target, descriptorOf(out.Operation)
	switch list := "/" + target.Kind.RouteSegment(); {
	case out.Result != audit.Applied || action.Creates && !action.Deletes && !out.ReadBack:
		return operationPath(out.Operation.ID)
	case out.Gone || action.Deletes && !action.Creates:
		return list
	case targetPath(target) != "":
		return targetPath(target)
	default:
		return operationPath(out.Operation.ID)
	}
}

// pageOutcome is what an outcome leaves open.
func pageOutcome(out operations.Outcome) page.Outcome {
	return page.Outcome{
		Applied: out.Result == audit.Applied, Unreadable: out.Unreadable, Read: out.ReadBack, Confirmed: out.Confirmed,
		Lost: out.UnrequestedChanges.Lost, Gained: out.UnrequestedChanges.Gained, Unsaved: out.Unsaved,
	}
}

// directRolesText says what was read back of roles.
func directRolesText(out operations.Outcome) string {
	var direct []string
	for _, role := range rolesAfter(out) {
		if role.Direct {
			direct = append(direct, role.Name)
		}
	}
	return page.DirectRolesText(direct)
}

// remainingChange is what is still to be done of a change, after reading what holds now.
func remainingChange(out operations.Outcome) (change operations.Difference) {
	intent, err := operations.ReadIntent(out.Operation)
	if err != nil {
		return operations.Difference{}
	}
	for _, ref := range intent.Grant {
		if !hasDirectRole(rolesAfter(out), ref.ID) {
			change.Grant, change.GrantIDs = append(change.Grant, ref.Name), append(change.GrantIDs, ref.ID)
		}
	}
	for _, ref := range intent.Revoke {
		if hasDirectRole(rolesAfter(out), ref.ID) {
			change.Revoke, change.RevokeIDs = append(change.Revoke, ref.Name), append(change.RevokeIDs, ref.ID)
		}
	}
	return change
}

// hasDirectRole says whether a role is assigned itself.
func hasDirectRole(assignments []access.RoleAssignment, id int64) bool {
	for _, role := range assignments {
		if role.ID == id {
			return role.Direct
		}
	}
	return false
}
