package handlers

import (
	"errors"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/roles"
)

// listRoles shows the catalogue by group, with the numbers of subusers and keys that have each role. The page reports a
// catalogue or a list of subusers that cannot be read.
func (a *App) listRoles(d principalLister, p privilegedRolesReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx := r.Context()
		list, err := d.List(ctx, a.Account, access.Subuser, directory.Filter{PerPage: directory.Everything})
		if trouble, ok := errors.AsType[*directory.ReadError](err); ok {
			list.Status.LastError = trouble
		} else if err != nil {
			return err
		}
		keys, err := d.List(ctx, a.Account, access.Key, directory.Filter{PerPage: directory.Everything})
		if _, unreadable := errors.AsType[*directory.ReadError](err); err != nil && !unreadable {
			return err
		}
		catalogue := d.Catalogue(ctx, a.Account)
		privileged := p.PrivilegedRoles(catalogue)
		m := roles.List{
			Frame:          a.frame(r, page.Roles, page.Roles.Title()),
			Freshness:      freshness(list.Status, "/roles"),
			CatalogueKnown: catalogue.Known,
			GroupsKnown:    catalogue.GroupsKnown,
			KeyFreshness:   freshness(keys.Status, ""),
			LastError:      readErrorNotice(catalogue.LastError),
		}
		counts, keyCounts, graph := countsByRole(list.Rows), countsByRole(keys.Rows), catalogue.Graph()
		for _, role := range catalogue.Roles {
			row := roles.Row{
				ID:           role.ID,
				Name:         role.Name,
				GUIOnly:      role.GUIOnly,
				Privileged:   privileged.Has(role.ID),
				SubuserCount: counts[role.ID],
				KeyCount:     keyCounts[role.ID],
			}
			row.Contains, row.PartOf = relatedRoles(catalogue, graph, role.ID)
			last := len(m.Groups) - 1
			if last < 0 || m.Groups[last].Name != role.Group {
				m.Groups = append(m.Groups, roles.Group{Name: role.Group})
				last++
			}
			m.Groups[last].Roles = append(m.Groups[last].Roles, row)
		}
		if catalogue.Known {
			m.Frame.Banners = append(m.Frame.Banners, privilegedBanners(catalogue, privileged)...)
		}
		m.Frame.AutoRefresh = autoRefreshSeconds(list.Status)
		return a.render(w, r, http.StatusOK, roles.ListPage(m))
	}
}

// countsByRole returns the number of principals that have each role, directly or inherited.
func countsByRole(principals []access.Principal) map[int64]int {
	counts := map[int64]int{}
	for _, p := range principals {
		for _, role := range p.Roles {
			counts[role.ID]++
		}
	}
	return counts
}
