package handlers

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/search"
)

// searcher finds principals in the snapshot, and returns the account's roles.
type searcher interface {
	catalogueReader
	Search(ctx context.Context, account int64, kind access.Kind, query string, limit int) (directory.Page, error)
}

// maxHits is the number of results of one kind that a search shows.
const maxHits = 8

// search shows the pages, actions, principals and roles that match a query and that the operator may see. Without a
// query it shows the pages and actions.
func (a *App) search(d searcher, p privilegedRolesReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		o, query := stateOf(r).operator, searchText(r.URL.Query().Get("q"))
		words := directory.NewQuery(query)
		m := search.Page{Frame: a.frame(r, page.Search, page.Search.Title()), Query: query}
		m.Groups = append(m.Groups, a.findDestinations(o, words, true, search.ActionsTitle)...)
		for _, kind := range []access.Kind{access.Subuser, access.Key} {
			if !a.Policy.May(o, infoOf(kind).view) {
				continue
			}
			found, err := d.Search(r.Context(), a.Account, kind, query, maxHits)
			if trouble, ok := errors.AsType[*directory.ReadError](err); ok {
				found.Status.LastError = trouble
			} else if err != nil {
				return err
			}
			fresh := freshness(found.Status, localPath(r.URL.RequestURI()))
			m.Incomplete = m.Incomplete || fresh.MayLackMatches(true)
			if kind == access.Subuser {
				m.Freshness = fresh
				m.Frame.AutoRefresh = autoRefreshSeconds(found.Status)
			}
			if query != "" && found.Matches > 0 {
				m.Groups = append(m.Groups, search.PrincipalsGroup(kind, principalHits(found.Rows), found.Matches, query))
			}
		}
		if a.Policy.May(o, policy.RolesView) {
			catalogue := d.Catalogue(r.Context(), a.Account)
			m.RolesKnown = catalogue.Known
			if hits, matches := roleHits(catalogue, p.PrivilegedRoles(catalogue), words); query != "" && matches > 0 {
				m.Groups = append(m.Groups, search.RolesGroup(hits, matches))
			}
		}
		m.Groups = append(m.Groups, a.findDestinations(o, words, false, search.PagesTitle)...)
		return a.render(w, r, http.StatusOK, search.SearchPage(m))
	}
}

// findDestinations returns the group of pages or actions that match and that the operator may open, none when it would
// be empty.
func (a *App) findDestinations(o operator.Operator, q directory.Query, actions bool, title string) []search.Group {
	var hits []search.Hit
	for _, d := range search.Destinations() {
		may := func(p policy.Permission) bool { return a.Policy.May(o, p) }
		if d.Action == actions && q.Matches(d.Text+" "+d.Keywords) &&
			(len(d.AnyOf) == 0 || slices.ContainsFunc(d.AnyOf, may)) {
			hits = append(hits, search.Hit{Text: d.Text, Href: d.Href})
		}
	}
	if len(hits) == 0 {
		return nil
	}
	return []search.Group{{Title: title, Hits: hits, Total: len(hits)}}
}

func principalHits(found []access.Principal) []search.Hit {
	var hits []search.Hit
	for _, p := range found {
		hits = append(hits, search.Hit{Text: page.Name(p), Href: p.Path(), Note: p.Description})
	}
	return hits
}

// roleHits returns the first roles that match, and the number of all that do.
func roleHits(
	c directory.Catalogue,
	privileged policy.PrivilegedSet,
	q directory.Query,
) (hits []search.Hit, matches int) {
	for _, role := range c.Roles {
		if !q.Matches(role.Name) {
			continue
		}
		if matches++; len(hits) < maxHits {
			hit := search.Hit{Text: role.Name, Href: "/roles/" + strconv.FormatInt(role.ID, 10), Note: role.Group}
			if privileged.Has(role.ID) {
				hit.Mark = "privileged"
			}
			hits = append(hits, hit)
		}
	}
	return hits, matches
}
