package handlers

import (
	"log/slog"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/session"
	"github.com/voxwarden/voxwarden/views/account"
	"github.com/voxwarden/voxwarden/views/ui"
)

// endOwnSessions ends one session of the operator, or all except the current one.
func (a *App) endOwnSessions(sessions sessionLister) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		form, o := stateOf(r).form, stateOf(r).operator
		if form.text("others") != "" {
			ended, err := sessions.EndOtherSessions(r.Context(), o.ID(), a.Sessions.Hash(r))
			return a.reportSessionsEnded(w, r, "/me", o.ID(), ended, err)
		}
		if form.text("session") == a.Sessions.Hash(r) {
			return a.signOut(w, r)
		}
		ended, err := sessions.End(r.Context(), form.text("session"), o.ID())
		return a.reportSessionsEnded(w, r, "/me", o.ID(), endedCount(ended), err)
	}
}

// endSessions ends one session of any operator, or all of one operator except the current one. Ending the current
// session signs out and shows that page: form-action forbids a redirect to the sign-in.
func (a *App) endSessions(sessions sessionLister) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		form := stateOf(r).form
		if err := policy.RequireRecentSignIn(stateOf(r).operator, true, a.Now()); err != nil {
			return err
		}
		if subject := form.text("subject"); subject != "" {
			ended, err := sessions.EndOtherSessions(r.Context(), subject, a.Sessions.Hash(r))
			return a.reportSessionsEnded(w, r, "/sessions", subject, ended, err)
		}
		if form.text("session") == a.Sessions.Hash(r) {
			return a.signOut(w, r)
		}
		allSessions, err := sessions.Sessions(r.Context(), "")
		if err != nil {
			return &sessionError{cause: err}
		}
		ended, err := sessions.End(r.Context(), form.text("session"), "")
		owner := sessionOwner(allSessions, form.text("session"))
		return a.reportSessionsEnded(w, r, "/sessions", owner, endedCount(ended), err)
	}
}

// sessionOwner returns the operator of a session in the list for the log, "" when it is not in the list.
func sessionOwner(sessions []session.Session, hash string) string {
	for _, s := range sessions {
		if s.Hash == hash {
			return s.Operator.ID()
		}
	}
	return ""
}

func endedCount(ended bool) int {
	if ended {
		return 1
	}
	return 0
}

// reportSessionsEnded logs the ended sessions and shows a message.
func (a *App) reportSessionsEnded(
	w http.ResponseWriter,
	r *http.Request,
	back, subject string,
	ended int,
	err error,
) error {
	if err != nil {
		return &sessionError{cause: err}
	}
	a.logSessionEvent(r, slog.LevelInfo, "sessions ended", slog.Int("sessions", ended), slog.String("of", subject))
	if ended > 0 {
		n := audit.SessionsEnded{Actor: a.actor(r), SessionOwner: subject, Count: ended, RequestID: stateOf(r).requestID}
		if form := stateOf(r).form; form.text("others") == "" && form.text("subject") == "" {
			n.Session = form.text("session")
		}
		a.writeNotice(r, n)
	}
	flash := session.Flash{Tone: string(ui.Done), Text: account.EndedMessage(ended)}
	if ended == 0 {
		flash = session.Flash{Tone: string(ui.Info), Text: account.NoneEndedMessage}
	}
	if err := a.Sessions.SetFlash(r, flash); err != nil {
		return &sessionError{cause: err}
	}
	return redirect(w, r, back)
}
