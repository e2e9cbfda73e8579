package handlers

import (
	"net/http"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/session"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// notSent is what a form says when nothing was sent to Voximplant, and with which status: the request did not get
// through, or the console found at the last moment that it must not be made, and advice says why.
func notSent(out operations.Outcome) (status int, text string) {
	if out.Call.Method == "" && out.Advice != "" {
		return http.StatusConflict, out.Advice
	}
	return http.StatusBadGateway, page.NotReached(out.Advice)
}

// done ends an act that was applied, or of which the last word is still to come, on the page that shows it.
func (a *App) done(w http.ResponseWriter, r *http.Request, out operations.Outcome, applied string) error {
	to := a.shownOn(out)
	flash := session.Flash{Tone: string(ui.Done), Text: applied}
	if out.Read && !out.Gone {
		flash.Held, flash.ReadAt = heldDirectly(out), a.Now()
	}
	if to != operationPath(out.Operation.ID) {
		link := page.OperationLink(operationPath(out.Operation.ID))
		flash.LinkText, flash.LinkHref = link.Text, link.Href
	}
	if doubt := endingOf(out).WarningText(applied); doubt != "" {
		flash.Tone, flash.Text = string(ui.Warning), doubt
	}
	if err := a.Sessions.SetFlash(w, r, flash); err != nil {
		// What was done is done and in the record; only the message about it is lost.
		a.Logger.WarnContext(r.Context(), "a message could not be kept", "error", err, "request_id", visitOf(r).requestID)
	}
	return redirect(w, r, to)
}

// shownOn is the page that shows what an act came to: the subuser's or the key's, the list when they are gone, or the
// operation's while nobody knows yet and while something new was not seen, whose page may not be there yet.
func (a *App) shownOn(out operations.Outcome) string {
	target := out.Operation.Target
	created := out.Operation.Action == audit.CreateSubuser || out.Operation.Action == audit.CreateKey
	switch list := "/" + target.Kind + "s"; {
	case out.Result != audit.Applied || created && !out.Read:
		return operationPath(out.Operation.ID)
	case out.Gone || out.Operation.Action == audit.DeleteSubuser || out.Operation.Action == audit.DeleteKey:
		return list
	case targetPath(target) != "":
		return targetPath(target)
	default:
		return operationPath(out.Operation.ID)
	}
}

// endingOf is what an outcome leaves open.
func endingOf(out operations.Outcome) page.Outcome {
	return page.Outcome{
		Applied: out.Result == audit.Applied, Unreadable: out.Unreadable, Read: out.Read, Confirmed: out.Confirmed,
		Lost: out.Unasked.Lost, Gained: out.Unasked.Gained, Unsaved: out.Unsaved,
	}
}

// heldDirectly says what was read back of roles.
func heldDirectly(out operations.Outcome) string {
	var direct []string
	for _, role := range heldAfter(out) {
		if role.Direct {
			direct = append(direct, role.Name)
		}
	}
	return page.DirectRolesText(direct)
}

// left is what is still to be done of a change, after reading what holds now.
func left(out operations.Outcome) (change operations.Difference) {
	intent, err := operations.ReadIntent(out.Operation)
	if err != nil {
		return operations.Difference{}
	}
	for _, ref := range intent.Grant {
		if !holds(heldAfter(out), ref.ID) {
			change.Grant, change.GrantIDs = append(change.Grant, ref.Name), append(change.GrantIDs, ref.ID)
		}
	}
	for _, ref := range intent.Revoke {
		if holds(heldAfter(out), ref.ID) {
			change.Revoke, change.RevokeIDs = append(change.Revoke, ref.Name), append(change.RevokeIDs, ref.ID)
		}
	}
	return change
}

// holds says whether a role is assigned itself.
func holds(held []directory.RoleAssignment, id int64) bool {
	for _, role := range held {
		if role.ID == id {
			return role.Direct
		}
	}
	return false
}
