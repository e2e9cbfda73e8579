package handlers

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/session"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/principals"
	"github.com/voxwarden/voxwarden/views/ui"
)

// principalFinder reads principals by id, and finds them in lists.
type principalFinder interface {
	principalLister
	principalReader
}

// comparePrincipals shows two principals of a kind side by side, both read from the vendor now. The URL names the
// second one by id (b) or as typed (with: the login of a subuser, the id of a key).
func (a *App) comparePrincipals(kind access.Kind, d principalFinder, p privilegedRolesReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		q := r.URL.Query()
		if q.Has("ticked") { // from the check boxes of the list
			if len(q["id"]) != 2 {
				return a.redirectSelectTwo(w, r, kind)
			}
			q = url.Values{"a": q["id"][:1], "b": q["id"][1:]}
		}
		refA, err := access.ParseRef(kind, q.Get("a"))
		if err != nil {
			return errPageNotFound
		}
		first, err := d.ByID(r.Context(), a.Account, refA)
		if err != nil {
			return err
		}
		m := principals.Comparison{
			Frame: a.kindFrame(r, kind, principals.ComparePromptHeading(page.Name(first))),
			Kind:  kind,
			Input: searchText(q.Get("with")),
		}
		m.A = a.comparedPrincipal(r, first)
		refB, err := access.ParseRef(kind, q.Get("b"))
		if err != nil && m.Input != "" {
			if refB, m.InputError, err = a.findTyped(r.Context(), kind, d, m.Input); err != nil {
				return err
			}
		}
		if refB.IsZero() {
			m.AskForSecond = true
			m.Frame.Crumbs = append(m.Frame.Crumbs, ui.Link{Text: page.Name(first), Href: first.Path()})
			return a.render(w, r, http.StatusOK, principals.ComparePage(m))
		}
		second, err := d.ByID(r.Context(), a.Account, refB)
		if err != nil {
			return err
		}
		m.B = a.comparedPrincipal(r, second)
		m.Frame.Heading = principals.ComparisonHeading(page.Name(first), page.Name(second))
		catalogue := d.Catalogue(r.Context(), a.Account)
		m.Rows = comparedRoles(first.Roles, second.Roles, catalogue, p.PrivilegedRoles(catalogue))
		return a.render(w, r, http.StatusOK, principals.ComparePage(m))
	}
}

// redirectSelectTwo leads back to the list with a message.
func (a *App) redirectSelectTwo(w http.ResponseWriter, r *http.Request, kind access.Kind) error {
	flash := session.Flash{Tone: string(ui.Info), Text: principals.SelectTwoMessage(kind)}
	if err := a.Sessions.SetFlash(r, flash); err != nil {
		return &sessionError{cause: err}
	}
	return redirect(w, r, "/"+kind.RouteSegment())
}

func (a *App) comparedPrincipal(r *http.Request, p access.Principal) principals.ComparedPrincipal {
	return principals.ComparedPrincipal{
		Principal: p,
		MayChange: a.may(stateOf(r).operator, p.Kind, operations.VerbRoles),
	}
}

// findTyped returns the principal that an operator typed, or what is wrong with the input.
func (a *App) findTyped(
	ctx context.Context,
	kind access.Kind,
	d principalLister,
	input string,
) (ref access.Ref, problem string, err error) {
	if kind == access.Key {
		if ref, err = access.ParseRef(kind, input); err != nil {
			return access.Ref{}, principals.InvalidKeyID, nil
		}
		return ref, "", nil
	}
	return a.subuserByLogin(ctx, d, input)
}

// loginFinder finds subusers in the snapshot.
type loginFinder interface {
	List(ctx context.Context, account int64, kind access.Kind, f directory.Filter) (directory.Page, error)
}

// subuserByLogin returns the subuser with a login, compared without case, or why none was found.
func (a *App) subuserByLogin(
	ctx context.Context,
	d loginFinder,
	login string,
) (ref access.Ref, problem string, err error) {
	filter := directory.Filter{Query: login, PerPage: directory.Everything}
	list, err := d.List(ctx, a.Account, access.Subuser, filter)
	if err != nil {
		return access.Ref{}, "", err
	}
	at := slices.IndexFunc(list.Rows, func(p access.Principal) bool { return strings.EqualFold(p.Name, login) })
	switch {
	case at >= 0:
		return list.Rows[at].Ref, "", nil
	case list.Status.Cold():
		return access.Ref{}, principals.LoginsNotRead, nil
	case list.Status.Incomplete:
		return access.Ref{}, principals.LoginNotRead, nil
	default:
		return access.Ref{}, principals.NoSuchLogin, nil
	}
}

// comparedRoles returns the roles that either principal has, differences first.
func comparedRoles(
	rolesA, rolesB []access.RoleAssignment,
	c directory.Catalogue,
	privileged policy.PrivilegedSet,
) []principals.ComparedRole {
	var all []access.RoleAssignment
	seen := access.RoleSet{}
	for _, role := range slices.Concat(rolesA, rolesB) {
		if !seen[role.ID] {
			seen[role.ID], role.Direct = true, true
			all = append(all, role)
		}
	}
	rows := make([]principals.ComparedRole, 0, len(all))
	for i, role := range roleAssignments(all, c, privileged) { // all are direct, so the order stays
		rows = append(rows, principals.ComparedRole{
			Role: role,
			A:    assignmentType(rolesA, all[i].ID),
			B:    assignmentType(rolesB, all[i].ID),
		})
	}
	slices.SortStableFunc(rows, func(a, b principals.ComparedRole) int {
		switch {
		case a.Differs() == b.Differs():
			return 0
		case a.Differs():
			return -1
		default:
			return 1
		}
	})
	return rows
}

// assignmentType returns "direct", "inherited", or "" for a role that is not assigned.
func assignmentType(assignments []access.RoleAssignment, id int64) string {
	for _, role := range assignments {
		switch {
		case role.ID == id && role.Direct:
			return "direct"
		case role.ID == id:
			return "inherited"
		}
	}
	return ""
}
