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
	"github.com/voxwarden/voxwarden/internal/policy"
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

// loginsShown is the number of selected subusers that the form names.
const loginsShown = 8

// newBulkChange shows the form for a bulk change of the subusers that the URL selects.
func (a *App) newBulkChange(d selectionReader, s newFormReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		q := r.URL.Query()
		t := bulk.Targets{
			Kind:   access.Subuser,
			Refs:   subuserRefs(parseIDs(q["id"])),
			All:    q.Get("all") == "1",
			Filter: selectionFilter(q, "role"),
		}
		m, err := a.newBulkChangePage(r, d, s, t)
		if err != nil {
			return err
		}
		return a.render(w, r, http.StatusOK, bulkview.NewPage(m))
	}
}

// subuserRefs returns the subusers with the given ids, each once.
func subuserRefs(ids []int64) []access.Ref {
	refs, seen := make([]access.Ref, 0, len(ids)), map[int64]bool{}
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			refs = append(refs, access.SubuserRef(id))
		}
	}
	return refs
}

// selectionFilter returns the filter with which all subusers of a list were selected.
func selectionFilter(q url.Values, role string) directory.Filter {
	return directory.Filter{Query: searchText(q.Get("q")), Role: searchText(q.Get(role))}
}

// newBulkChangePage returns the form for these targets.
func (a *App) newBulkChangePage(
	r *http.Request,
	d selectionReader,
	s newFormReader,
	t bulk.Targets,
) (bulkview.New, error) {
	o := stateOf(r).operator
	form, err := s.NewForm(r.Context(), o, a.Account, access.Subuser)
	if err != nil {
		return bulkview.New{}, err
	}
	m := bulkview.New{
		Frame:               a.kindFrame(r, access.Subuser, bulkview.NewHeading),
		AllMatching:         t.All,
		Query:               t.Filter.Query,
		Role:                t.Filter.Role,
		RolesDisabledReason: rolesDisabledReason(form),
		MayDelete:           a.Policy.May(o, policy.SubusersDelete),
		ReasonRequired:      a.RequireReason,
	}
	facts := newRoleFacts(form.Catalogue)
	for _, c := range form.Choices {
		m.Roles = append(m.Roles, bulkview.RoleChoice{
			ID:         c.Role.ID,
			Name:       c.Role.Name,
			Privileged: c.Privileged,
			GUIOnly:    c.Role.GUIOnly,
			Facts:      facts.of(c.Role),
			Offered:    c.Offered,
		})
	}
	for _, ref := range t.Refs {
		m.IDs = append(m.IDs, ref.ID)
	}
	var rows []access.Principal
	if t.All {
		t.Filter.PerPage = directory.Everything
		list, err := d.List(r.Context(), a.Account, access.Subuser, t.Filter)
		if err != nil {
			return m, err
		}
		if list.Status.Cold() {
			return m, &bulk.NotLoaded{Loaded: list.Status.LoadedRows}
		}
		rows, m.Count = list.Rows, list.Matches
	} else {
		if rows, _, err = d.ByIDs(r.Context(), a.Account, access.Subuser, m.IDs); err != nil {
			return m, err
		}
		m.Count = len(t.Refs)
	}
	for _, p := range rows[:min(len(rows), loginsShown)] {
		m.Logins = append(m.Logins, p.Name)
	}
	countHolders(m.Roles, rows)
	m.RolesUnknown = m.Count - len(rows)
	for _, p := range rows {
		if !p.RolesKnown {
			m.RolesUnknown++
		}
	}
	return m, nil
}

// countHolders counts for each role how many of the principals have it.
func countHolders(choices []bulkview.RoleChoice, principals []access.Principal) {
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
	for i, c := range choices {
		choices[i].Direct, choices[i].Inherited = direct[c.ID], inherited[c.ID]
	}
}

// planBulkChange plans the bulk change and leads to its preview.
func (a *App) planBulkChange(d selectionReader, s newFormReader, planner Bulk) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f := stateOf(r).form
		ids, err := f.ids("id")
		if err != nil {
			return err
		}
		t := bulk.Targets{
			Kind:   access.Subuser,
			Refs:   subuserRefs(ids),
			All:    f.text("all") == "1",
			Filter: selectionFilter(f.values, "role_filter"),
		}
		grant, err := f.ids("grant")
		if err != nil {
			return err
		}
		revoke, err := f.ids("revoke")
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
		for i, c := range m.Roles {
			m.Roles[i].Grant, m.Roles[i].Revoke = slices.Contains(grant, c.ID), slices.Contains(revoke, c.ID)
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
