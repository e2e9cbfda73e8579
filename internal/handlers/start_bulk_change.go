package handlers

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/csvsafe"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/session"
	bulkview "github.com/voxwarden/voxwarden/views/bulk"
	"github.com/voxwarden/voxwarden/views/ui"
)

// startBulkChange starts a bulk change. The passwords of created subusers are in this response only.
func (a *App) startBulkChange(s Bulk) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathBulkID(r)
		if err != nil {
			return err
		}
		f := stateOf(r).form
		started, err := s.Start(
			r.Context(),
			a.operationRequest(r),
			id,
			bulk.StartForm{
				Confirm:      f.text("confirm"),
				Warned:       shownWarnings(f),
				WithoutRoles: f.text("without_roles") != "",
				Reason:       f.text("reason"),
			},
		)
		if invalid, ok := errors.AsType[*operations.Invalid](err); ok {
			return a.rerenderBulkPreview(w, r, s, id, invalid)
		}
		if past, ok := errors.AsType[*bulk.StateConflict](err); ok {
			return redirect(w, r, bulkPath(past.Change.ID))
		}
		if err != nil {
			return err
		}
		if len(started.Passwords) == 0 {
			return redirect(w, r, bulkPath(id))
		}
		file, err := passwordsCSV(started.Passwords, csvsafe.Comma)
		if err != nil {
			return err
		}
		semicolons, err := passwordsCSV(started.Passwords, csvsafe.Semicolon)
		if err != nil {
			return err
		}
		m := bulkview.Passwords{
			Frame:      a.kindFrame(r, access.Subuser, bulkview.PasswordsHeading),
			ID:         id,
			Count:      len(started.Passwords),
			File:       file,
			Semicolons: semicolons,
		}
		return a.render(w, r, http.StatusOK, bulkview.PasswordsPage(m))
	}
}

// passwordsCSV returns a table with a line for each login. It has no byte order mark, which would be copied from the
// page with it: logins and generated passwords are ASCII. A generated password begins with a letter and has no
// separators in it, so it stays as it is.
func passwordsCSV(passwords []bulk.LoginPassword, separator rune) (string, error) {
	var body strings.Builder
	lines := [][]string{{"login", "password"}}
	for _, p := range passwords {
		lines = append(lines, []string{p.Login, p.Password.Reveal()})
	}
	if err := csvsafe.NewWriter(&body, separator).WriteAll(lines); err != nil {
		return "", err
	}
	return strings.TrimPrefix(body.String(), csvsafe.ByteOrderMark), nil
}

// rerenderBulkPreview shows the preview again with the errors of its form.
func (a *App) rerenderBulkPreview(
	w http.ResponseWriter,
	r *http.Request,
	s Bulk,
	id string,
	invalid *operations.Invalid,
) error {
	change, err := s.Show(r.Context(), stateOf(r).operator, id)
	if err != nil {
		return err
	}
	m, err := a.bulkChangePage(r, s, change)
	if err != nil {
		return err
	}
	f := stateOf(r).form
	m.Frame.Failed, m.Confirm, m.Reason = true, f.text("confirm"), f.text("reason")
	m.WithoutRoles = f.text("without_roles") != ""
	m.Errors = asFormErrors(fieldErrors(invalid.Fields))
	return a.render(w, r, http.StatusUnprocessableEntity, bulkview.ShowPage(m))
}

// stopBulkChange stops a bulk change after the current item.
func (a *App) stopBulkChange(s Bulk) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathBulkID(r)
		if err != nil {
			return err
		}
		_, err = s.Stop(r.Context(), stateOf(r).operator, id)
		if _, past := errors.AsType[*bulk.StateConflict](err); err != nil && !past {
			return err
		}
		return redirect(w, r, bulkPath(id))
	}
}

// draftFromBulkChange drafts a new bulk change from an ended one, to retry or to undo it, and leads to its preview.
func (a *App) draftFromBulkChange(
	draft func(ctx context.Context, act operations.Request, id string) (bulk.Change, error),
) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathBulkID(r)
		if err != nil {
			return err
		}
		change, err := draft(r.Context(), a.operationRequest(r), id)
		if invalid, ok := errors.AsType[*operations.Invalid](err); ok {
			text := cmp.Or(invalid.Fields["rows"], invalid.Fields["roles"], bulkview.NothingToRetryMessage)
			if err := a.Sessions.SetFlash(r, session.Flash{Tone: string(ui.Warning), Text: text}); err != nil {
				return &sessionError{cause: err}
			}
			return redirect(w, r, bulkPath(id))
		}
		if past, ok := errors.AsType[*bulk.StateConflict](err); ok {
			return redirect(w, r, bulkPath(past.Change.ID))
		}
		if err != nil {
			return err
		}
		return redirect(w, r, bulkPath(change.ID))
	}
}
