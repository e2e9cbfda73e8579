package handlers

import (
	"context"
	"net/http"
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/principals"
	"github.com/voxwarden/voxwarden/views/ui"
)

// principalReader reads one principal from the vendor.
type principalReader interface {
	ByID(ctx context.Context, account int64, ref access.Ref) (access.Principal, error)
	Catalogue(ctx context.Context, account int64) directory.Catalogue
}

// historyShown is the number of operations on the page of a principal.
const historyShown = 50

// showPrincipal shows one principal, read from the vendor now, and its history.
func (a *App) showPrincipal(
	kind access.Kind,
	d principalReader,
	roles privilegedRolesReader,
	auditLog operationLister,
) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ref, err := pathRef(r, kind)
		if err != nil {
			return err
		}
		ctx, o := r.Context(), stateOf(r).operator
		p, err := d.ByID(ctx, a.Account, ref)
		if err != nil {
			return err
		}
		readAt := a.Now()
		ops, err := auditLog.Operations(ctx, a.historyOf(p))
		if err != nil {
			return err
		}
		catalogue := d.Catalogue(ctx, a.Account)
		privileged := roles.PrivilegedRoles(catalogue).With(p.Reported)
		m := principals.Show{
			Frame:        a.kindFrame(r, kind, page.Name(p)),
			Principal:    p,
			Roles:        roleAssignments(p.Roles, catalogue, privileged),
			IsConsoleKey: a.isConsoleKey(p.Ref),
			ReadAt:       readAt,
			History:      a.operationViews(o, ops),
			Actions:      a.principalActions(o, p, privileged),
			MayViewKeys:  a.Policy.May(o, policy.KeysView),
		}
		if created := slices.IndexFunc(ops, func(op audit.Operation) bool { return createdIt(op, p) }); created >= 0 {
			m.Created = &m.History[created]
		}
		m.MayChangeRoles, m.RolesReadOnlyReason = a.mayChangeRoles(o, p, catalogue, privileged)
		m.ReasonsWithheld = slices.ContainsFunc(m.History, func(op page.Operation) bool { return !op.Linked })
		m.ReadBack = stateOf(r).readBack // set by frame
		m.Frame.Banners = append(privilegedBanners(catalogue, privileged), unresolvedBanners(m.History)...)
		return a.render(w, r, http.StatusOK, principals.ShowPage(m))
	}
}

// createdIt reports whether an operation created a principal. A re-issue continues what an earlier one created.
func createdIt(op audit.Operation, p access.Principal) bool {
	d := descriptorOf(op)
	return d.Creates && !d.IsReissue() && op.Result == audit.Applied &&
		(op.Target.Ref == p.Ref || p.Facts != nil && p.Facts.Created.Equal(op.CreatedAt))
}

// historyOf returns the filter for the operations on a principal. A login survives a re-issue, which changes the id.
func (a *App) historyOf(p access.Principal) audit.Filter {
	f := audit.Filter{Account: a.Account, TargetKind: p.Kind, TargetID: p.ID, Limit: historyShown}
	if p.Kind == access.Subuser {
		f.TargetName = p.Name
	}
	return f
}

// principalActions returns the links to everything else that the operator may do with a principal.
func (a *App) principalActions(o operator.Operator, p access.Principal, privileged policy.PrivilegedSet) []ui.Link {
	path, list := p.Path(), "/"+p.Kind.RouteSegment()
	mayTouch := a.Policy.RequireRoleChange(o, privileged, p.RoleIDs(), nil) == nil
	mayDelete := mayTouch && !a.isOrOwnsConsoleKey(p)
	var links []ui.Link
	for _, l := range []struct {
		may  bool
		text string
		href string
	}{
		{mayTouch && a.may(o, p.Kind, operations.VerbEdit), page.EditText, path + "/edit"},
		{mayTouch && a.may(o, p.Kind, operations.VerbPassword), page.PasswordText, path + "/password"},
		{mayDelete && a.may(o, p.Kind, operations.VerbReissue), page.ReissueText, path + "/re-issue"},
		{a.Policy.May(o, infoOf(p.Kind).view), page.CompareText, list + "/compare?a=" + p.ID},
		{a.may(o, p.Kind, operations.VerbCreate), page.InfoOf(p.Kind).CopyText, list + "/new?from=" + p.ID},
		{mayDelete && a.may(o, p.Kind, operations.VerbDelete), page.DeleteText, path + "/delete"},
	} {
		if l.may {
			links = append(links, ui.Link{Text: l.text, Href: l.href})
		}
	}
	return links
}

// isOrOwnsConsoleKey reports whether a principal is the console key, or is known to be the subuser that it belongs to.
// Neither can be deleted here.
func (a *App) isOrOwnsConsoleKey(p access.Principal) bool {
	owns := func(k access.NamedKey) bool { return a.isConsoleKey(access.KeyRef(k.ID)) }
	return a.isConsoleKey(p.Ref) || slices.ContainsFunc(p.Keys, owns)
}

// mayChangeRoles reports whether the operator may change the roles of a principal, and if not, why.
func (a *App) mayChangeRoles(
	o operator.Operator,
	p access.Principal,
	c directory.Catalogue,
	privileged policy.PrivilegedSet,
) (may bool, reason string) {
	switch {
	case !a.may(o, p.Kind, operations.VerbRoles):
		return false, page.InfoOf(p.Kind).RolesNotPermitted
	case !c.Known:
		return false, page.RolesUnavailable
	case a.Policy.RequireRoleChange(o, privileged, p.RoleIDs(), nil) != nil:
		return false, page.PrivilegedRoleAssigned(p.Kind)
	default:
		return true, ""
	}
}
