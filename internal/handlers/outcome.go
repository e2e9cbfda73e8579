package handlers

import (
	"net/http"
	"strings"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/session"
	"github.com/voxwarden/voxwarden/views/ui"
)

// recordAway is what a form says when the record cannot be written.
const recordAway = "The record cannot be written now, so nothing was sent to Voximplant and nothing was changed. Try again in a moment."

// notSent is what a form says when its request never left.
func notSent(advice string) string {
	text := "The request did not reach Voximplant. Nothing was changed."
	if advice != "" {
		text += " " + advice
	}
	return text
}

// done ends an act that was applied, or of which the last word is still to come, on the page that shows it.
func (a *App) done(w http.ResponseWriter, r *http.Request, out operations.Outcome, applied string) error {
	flash := session.Flash{
		Tone: string(ui.Done), Text: applied, LinkText: "Show the operation", LinkHref: operationPath(out.Operation.ID), Proof: a.proof(out),
	}
	to := operationPath(out.Operation.ID)
	switch {
	case out.Result != audit.Applied:
		flash.Tone, flash.Text, flash.LinkHref = string(ui.Warning), "We do not know yet whether it was done. This page tells as soon as it is known.", ""
	case !out.Confirmed:
		flash.Tone, flash.Text = string(ui.Warning), applied+" Voximplant said so, but does not show it yet; it will be read again."
	}
	if out.Result == audit.Applied && out.Subuser.ID != 0 {
		to = subuserPath(out.Subuser.ID)
	}
	if out.Unsaved {
		flash.Text += " The outcome could not be written to the record yet."
	}
	if err := a.Sessions.SetFlash(w, r, flash); err != nil {
		// What was done is done and in the record; only the message about it is lost.
		a.Logger.WarnContext(r.Context(), "a message could not be kept", "error", err, "request_id", visitOf(r).requestID)
	}
	return redirect(w, r, to)
}

// proof says what was read back, "" when nothing was.
func (a *App) proof(out operations.Outcome) string {
	if !out.Read || !out.Subuser.RolesKnown {
		return ""
	}
	var direct []string
	for _, role := range out.Subuser.Roles {
		if role.Direct {
			direct = append(direct, role.Name)
		}
	}
	roles := "no role"
	if len(direct) > 0 {
		roles = strings.Join(direct, ", ")
	}
	return "Read back at " + a.Now().UTC().Format("15:04:05") + " UTC: " + roles + "."
}

// left is what is still to be done of a change, after reading what holds now.
func left(out operations.Outcome) (change operations.Difference) {
	intent, err := operations.ReadIntent(out.Operation)
	if err != nil {
		return operations.Difference{}
	}
	for _, ref := range intent.Grant {
		if !holds(out.Subuser, ref.ID) {
			change.Grant, change.GrantIDs = append(change.Grant, ref.Name), append(change.GrantIDs, ref.ID)
		}
	}
	for _, ref := range intent.Revoke {
		if holds(out.Subuser, ref.ID) {
			change.Revoke, change.RevokeIDs = append(change.Revoke, ref.Name), append(change.RevokeIDs, ref.ID)
		}
	}
	return change
}

// holds says whether a role is assigned to a subuser itself.
func holds(s directory.Subuser, id int64) bool {
	for _, role := range s.Roles {
		if role.ID == id {
			return role.Direct
		}
	}
	return false
}
