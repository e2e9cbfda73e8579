package handlers

import (
	"cmp"
	"context"
	"database/sql"
	"log/slog"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
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
			ended, err := sessions.EndOtherSessions(r.Context(), o.ID(), a.Sessions.Hash(r), a.recordEnded(r, o.ID(), ""))
			return a.reportSessionsEnded(w, r, "/me", o.ID(), ended, err)
		}
		if form.text("session") == a.Sessions.Hash(r) {
			return a.signOut(w, r)
		}
		hash := form.text("session")
		ended, err := sessions.End(r.Context(), hash, o.ID(), a.recordEnded(r, "", hash))
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
			ended, err := sessions.EndOtherSessions(r.Context(), subject, a.Sessions.Hash(r), a.recordEnded(r, subject, ""))
			return a.reportSessionsEnded(w, r, "/sessions", subject, ended, err)
		}
		if form.text("session") == a.Sessions.Hash(r) {
			return a.signOut(w, r)
		}
		allSessions, err := sessions.Sessions(r.Context(), "")
		if err != nil {
			return &sessionError{cause: err}
		}
		hash := form.text("session")
		ended, err := sessions.End(r.Context(), hash, "", a.recordEnded(r, "", hash))
		owner := sessionOwner(allSessions, hash)
		return a.reportSessionsEnded(w, r, "/sessions", owner, endedCount(ended), err)
	}
}

// recordEnded writes ended sessions to the audit log: those of the operator with the id subject, or the one with a
// hash. A bulk change of that operator stops because of the event. So an admin who ends all sessions of an operator
// writes it even when all of them have expired or were signed out.
func (a *App) recordEnded(r *http.Request, subject, hash string) session.Record {
	actor, requestID := a.actor(r), stateOf(r).requestID
	return func(ctx context.Context, end func(tx *sql.Tx) (session.Ended, error)) error {
		return a.AuditLog.NoteWith(ctx, func(tx *sql.Tx) (audit.Notice, error) {
			ended, err := end(tx)
			if err != nil || ended.Rows == 0 && (subject == "" || subject == actor.ID()) {
				return nil, err
			}
			return audit.SessionsEnded{
				Actor:        actor,
				SessionOwner: cmp.Or(subject, ended.Operator),
				Session:      hash,
				Count:        ended.Sessions,
				RequestID:    requestID,
			}, nil
		})
	}
}

// RecordRefusal writes sessions that ended because the provider refused to renew them to the audit log. A bulk change
// of that operator stops because of the event. See session.Options.RecordRefusal.
func RecordRefusal(auditLog *audit.Log) func(o operator.Operator, hash string) session.Record {
	return func(o operator.Operator, hash string) session.Record {
		return func(ctx context.Context, end func(tx *sql.Tx) (session.Ended, error)) error {
			return auditLog.NoteWith(ctx, func(tx *sql.Tx) (audit.Notice, error) {
				if ended, err := end(tx); err != nil || ended.Rows == 0 {
					return nil, err
				}
				return audit.RenewalRefused{Actor: operations.Request{Operator: o, SessionID: hash}.Actor()}, nil
			})
		}
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
	flash := session.Flash{Tone: string(ui.Done), Text: account.EndedMessage(ended)}
	if ended == 0 {
		flash = session.Flash{Tone: string(ui.Info), Text: account.NoneEndedMessage}
	}
	if err := a.Sessions.SetFlash(r, flash); err != nil {
		return &sessionError{cause: err}
	}
	return redirect(w, r, back)
}
