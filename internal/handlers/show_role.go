package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/roles"
	"github.com/voxwarden/voxwarden/views/ui"
)

// roleReader returns the catalogue, and the principals that have a role.
type roleReader interface {
	Catalogue(ctx context.Context, account int64) directory.Catalogue
	WithRole(
		ctx context.Context,
		account int64,
		kind access.Kind,
		roleID int64,
	) ([]access.Principal, directory.Status, error)
}

// showRole shows one role and a page of the principals that have it.
func (a *App) showRole(d roleReader, p privilegedRolesReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		ctx := r.Context()
		catalogue := d.Catalogue(ctx, a.Account)
		role, found := catalogue.ByID(id)
		if !found {
			return missingRoleError(catalogue)
		}
		subusers, status, err := d.WithRole(ctx, a.Account, access.Subuser, id)
		if trouble, ok := errors.AsType[*directory.ReadError](err); ok {
			status.LastError = trouble
		} else if err != nil {
			return err
		}
		privileged, graph := p.PrivilegedRoles(catalogue), catalogue.Graph()
		m := roles.Show{
			Frame:            a.frame(r, page.Roles, role.Name),
			Freshness:        freshness(status, localPath(r.URL.Path)),
			ID:               role.ID,
			Name:             role.Name,
			Group:            role.Group,
			GUIOnly:          role.GUIOnly,
			Privileged:       privileged.Has(role.ID),
			PrivilegedReason: a.privilegedReason(role, catalogue, privileged),
			SubusersKnown:    !status.Cold(),
		}
		facts := newRoleFacts(catalogue)
		m.Published, m.Methods, m.AlsoCovers = facts.published[id], facts.methods[id], facts.alsoCovers(catalogue, id)
		m.AuditLinks = a.roleAuditLinks(r, id)
		m.Frame.Crumbs = []ui.Link{page.Roles.Link()}
		m.Contains, m.PartOf = relatedRoles(catalogue, graph, role.ID)
		shown, subuserPages := paginate(r, "page", subusers)
		m.Subusers, m.SubuserCount = principalsWithRole(shown, role.ID, graph), len(subusers)
		m.SubuserPages = subuserPages
		m.SubuserPages.Label = roles.SubuserPagesLabel
		if a.Policy.May(stateOf(r).operator, policy.SubusersExport) {
			m.Export = "/subusers.csv?" + url.Values{"role": {role.Name}}.Encode()
		}
		if m.SubusersKnown {
			keys, keyStatus, err := d.WithRole(ctx, a.Account, access.Key, id)
			if _, trouble := errors.AsType[*directory.ReadError](err); err != nil && !trouble {
				return err
			}
			shown, keyPages := paginate(r, "keys", keys)
			m.Keys, m.KeyCount, m.KeyPages = principalsWithRole(shown, role.ID, graph), len(keys), keyPages
			m.KeyPages.Label = roles.KeyPagesLabel
			m.KeysKnown = err == nil && !keyStatus.Cold() && !keyStatus.Incomplete && keyStatus.RolesUnknown == 0
		}
		m.Frame.AutoRefresh = autoRefreshSeconds(status)
		return a.render(w, r, http.StatusOK, roles.ShowPage(m))
	}
}

// roleAuditLinks returns links to the grants and revocations of a role in the audit log.
func (a *App) roleAuditLinks(r *http.Request, id int64) []ui.Link {
	o := stateOf(r).operator
	if !a.Policy.May(o, policy.AuditView) && !a.Policy.May(o, policy.AuditOwn) {
		return nil
	}
	path := func(effect audit.RoleEffect) string {
		q := url.Values{"role": {strconv.FormatInt(id, 10)}, "change": {string(effect)}}
		return "/audit?" + q.Encode()
	}
	return []ui.Link{
		{Text: roles.GrantsLink, Href: path(audit.RoleGranted)},
		{Text: roles.RevocationsLink, Href: path(audit.RoleRevoked)},
	}
}

// missingRoleError returns why a role is not in the catalogue: it does not exist, or there is no catalogue.
func missingRoleError(c directory.Catalogue) error {
	switch {
	case c.Known:
		return directory.ErrNotFound
	case c.LastError != nil:
		return c.LastError
	default:
		return operations.ErrNoCatalogue
	}
}

// principalsWithRole returns the rows of principals that have a role.
func principalsWithRole(list []access.Principal, roleID int64, graph access.RoleGraph) []roles.AssignedPrincipal {
	var rows []roles.AssignedPrincipal
	for _, p := range list {
		row := roles.AssignedPrincipal{Principal: p}
		for _, assigned := range p.Roles {
			if assigned.ID == roleID && !assigned.Direct {
				row.Inherited, row.InheritedFrom = true, newContainers(p.Roles, graph).of(roleID)
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// privilegedReason returns why a role is privileged, "" when it is not.
func (a *App) privilegedReason(role access.Role, c directory.Catalogue, privileged policy.PrivilegedSet) string {
	if !privileged.Has(role.ID) {
		return ""
	}
	for _, name := range a.PrivilegedRoles {
		if configured, found := roleByName(c, name); found && configured.ID == role.ID {
			return roles.PrivilegedByConfig
		}
	}
	if privileged.All {
		return roles.AllPrivileged(privileged.Missing)
	}
	return roles.PrivilegedByContent
}
