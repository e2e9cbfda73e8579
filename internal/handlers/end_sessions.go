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

// endOwnSessions ends one of somebody's own sessions, or all but the one in use.
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

// endSessions ends a session of anybody's, or all of one person's but the one in use. Ending the one in use is signing
// out, with its page: a redirect to the sign-in would be stopped by form-action.
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
		return a.reportSessionsEnded(
			w,
			r,
			"/sessions",
			sessionOwner(allSessions, form.text("session")),
			endedCount(ended),
			err,
		)
	}
}

// sessionOwner is whose session one of these is, for the log; "" when it is none of them.
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

// reportSessionsEnded says in the log and on the page what was ended.
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
