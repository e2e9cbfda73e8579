package handlers

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/principals"
	"github.com/voxwarden/voxwarden/views/ui"
)

// principalLister returns filtered lists of principals and the account's roles.
type principalLister interface {
	List(ctx context.Context, account int64, kind access.Kind, f directory.Filter) (directory.Page, error)
	Catalogue(ctx context.Context, account int64) directory.Catalogue
}

// Limits of what a URL may ask a list for.
const (
	perPage  = 50
	maxQuery = 200 // characters
	maxPages = 1_000_000
)

// listPrincipals shows one page of the principals of a kind that match the filter.
func (a *App) listPrincipals(kind access.Kind, d principalLister, p privilegedRolesReader) handler {
	info := infoOf(kind)
	return func(w http.ResponseWriter, r *http.Request) error {
		filter := listFilter(kind, r.URL.Query())
		list, err := d.List(r.Context(), a.Account, kind, filter)
		if err != nil {
			return err
		}
		o := stateOf(r).operator
		catalogue := d.Catalogue(r.Context(), a.Account)
		privileged := p.PrivilegedRoles(catalogue)
		m := principals.List{
			Listing:   listing(r, kind, list, filter, catalogue),
			Frame:     a.frame(r, page.InfoOf(kind).Section, page.InfoOf(kind).Section.Title()),
			Kind:      kind,
			MayCreate: a.may(o, kind, operations.VerbCreate),
			MaySelect: a.requireBulk(o, kind) == nil,
		}
		if a.Policy.May(o, info.export) {
			m.Export = m.Path + ".csv"
		}
		consoleKey := access.KeyRef(a.ConsoleKeyID())
		m.Rows = make([]principals.Row, 0, len(list.Rows))
		for i := range list.Rows {
			row := &list.Rows[i]
			m.Rows = append(m.Rows, principals.Row{
				Principal:    row,
				Roles:        roleAssignments(row.Roles, catalogue, privileged),
				IsConsoleKey: row.Ref == consoleKey,
			})
		}
		m.Frame.AutoRefresh = autoRefreshSeconds(list.Status)
		m.Frame.Banners = append(m.Frame.Banners, privilegedBanners(catalogue, privileged)...)
		return a.render(w, r, http.StatusOK, principals.ListPage(m))
	}
}

// listing returns the toolbar and the pager of a list.
func listing(
	r *http.Request,
	kind access.Kind,
	list directory.Page,
	f directory.Filter,
	c directory.Catalogue,
) page.Listing {
	m := filteredListing(kind, f)
	m.Roles = roleOptions(c, list.RoleNames, f.Role)
	m.Sort = f.Sort
	m.Desc = f.Desc
	m.RowCount = len(list.Rows)
	m.Matches = list.Matches
	m.Total = list.Total
	m.Page = list.Page
	m.Pages = list.Pages
	m.PerPage = f.PerPage
	m.Freshness = freshness(list.Status, localPath(r.URL.RequestURI()))
	m.Freshness.Kind = kind
	return m
}

// filteredListing returns the part of a list that its filter determines.
func filteredListing(kind access.Kind, f directory.Filter) page.Listing {
	m := page.NewListing(kind)
	m.Query = f.Query
	m.Role = f.Role
	m.Undescribed = f.WithoutDescription
	m.Privileged = f.Privileged
	switch {
	case f.OutlivedOwner:
		m.Owner = page.OwnerGone
	case f.OwnerUnknown:
		m.Owner = page.OwnerUnknown
	}
	return m
}

// isConsoleKey reports whether a principal is the key that this server uses for the API.
func (a *App) isConsoleKey(ref access.Ref) bool { return ref == access.KeyRef(a.ConsoleKeyID()) }

// listFilter returns the filter that a URL asks for. Invalid values are ignored.
func listFilter(kind access.Kind, q url.Values) directory.Filter {
	f := directory.Filter{
		Query:   searchText(q.Get("q")),
		Role:    searchText(q.Get("role")),
		Sort:    "name",
		Desc:    q.Get("desc") == "1",
		Page:    1,
		PerPage: perPage,
	}
	f.OutlivedOwner = kind == access.Key && q.Get("owner") == page.OwnerGone
	f.OwnerUnknown = kind == access.Key && q.Get("owner") == page.OwnerUnknown
	f.Privileged = q.Get("privileged") == "1"
	f.WithoutDescription = q.Get("description") == page.NoDescription
	if sort := q.Get("sort"); slices.Contains(principals.SortOrders(kind), sort) {
		f.Sort = sort
	}
	if n, err := strconv.Atoi(q.Get("page")); err == nil && n >= 1 && n <= maxPages {
		f.Page = n
	}
	return f
}

// searchText returns a text of a URL as valid UTF-8, trimmed and at most maxQuery characters long.
func searchText(text string) string {
	text = strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), ""))
	if letters := []rune(text); len(letters) > maxQuery {
		return string(letters[:maxQuery])
	}
	return text
}

// roleOptions returns the choices of the role filter: the catalogue, or without one the roles that any principal has. A
// chosen role that is not among them stays a choice, so that the page shows its filter.
func roleOptions(c directory.Catalogue, assigned []string, chosen string) []ui.Option {
	names := assigned
	if c.Known {
		names = make([]string, 0, len(c.Roles))
		for _, role := range c.Roles {
			names = append(names, role.Name)
		}
	}
	known := chosen == "" || chosen == "-"
	options := make([]ui.Option, 0, len(names)+1)
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
