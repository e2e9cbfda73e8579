package handlers

import (
	"context"
	"net/http"
	"strconv"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/subusers"
	"github.com/voxwarden/voxwarden/views/ui"
)

// subuserReader reads one subuser from the vendor.
type subuserReader interface {
	SubuserByID(ctx context.Context, account, id int64) (directory.Subuser, error)
	Catalogue(ctx context.Context, account int64) directory.Catalogue
}

// historyShown is how many operations a subuser's page lists.
const historyShown = 50

// showSubuser shows one subuser, read just now, and what was done to them here.
func (a *App) showSubuser(d subuserReader, p privilegedRolesReader, auditLog operationLister) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		ctx, o := r.Context(), stateOf(r).operator
		s, err := d.SubuserByID(ctx, a.Account, id)
		if err != nil {
			return err
		}
		readAt := a.Now()
		ops, err := auditLog.Operations(ctx, audit.Filter{
			Account:    a.Account,
			TargetKind: "subuser",
			TargetID:   strconv.FormatInt(id, 10),
			TargetName: s.Login,
			Limit:      historyShown,
		})
		if err != nil {
			return err
		}
		catalogue := d.Catalogue(ctx, a.Account)
		privileged := p.PrivilegedRoles(catalogue)
		m := subusers.Show{
			Frame:       a.subuserFrame(w, r, s.Login),
			ID:          s.ID,
			Login:       s.Login,
			Description: s.Description,
			Roles:       roleAssignments(s.Roles, catalogue, privileged),
			RolesKnown:  s.RolesKnown,
			KeysKnown:   s.KeysKnown,
			ReadAt:      readAt,
			History:     a.operationViews(o, ops),
		}
		for _, key := range s.Keys {
			m.Keys = append(m.Keys, subusers.KeyRef{ID: key.ID, Name: key.Name})
		}
		m.MayChangeRoles, m.RolesReadOnlyReason = a.mayChangeRoles(o, s, catalogue, privileged)
		m.Actions, m.MayViewKeys = a.subuserActions(o, s, privileged), a.Policy.May(o, policy.KeysView)
		m.ReasonsWithheld = hasWithheldReasons(m.History)
		m.ReadBack = stateOf(r).readBack
		m.Frame.Banners = append(privilegedBanners(catalogue, privileged), unresolvedBanners(m.History)...)
		return a.render(w, r, http.StatusOK, subusers.ShowPage(m))
	}
}

// subuserFrame is the frame of a page about one subuser.
func (a *App) subuserFrame(w http.ResponseWriter, r *http.Request, heading string) page.Frame {
	f := a.frame(w, r, page.Subusers, heading)
	f.Crumbs = []ui.Link{page.Subusers.Link()}
	return f
}

// subuserActions are the links to what else this operator may do with a subuser.
func (a *App) subuserActions(o operator.Operator, s directory.Subuser, privileged policy.PrivilegedSet) []ui.Link {
	path := subuserPath(s.ID)
	untouchable := a.Policy.RequireRoleChange(o, privileged, s.RoleIDs(), nil) != nil
	var links []ui.Link
	for _, action := range []struct {
		need   policy.Permission
		on     bool // it is done to the subuser, so that whoever holds a privileged role is not for everybody
		text   string
		target string
	}{
		{policy.SubusersEdit, true, page.EditText, path + "/edit"},
		{policy.SubusersPassword, true, subusers.PasswordText, path + "/password"},
		{policy.SubusersReissue, true, subusers.ReissueText, path + "/re-issue"},
		{policy.SubusersView, false, page.CompareText, "/subusers/compare?a=" + formatID(s.ID)},
		{policy.SubusersCreate, false, subusers.CopyText, "/subusers/new?from=" + formatID(s.ID)},
		{policy.SubusersDelete, true, page.DeleteText, path + "/delete"},
	} {
		if a.Policy.May(o, action.need) && !(action.on && untouchable) {
			links = append(links, ui.Link{Text: action.text, Href: action.target})
		}
	}
	return links
}

// mayChangeRoles says whether the operator may change a subuser's roles, and if not, why.
func (a *App) mayChangeRoles(
	o operator.Operator,
	s directory.Subuser,
	c directory.Catalogue,
	privileged policy.PrivilegedSet,
) (bool, string) {
	switch {
	case !a.Policy.May(o, policy.SubusersRoles):
		return false, subusers.NoRolesPermission
	case !c.Known:
		return false, page.RolesUnavailable
	case a.Policy.RequireRoleChange(o, privileged, s.RoleIDs(), nil) != nil:
		return false, subusers.HasPrivilegedRole
	default:
		return true, ""
	}
}

// hasWithheldReasons says whether a history has lines whose reasons this operator may not see.
func hasWithheldReasons(lines []page.Operation) bool {
	for _, line := range lines {
		if !line.Linked {
			return true
		}
	}
	return false
}
