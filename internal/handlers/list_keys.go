package handlers

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/keys"
	"github.com/voxwarden/voxwarden/views/page"
)

// keyLister answers pages of keys.
type keyLister interface {
	KeyPage(ctx context.Context, account int64, f directory.KeyFilter) (directory.KeyPage, error)
}

// listKeys shows the keys that are asked for.
func (a *App) listKeys(d keyLister, p privilegedRolesReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		filter := keyFilter(r.URL.Query())
		list, err := d.KeyPage(r.Context(), a.Account, filter)
		if err != nil {
			return err
		}
		o := stateOf(r).operator
		catalogue := a.Directory.Catalogue(r.Context(), a.Account)
		privileged := p.PrivilegedRoles(catalogue)
		m := keys.List{
			Frame: a.keyFrame(w, r, page.Keys.Title()), Complete: list.Known, MayCreate: a.Policy.May(o, policy.KeysCreate),
			Listing: page.Listing{
				Path: "/keys", SearchLabel: keys.SearchLabel, Placeholder: keys.SearchHint, Query: filter.Query, Role: filter.Role,
				Roles: roleOptions(
					catalogue,
					list.RoleNames,
					filter.Role,
				), Sort: filter.Sort, DefaultSort: "name", Desc: filter.Desc, RowCount: len(list.Rows),
				Matches: list.Matches, Total: list.Total, Page: list.Page, Pages: list.Pages, PerPage: perPage,
				Freshness: freshness(list.Status, r.URL.RequestURI()),
			},
		}
		m.Frame.Crumbs = nil
		if a.Policy.May(o, policy.KeysExport) {
			m.Export = "/keys.csv"
		}
		for _, k := range list.Rows {
			m.Rows = append(m.Rows, keys.Row{
				ID:           k.ID,
				Name:         k.Name,
				Description:  k.Description,
				Roles:        roleAssignments(k.Roles, catalogue, privileged),
				RolesKnown:   k.RolesKnown,
				BelongsTo:    keyOwner(k),
				IsConsoleKey: k.ID == a.ConsoleKeyID(),
			})
		}
		m.Frame.AutoRefresh, m.Frame.Banners = autoRefreshSeconds(list.Status), privilegedBanners(catalogue, privileged)
		return a.render(w, r, http.StatusOK, keys.ListPage(m))
	}
}

// keyFilter reads what a list is asked for. What makes no sense is as if it were not there.
func keyFilter(q url.Values) directory.KeyFilter {
	common := subuserFilter(q)
	f := directory.KeyFilter{
		Query:   common.Query,
		Role:    common.Role,
		Sort:    "name",
		Desc:    common.Desc,
		Page:    common.Page,
		PerPage: perPage,
	}
	if sort := q.Get("sort"); slices.Contains([]string{"name", "description", "roles", "owner", "id"}, sort) {
		f.Sort = sort
	}
	return f
}

// keyOwner names the subuser whose key it is, nil when the vendor does not tell.
func keyOwner(k directory.Key) *page.SubuserRef {
	if !k.OwnerKnown {
		return nil
	}
	return &page.SubuserRef{ID: k.OwnerID, Login: k.OwnerLogin}
}
