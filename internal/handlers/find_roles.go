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
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/rolefacts"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/roles"
	"github.com/voxwarden/voxwarden/views/ui"
)

// catalogueReader returns the roles of the account.
type catalogueReader interface {
	Catalogue(ctx context.Context, account int64) directory.Catalogue
}

// maxFoundMethods is the number of methods that a search shows.
const maxFoundMethods = 40

// findRoles shows the roles of the account that cover the methods that the URL names. Names that are no methods are
// ignored, so that an old link still works.
func (a *App) findRoles(d catalogueReader, p privilegedRolesReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		catalogue := d.Catalogue(r.Context(), a.Account)
		m := roles.Finder{
			Frame:          a.frame(r, page.Roles, roles.FinderHeading),
			CatalogueKnown: catalogue.Known,
			LastError:      readErrorNotice(catalogue.LastError),
			Query:          searchText(r.URL.Query().Get("q")),
			Chosen:         chosenMethods(r.URL.Query()["method"]),
		}
		m.Frame.Crumbs = []ui.Link{page.Roles.Link()}
		m.Found, m.MoreFound = findMethods(m.Query, m.Chosen)
		if m.Query == "" {
			m.Groups = methodGroupLinks(m.Chosen)
		}
		var wanted rolefacts.MethodSet
		for _, method := range m.Chosen {
			switch {
			case method.AnyKey:
				m.NeedNoRole = append(m.NeedNoRole, method)
			case method.Source == rolefacts.NotPublished:
				m.NotPublished = append(m.NotPublished, method)
			default:
				wanted = wanted.Union(rolefacts.NewMethodSet(method))
			}
		}
		facts, privileged := newRoleFacts(catalogue), p.PrivilegedRoles(catalogue)
		var candidates []rolefacts.Candidate
		for _, role := range catalogue.Roles {
			candidates = append(candidates, rolefacts.Candidate{ID: role.ID, Methods: facts.methods[role.ID]})
			if facts.methods[role.ID].Len() == 0 {
				m.Untried = append(m.Untried, role.Name)
			}
		}
		covers := rolefacts.FindCovers(wanted, candidates)
		m.Unavailable, m.Incomplete = slices.Collect(covers.Missing.All()), covers.Incomplete
		for _, cover := range covers.List {
			m.Covers = append(m.Covers, a.coverView(r, catalogue, privileged, cover))
		}
		return a.render(w, r, http.StatusOK, roles.FinderPage(m))
	}
}

// chosenMethods returns the methods with these names, each once, by group and name.
func chosenMethods(names []string) []rolefacts.Method {
	var chosen rolefacts.MethodSet
	for _, name := range names {
		if method, found := rolefacts.MethodByName(name); found {
			chosen = chosen.Union(rolefacts.NewMethodSet(method))
		}
	}
	return slices.Collect(chosen.All())
}

// findMethods returns the first methods with every word of the query in their name or group, without the chosen ones,
// and how many more there are.
func findMethods(query string, chosen []rolefacts.Method) (found []rolefacts.Method, more int) {
	words := strings.Fields(strings.ToLower(query))
	if len(words) == 0 {
		return nil, 0
	}
	without := rolefacts.NewMethodSet(chosen...)
	for _, method := range rolefacts.Methods() {
		text := strings.ToLower(method.Name + " " + method.Group)
		misses := func(word string) bool { return !strings.Contains(text, word) }
		if !without.Has(method) && !slices.ContainsFunc(words, misses) {
			found = append(found, method)
		}
	}
	shown := min(len(found), maxFoundMethods)
	return found[:shown], len(found) - shown
}

// methodGroupLinks returns searches for the groups of methods that keep the chosen ones.
func methodGroupLinks(chosen []rolefacts.Method) []ui.Link {
	q := url.Values{}
	for _, method := range chosen {
		q.Add("method", method.Name)
	}
	var links []ui.Link
	last := ""
	for _, method := range rolefacts.Methods() {
		if method.Group != last {
			last = method.Group
			q.Set("q", last)
			links = append(links, ui.Link{Text: last, Href: roles.FinderPath + "?" + q.Encode()})
		}
	}
	return links
}

// coverView returns a set of roles, with links to the forms that the operator may use.
func (a *App) coverView(
	r *http.Request,
	c directory.Catalogue,
	privileged policy.PrivilegedSet,
	cover rolefacts.Cover,
) roles.Cover {
	shown := roles.Cover{Allowed: cover.Allowed, Extra: cover.Extra}
	q, o := url.Values{}, stateOf(r).operator
	for i, name := range c.Names(cover.Roles) {
		id := cover.Roles[i]
		q.Add("grant", strconv.FormatInt(id, 10))
		shown.Roles = append(shown.Roles, roles.CoverRole{
			RoleRef:    page.RoleRef{ID: id, Name: name},
			Privileged: privileged.Has(id),
		})
	}
	if a.Policy.RequireRoleChange(o, privileged, nil, cover.Roles) != nil {
		return shown
	}
	if a.may(o, access.Key, operations.VerbCreate) {
		shown.NewKey = "/keys/new?" + q.Encode()
	}
	if a.may(o, access.Subuser, operations.VerbCreate) {
		shown.NewSubuser = "/subusers/new?" + q.Encode()
	}
	return shown
}
