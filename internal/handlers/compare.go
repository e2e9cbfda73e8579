package handlers

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/session"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/subusers"
	"github.com/voxwarden/voxwarden/views/ui"
)

// subuserFinder reads subusers one by one, and finds one by login.
type subuserFinder interface {
	SubuserByID(ctx context.Context, account, id int64) (directory.Subuser, error)
	Subusers(ctx context.Context, account int64, f directory.SubuserFilter) (directory.SubuserPage, error)
	Catalogue(ctx context.Context, account int64) directory.Catalogue
}

// compareSubusers shows two subusers side by side, each read just now. The second is named by id, or by login.
func (a *App) compareSubusers(d subuserFinder, p privilegedRolesReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		q := r.URL.Query()
		if ticked := q["id"]; q.Has("ticked") { // from the list of subusers
			if len(ticked) != 2 {
				return a.redirectSelectTwo(w, r)
			}
			q.Set("a", ticked[0])
			q.Set("b", ticked[1])
		}
		idA, ok := parseID(q.Get("a"))
		if !ok {
			return errPageNotFound
		}
		subuserA, err := d.SubuserByID(r.Context(), a.Account, idA)
		if err != nil {
			return err
		}
		m := page.Comparison{
			Frame: a.subuserFrame(w, r, page.ComparePromptHeading(subuserA.Login)),
			Path:  "/subusers/compare",
			Label: page.LoginLabel,
			Input: searchText(q.Get("with")),
		}
		m.A = a.comparedSubuser(r, subuserA)
		idB, hasB := parseID(q.Get("b"))
		if !hasB && m.Input != "" {
			idB, hasB, err = a.subuserByLogin(r.Context(), d, m.Input)
			if err != nil {
				return err
			}
			if !hasB {
				m.InputError = page.NoSuchLogin
			}
		}
		if !hasB {
			m.AskForSecond = true
			m.Frame.Crumbs = append(m.Frame.Crumbs, ui.Link{Text: subuserA.Login, Href: subuserPath(subuserA.ID)})
			return a.render(w, r, http.StatusOK, page.ComparePage(m))
		}
		subuserB, err := d.SubuserByID(r.Context(), a.Account, idB)
		if err != nil {
			return err
		}
		m.B = a.comparedSubuser(r, subuserB)
		m.Frame.Heading = page.ComparisonHeading(subuserA.Login, subuserB.Login)
		catalogue := d.Catalogue(r.Context(), a.Account)
		m.Rows = comparedRoles(subuserA.Roles, subuserB.Roles, catalogue, p.PrivilegedRoles(catalogue))
		return a.render(w, r, http.StatusOK, page.ComparePage(m))
	}
}

// redirectSelectTwo leads back to the list, and says what is needed.
func (a *App) redirectSelectTwo(w http.ResponseWriter, r *http.Request) error {
	if err := a.Sessions.SetFlash(w, r, session.Flash{
		Tone: string(ui.Info),
		Text: subusers.SelectTwoMessage,
	}); err != nil {
		return &sessionError{cause: err}
	}
	return redirect(w, r, "/subusers")
}

func (a *App) comparedSubuser(r *http.Request, s directory.Subuser) page.ComparedPrincipal {
	return page.ComparedPrincipal{
		Principal:   subuserPrincipal(s),
		ID:          formatID(s.ID),
		Description: s.Description,
		MayChange:   a.Policy.May(stateOf(r).operator, policy.SubusersRoles),
	}
}

// subuserByLogin finds a subuser by the whole login, without regard to case.
func (a *App) subuserByLogin(ctx context.Context, d subuserFinder, login string) (id int64, found bool, err error) {
	list, err := d.Subusers(ctx, a.Account, directory.SubuserFilter{Query: login, PerPage: directory.Everything})
	if err != nil {
		return 0, false, err
	}
	at := slices.IndexFunc(list.Rows, func(s directory.Subuser) bool { return strings.EqualFold(s.Login, login) })
	if at < 0 {
		return 0, false, nil
	}
	return list.Rows[at].ID, true, nil
}

// compareKeys shows two keys side by side, each read just now.
func (a *App) compareKeys(d keyReader, p privilegedRolesReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		q := r.URL.Query()
		if !isKeyID(q.Get("a")) {
			return errPageNotFound
		}
		keyA, err := d.KeyByID(r.Context(), a.Account, q.Get("a"))
		if err != nil {
			return err
		}
		m := page.Comparison{
			Frame: a.keyFrame(w, r, page.ComparePromptHeading(keyName(keyA))),
			Path:  "/keys/compare",
			Label: page.KeyIDLabel,
			Input: searchText(q.Get("with")),
		}
		m.A = a.comparedKey(r, keyA)
		idB := q.Get("b") + m.Input
		if !isKeyID(idB) {
			if m.AskForSecond = true; idB != "" {
				m.InputError = page.InvalidKeyID
			}
			m.Frame.Crumbs = append(m.Frame.Crumbs, ui.Link{Text: keyName(keyA), Href: keyPath(keyA.ID)})
			return a.render(w, r, http.StatusOK, page.ComparePage(m))
		}
		keyB, err := d.KeyByID(r.Context(), a.Account, idB)
		if err != nil {
			return err
		}
		m.B = a.comparedKey(r, keyB)
		m.Frame.Heading = page.ComparisonHeading(keyName(keyA), keyName(keyB))
		catalogue := d.Catalogue(r.Context(), a.Account)
		m.Rows = comparedRoles(keyA.Roles, keyB.Roles, catalogue, p.PrivilegedRoles(catalogue))
		return a.render(w, r, http.StatusOK, page.ComparePage(m))
	}
}

func (a *App) comparedKey(r *http.Request, k directory.Key) page.ComparedPrincipal {
	return page.ComparedPrincipal{
		Principal:   keyPrincipal(k),
		ID:          k.ID,
		Description: k.Description,
		MayChange:   a.Policy.May(stateOf(r).operator, policy.KeysRoles),
	}
}

// comparedRoles are the roles that either holds, what only one holds first.
func comparedRoles(
	rolesA, rolesB []access.RoleAssignment,
	c directory.Catalogue,
	privileged policy.PrivilegedSet,
) []page.ComparedRole {
	var all []access.RoleAssignment
	for _, role := range slices.Concat(rolesA, rolesB) {
		if !slices.ContainsFunc(all, func(r access.RoleAssignment) bool { return r.ID == role.ID }) {
			role.Direct = true
			all = append(all, role)
		}
	}
	rows := make([]page.ComparedRole, 0, len(all))
	for _, role := range roleAssignments(all, c, privileged) {
		at := slices.IndexFunc(all, func(r access.RoleAssignment) bool { return r.Name == role.Name })
		rows = append(rows, page.ComparedRole{
			Role: role,
			A:    assignmentType(rolesA, all[at].ID),
			B:    assignmentType(rolesB, all[at].ID),
		})
	}
	slices.SortStableFunc(rows, func(a, b page.ComparedRole) int {
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

// assignmentType says how a role is held, "" when it is not.
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
