package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	bulkview "github.com/voxwarden/voxwarden/views/bulk"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// selectionReader returns the targets of a bulk change from the snapshot.
type selectionReader interface {
	List(ctx context.Context, account int64, kind access.Kind, f directory.Filter) (directory.Page, error)
	ByIDs(
		ctx context.Context,
		account int64,
		kind access.Kind,
		ids []string,
	) ([]access.Principal, directory.Status, error)
}

// namesShown is the number of selected principals that the form names.
const namesShown = 8

// newBulkChange shows the form for a bulk change of the principals that the URL selects.
func (a *App) newBulkChange(d selectionReader, s newFormReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		t := bulkTargets(r.URL.Query())
		m, err := a.newBulkChangePage(r, d, s, t)
		if err != nil {
			return err
		}
		return a.render(w, r, http.StatusOK, bulkview.NewPage(m))
	}
}

// bulkTargets returns the principals that a URL or a form selects: of one kind, by their ids or by the filter of their
// list. Invalid ids are left out.
func bulkTargets(values url.Values) bulk.Targets {
	t := bulk.Targets{Kind: kindOf(values), All: values.Get("all") == "1"}
	if t.All {
		t.Filter = listFilter(t.Kind, values)
		return t
	}
	seen := map[access.Ref]bool{}
	for _, id := range values["id"] {
		if ref, err := access.ParseRef(t.Kind, id); err == nil && !seen[ref] {
			seen[ref] = true
			t.Refs = append(t.Refs, ref)
		}
	}
	return t
}

// newBulkChangePage returns the form for these targets.
func (a *App) newBulkChangePage(
	r *http.Request,
	d selectionReader,
	s newFormReader,
	t bulk.Targets,
) (bulkview.New, error) {
	o := stateOf(r).operator
	if err := a.requireBulk(o, t.Kind); err != nil {
		return bulkview.New{}, err
	}
	form, err := s.NewForm(r.Context(), o, a.Account, t.Kind)
	if err != nil {
		return bulkview.New{}, err
	}
	m := bulkview.New{
		Frame:               a.kindFrame(r, t.Kind, bulkview.NewHeading(t.Kind)),
		Of:                  t.Kind,
		AllMatching:         t.All,
		List:                filteredListing(t.Kind, t.Filter),
		Groups:              roleBoxes(form, nil),
		RolesDisabledReason: rolesDisabledReason(form),
		MayDelete:           a.may(o, t.Kind, operations.VerbDelete),
		ReasonRequired:      a.RequireReason,
	}
	for _, ref := range t.Refs {
		m.IDs = append(m.IDs, ref.ID)
	}
	var rows []access.Principal
	if t.All {
		t.Filter.Page, t.Filter.PerPage = 1, directory.Everything
		list, err := d.List(r.Context(), a.Account, t.Kind, t.Filter)
		if err != nil {
			return m, err
		}
		if list.Status.Cold() {
			return m, &bulk.NotLoaded{Loaded: list.Status.LoadedRows}
		}
		rows, m.Count = list.Rows, list.Matches
		if t.Filter.ByRoles() {
			m.NotMatched = list.Status.RolesUnknown
		}
	} else {
		if rows, _, err = d.ByIDs(r.Context(), a.Account, t.Kind, m.IDs); err != nil {
			return m, err
		}
		m.Count = len(t.Refs)
	}
	for _, p := range rows[:min(len(rows), namesShown)] {
		m.Names = append(m.Names, page.Name(p))
	}
	countHolders(m.Groups, rows, m.Count)
	m.RolesUnknown = m.Count - len(rows)
	for _, p := range rows {
		if !p.RolesKnown {
			m.RolesUnknown++
		}
	}
	return m, nil
}

// countHolders sets for each role how many of the selected principals have it.
func countHolders(groups []page.RoleGroup, principals []access.Principal, selected int) {
	direct, inherited := map[int64]int{}, map[int64]int{}
	for _, p := range principals {
		for _, role := range p.Roles {
			if role.Direct {
				direct[role.ID]++
			} else {
				inherited[role.ID]++
			}
		}
	}
	for _, group := range groups {
		for i, box := range group.Boxes {
			group.Boxes[i].Holders = bulkview.HoldersText(direct[box.ID], inherited[box.ID], selected)
		}
	}
}

// planBulkChange plans the bulk change and leads to its preview.
func (a *App) planBulkChange(d selectionReader, s newFormReader, planner Bulk) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f := stateOf(r).form
		t := bulkTargets(f.values)
		if err := a.requireBulk(stateOf(r).operator, t.Kind); err != nil {
			return err
		}
		for _, id := range f.values["id"] {
			if _, err := access.ParseRef(t.Kind, id); err != nil {
				return errInvalidForm
			}
		}
		grant, err := f.ids(page.GrantField)
		if err != nil {
			return err
		}
		revoke, err := f.ids(page.RevokeField)
		if err != nil {
			return err
		}
		var change bulk.Change
		switch f.text("act") {
		case "roles":
			change, err = planner.PlanRoles(r.Context(), a.operationRequest(r), t, grant, revoke)
		case "delete":
			change, err = planner.PlanDelete(r.Context(), a.operationRequest(r), t)
		default:
			return errInvalidForm
		}
		invalid, isInvalid := errors.AsType[*operations.Invalid](err)
		switch {
		case err == nil:
			return redirect(w, r, bulkPath(change.ID))
		case !isInvalid:
			return err
		}
		m, err := a.newBulkChangePage(r, d, s, t)
		if err != nil {
			return err
		}
		m.Action, m.Reason, m.Frame.Failed = f.text("act"), f.text("reason"), true
		m.FormFeedback = page.FormFeedback{Errors: fieldErrors(invalid.Fields)}
		for _, group := range m.Groups {
			for i, box := range group.Boxes {
				group.Boxes[i].Granted, group.Boxes[i].Revoked = slices.Contains(grant, box.ID), slices.Contains(revoke, box.ID)
			}
		}
		return a.render(w, r, http.StatusUnprocessableEntity, bulkview.NewPage(m))
	}
}

// asFormErrors moves problems without a field to the form as a whole.
func asFormErrors(errs []ui.FieldError) []ui.FieldError {
	for i, e := range errs {
		if e.Field == "rows" || e.Field == "warned" {
			errs[i].Field = ""
		}
	}
	return errs
}
