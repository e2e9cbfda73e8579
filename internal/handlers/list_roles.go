package handlers

import (
	"errors"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/roles"
)

// listRoles shows the catalogue by group, with the number of subusers that have each role. The page reports a catalogue
// or a list of subusers that cannot be read.
func (a *App) listRoles(d principalLister, p privilegedRolesReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx := r.Context()
		list, err := d.List(ctx, a.Account, access.Subuser, directory.Filter{PerPage: directory.Everything})
		if trouble, ok := errors.AsType[*directory.ReadError](err); ok {
			list.Status.LastError = trouble
		} else if err != nil {
			return err
		}
		catalogue := d.Catalogue(ctx, a.Account)
		privileged := p.PrivilegedRoles(catalogue)
		m := roles.List{
			Frame:          a.frame(r, page.Roles, page.Roles.Title()),
			Freshness:      freshness(list.Status, "/roles"),
			CatalogueKnown: catalogue.Known,
			GroupsKnown:    catalogue.GroupsKnown,
			SubusersKnown:  !list.Status.Cold(),
			LastError:      readErrorNotice(catalogue.LastError),
		}
		counts, graph := subuserCounts(list.Rows), catalogue.Graph()
		for _, role := range catalogue.Roles {
			row := roles.Row{
				ID:           role.ID,
				Name:         role.Name,
				GUIOnly:      role.GUIOnly,
				Privileged:   privileged.Has(role.ID),
				SubuserCount: counts[role.ID],
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

// subuserCounts returns the number of subusers that have each role, directly or inherited.
func subuserCounts(subusers []access.Principal) map[int64]int {
	counts := map[int64]int{}
	for _, s := range subusers {
		for _, role := range s.Roles {
			counts[role.ID]++
		}
	}
	return counts
}
