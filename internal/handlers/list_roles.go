package handlers

import (
	"context"
	"errors"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/roles"
)

// rolesLister answers the catalogue, and everybody with their roles.
type rolesLister interface {
	Catalogue(ctx context.Context, account int64) directory.Catalogue
	Subusers(ctx context.Context, account int64, f directory.SubuserFilter) (directory.SubuserPage, error)
}

// listRoles shows the catalogue by group, with how many hold each role. A catalogue that cannot be read is said on
// the page, as are holders that cannot.
func (a *App) listRoles(d rolesLister, p privilegedRolesReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx := r.Context()
		list, err := d.Subusers(ctx, a.Account, directory.SubuserFilter{Page: 1, PerPage: directory.Everything})
		if trouble, ok := errors.AsType[*directory.ReadError](err); ok {
			list.Status.LastError = trouble
		} else if err != nil {
			return err
		}
		catalogue := d.Catalogue(ctx, a.Account)
		privileged := p.PrivilegedRoles(catalogue)
		m := roles.List{
			Frame:          a.frame(w, r, page.Roles, page.Roles.Title()),
			Freshness:      freshness(list.Status, "/roles"),
			CatalogueKnown: catalogue.Known,
			GroupsKnown:    catalogue.GroupsKnown,
			SubusersKnown:  !list.Status.Cold(),
			LastError:      readErrorNotice(catalogue.LastError),
		}
		counts := subuserCounts(list.Rows)
		for _, role := range catalogue.Roles {
			row := roles.Row{
				ID:           role.ID,
				Name:         role.Name,
				GUIOnly:      role.GUIOnly,
				Privileged:   privileged.Has(role.ID),
				SubuserCount: counts[role.ID],
			}
			row.Contains, row.PartOf = relatedRoles(catalogue, role.ID)
			last := len(m.Groups) - 1
			if last < 0 || m.Groups[last].Name != role.Group {
				m.Groups = append(m.Groups, roles.Group{Name: role.Group})
				last++
			}
			m.Groups[last].Roles = append(m.Groups[last].Roles, row)
		}
		if catalogue.Known {
			m.Frame.Banners = privilegedBanners(catalogue, privileged)
		}
		m.Frame.AutoRefresh = autoRefreshSeconds(list.Status)
		return a.render(w, r, http.StatusOK, roles.ListPage(m))
	}
}

// subuserCounts counts who holds each role, directly or not.
func subuserCounts(subusers []directory.Subuser) map[int64]int {
	counts := map[int64]int{}
	for _, s := range subusers {
		for _, role := range s.Roles {
			counts[role.ID]++
		}
	}
	return counts
}
