package handlers

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/subusers"
	"github.com/voxwarden/voxwarden/views/ui"
)

// subuserLister answers lists of subusers, and the roles there are.
type subuserLister interface {
	Subusers(ctx context.Context, account int64, f directory.SubuserFilter) (directory.SubuserPage, error)
	Catalogue(ctx context.Context, account int64) directory.Catalogue
}

// What a list is asked for at most; more is junk.
const (
	perPage  = 50
	maxQuery = 200
	maxPages = 1_000_000
)

// listSubusers shows one page of the subusers that match.
func (a *App) listSubusers(d subuserLister, p privilegedRolesReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		filter := subuserFilter(r.URL.Query())
		list, err := d.Subusers(r.Context(), a.Account, filter)
		if err != nil {
			return err
		}
		o := stateOf(r).operator
		catalogue := d.Catalogue(r.Context(), a.Account)
		privileged := p.PrivilegedRoles(catalogue)
		m := subusers.List{
			Frame:     a.frame(w, r, page.Subusers, page.Subusers.Title()),
			Freshness: freshness(list.Status, localPath(r.URL.RequestURI())),
			Query:     filter.Query,
			Role:      filter.Role,
			Roles:     roleOptions(catalogue, list.RoleNames, filter.Role),
			Sort:      filter.Sort,
			Desc:      filter.Desc,
			Rows:      subuserRows(list.Rows, catalogue, privileged),
			Matches:   list.Matches,
			Total:     list.Total,
			Page:      list.Page,
			Pages:     list.Pages,
			PerPage:   perPage,
			MayCreate: a.Policy.May(o, policy.SubusersCreate),
			MayExport: a.Policy.May(o, policy.SubusersExport),
			MaySelect: a.Policy.May(o, policy.BulkStart),
		}
		m.Frame.AutoRefresh, m.Frame.Banners = autoRefreshSeconds(list.Status), privilegedBanners(catalogue, privileged)
		return a.render(w, r, http.StatusOK, subusers.ListPage(m))
	}
}

// subuserFilter reads what a list is asked for. What makes no sense is as if it were not there.
func subuserFilter(q url.Values) directory.SubuserFilter {
	f := directory.SubuserFilter{
		Query:   searchText(q.Get("q")),
		Role:    searchText(q.Get("role")),
		Sort:    "login",
		Page:    1,
		PerPage: perPage,
	}
	if sort := q.Get("sort"); slices.Contains([]string{"login", "description", "roles", "keys"}, sort) {
		f.Sort = sort
	}
	f.Desc = q.Get("desc") == "1"
	if n, err := strconv.Atoi(q.Get("page")); err == nil && n >= 1 && n <= maxPages {
		f.Page = n
	}
	return f
}

// searchText is a text of a query without what is no text, and not longer than a person types.
func searchText(text string) string {
	text = strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), ""))
	if letters := []rune(text); len(letters) > maxQuery {
		return string(letters[:maxQuery])
	}
	return text
}

// roleOptions are the choices of the role filter: the catalogue, or without one the roles that anybody holds. A role
// that is asked for and not among them stays a choice, so that the page shows what it is filtered by.
func roleOptions(c directory.Catalogue, held []string, chosen string) []ui.Option {
	names := held
	if c.Known {
		names = nil
		for _, role := range c.Roles {
			names = append(names, role.Name)
		}
	}
	known := chosen == "" || chosen == "-"
	var options []ui.Option
	for _, name := range names {
		selected := strings.EqualFold(name, chosen)
		known = known || selected
		options = append(options, ui.Option{Value: name, Text: name, Selected: selected})
	}
	if !known {
		options = append(options, ui.Option{Value: chosen, Text: chosen, Selected: true})
	}
	return options
}

func subuserRows(rows []directory.Subuser, c directory.Catalogue, privileged policy.PrivilegedSet) []subusers.Row {
	shown := make([]subusers.Row, 0, len(rows))
	for _, s := range rows {
		shown = append(shown, subusers.Row{
			ID:          s.ID,
			Login:       s.Login,
			Description: s.Description,
			Roles:       roleAssignments(s.Roles, c, privileged),
			RolesKnown:  s.RolesKnown,
			Keys:        len(s.Keys),
			KeysKnown:   s.KeysKnown,
		})
	}
	return shown
}
