package handlers

import (
	"context"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/keys"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// keyReader reads one key from the vendor.
type keyReader interface {
	KeyByID(ctx context.Context, account int64, id string) (directory.Key, error)
	Catalogue(ctx context.Context, account int64) directory.Catalogue
}

// showKey shows one key, read just now, what was done to it here, and what nobody can tell.
func (a *App) showKey(d keyReader, p privilegedRolesReader, auditLog operationLister) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathKeyID(r)
		if err != nil {
			return err
		}
		ctx, o := r.Context(), stateOf(r).operator
		k, err := d.KeyByID(ctx, a.Account, id)
		if err != nil {
			return err
		}
		readAt := a.Now()
		ops, err := auditLog.Operations(
			ctx,
			audit.Filter{Account: a.Account, TargetKind: access.Key, TargetID: k.ID, Limit: historyShown},
		)
		if err != nil {
			return err
		}
		catalogue := d.Catalogue(ctx, a.Account)
		privileged := p.PrivilegedRoles(catalogue)
		m := keys.Show{
			Frame: a.keyFrame(
				w,
				r,
				keyName(k),
			),
			ID:           k.ID,
			Name:         k.Name,
			Description:  k.Description,
			Roles:        roleAssignments(k.Roles, catalogue, privileged),
			RolesKnown:   k.RolesKnown,
			BelongsTo:    keyOwner(k),
			IsConsoleKey: k.ID == a.ConsoleKeyID(),
			ReadAt:       readAt,
			History:      a.operationViews(o, ops),
			Actions:      a.keyActions(o, k),
		}
		for i, op := range ops {
			if descriptorOf(op).Creates && op.Result == audit.Applied {
				m.Created = &m.History[i]
			}
		}
		m.MayChangeRoles = a.Policy.May(o, policy.KeysRoles) && catalogue.Known
		switch {
		case !a.Policy.May(o, policy.KeysRoles):
			m.RolesReadOnlyReason = keys.RolesNeedAdmin
		case !catalogue.Known:
			m.RolesReadOnlyReason = page.RolesUnavailable
		}
		m.ReasonsWithheld = hasWithheldReasons(m.History)
		m.ReadBack = stateOf(r).readBack
		m.Frame.Banners = append(privilegedBanners(catalogue, privileged), unresolvedBanners(m.History)...)
		return a.render(w, r, http.StatusOK, keys.ShowPage(m))
	}
}

// keyFrame is the frame of a page about one key.
func (a *App) keyFrame(w http.ResponseWriter, r *http.Request, heading string) page.Frame {
	f := a.frame(w, r, page.Keys, heading)
	f.Crumbs = []ui.Link{page.Keys.Link()}
	return f
}

// keyActions are the links to what else this operator may do with a key.
func (a *App) keyActions(o operator.Operator, k directory.Key) []ui.Link {
	path := keyPath(k.ID)
	var links []ui.Link
	for _, action := range []struct {
		need         policy.Permission
		text, target string
	}{
		{policy.KeysEdit, page.EditText, path + "/edit"},
		{policy.KeysView, page.CompareText, "/keys/compare?a=" + k.ID},
		{policy.KeysCreate, keys.CopyText, "/keys/new?from=" + k.ID},
		{policy.KeysDelete, page.DeleteText, path + "/delete"},
	} {
		if a.Policy.May(o, action.need) {
			links = append(links, ui.Link{Text: action.text, Href: action.target})
		}
	}
	return links
}
