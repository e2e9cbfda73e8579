package handlers

import (
	"context"
	"errors"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/roles"
	"github.com/voxwarden/voxwarden/views/ui"
)

// roleReader answers the catalogue, and who holds a role.
type roleReader interface {
	Catalogue(ctx context.Context, account int64) directory.Catalogue
	SubusersWithRole(ctx context.Context, account, roleID int64) ([]directory.Subuser, directory.Status, error)
	KeysWithRole(ctx context.Context, account, roleID int64) ([]directory.Key, directory.Status, error)
}

// showRole shows one role and who holds it.
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
		subusers, status, err := d.SubusersWithRole(ctx, a.Account, id)
		if trouble, ok := errors.AsType[*directory.ReadError](err); ok {
			status.LastError = trouble
		} else if err != nil {
			return err
		}
		privileged := p.PrivilegedRoles(catalogue)
		m := roles.Show{
			Frame:            a.frame(w, r, page.Roles, role.Name),
			Freshness:        freshness(status, localPath(r.URL.Path)),
			ID:               role.ID,
			Name:             role.Name,
			Group:            role.Group,
			GUIOnly:          role.GUIOnly,
			Privileged:       privileged.Has(role.ID),
			PrivilegedReason: a.privilegedReason(role, catalogue, privileged),
			SubusersKnown:    !status.Cold(),
		}
		m.Frame.Crumbs = []ui.Link{page.Roles.Link()}
		m.Contains, m.PartOf = relatedRoles(catalogue, role.ID)
		for _, s := range subusers {
			m.Subusers = append(m.Subusers, subuserWithRole(s, role.ID, catalogue))
		}
		if m.SubusersKnown {
			keys, _, err := d.KeysWithRole(ctx, a.Account, id)
			if _, trouble := errors.AsType[*directory.ReadError](err); err != nil && !trouble {
				return err
			}
			for _, k := range keys {
				m.Keys = append(m.Keys, keyPrincipal(k))
			}
		}
		m.Frame.AutoRefresh = autoRefreshSeconds(status)
		return a.render(w, r, http.StatusOK, roles.ShowPage(m))
	}
}

// missingRoleError is why a role is not shown: it does not exist, or nobody can tell.
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

// subuserWithRole shows how somebody holds a role.
func subuserWithRole(s directory.Subuser, roleID int64, c directory.Catalogue) roles.AssignedSubuser {
	shown := roles.AssignedSubuser{ID: s.ID, Login: s.Login, Description: s.Description}
	for _, held := range s.Roles {
		if held.ID == roleID && !held.Direct {
			shown.Inherited, shown.InheritedFrom = true, inheritedFrom(roleID, s.Roles, c)
		}
	}
	return shown
}

// privilegedReason says why a role is privileged, "" when it is not.
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
