package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// roleSourceReader finds principals by a search, and reads the one with the roles to copy.
type roleSourceReader interface {
	principalReader
	Search(ctx context.Context, account int64, kind access.Kind, query string, limit int) (directory.Page, error)
}

// maxCopyHits is the number of results of the search for a principal with roles to copy.
const maxCopyHits = 10

// copyForm is the part of a form, or of the query of its address, that copies roles.
type copyForm struct {
	query  string  // what is typed in the search field
	source string  // the id of the principal that was chosen
	former string  // the name of the principal that was copied from before
	ticked []int64 // roles
	copied []int64 // of the ticked roles: those that were copied before
}

func readCopyForm(values url.Values) copyForm {
	return copyForm{
		query:  searchText(values.Get("copy_from")),
		source: values.Get("copy"),
		former: values.Get("copied_from"),
		ticked: parseIDs(values["role"]),
		copied: parseIDs(values["copied"]),
	}
}

// postedCopy returns what a posted form asks to copy: by a press of "Find" or of a result, or by a text without a
// choice and a press of the main button, which posts the step main. asked is false when nothing is left to do.
func postedCopy(f form, main string) (c copyForm, asked bool) {
	c = readCopyForm(f.values)
	unchosen := f.text("step") == main && c.query != "" && c.query != c.former
	return c, f.text("step") == "find" || c.source != "" || unchosen
}

// queriedCopy returns what the address of the form asks for.
func queriedCopy(r *http.Request) (c copyForm, asked bool) {
	c = readCopyForm(r.URL.Query())
	return c, c.source != "" || c.query != ""
}

// part returns the part with what was typed and copied before.
func (c copyForm) part() page.RoleCopy {
	return page.RoleCopy{Query: c.query, Source: c.former, IDs: c.copied}
}

// banners warn of roles that are ticked because of the address.
func (c copyForm) banners() []ui.Banner {
	return initialChange{Difference: access.Difference{Grant: c.ticked}}.banners(directory.Catalogue{}, nil)
}

// copyRoles returns the part of a form for a principal after a search or a choice, and the roles to tick. Choosing
// another principal replaces the roles that were copied before, and keeps those that were ticked by hand.
func (a *App) copyRoles(
	ctx context.Context,
	d roleSourceReader,
	form operations.RolesForm,
	c copyForm,
) (page.RoleCopy, []int64, error) {
	kind := form.Principal.Kind
	part := c.part()
	if c.source == "" {
		err := a.searchRoleSource(ctx, d, form.Principal.Ref, &part)
		return part, c.ticked, err
	}
	ref, err := access.ParseRef(kind, c.source)
	if err != nil {
		return part, nil, errInvalidForm
	}
	source, err := d.ByID(ctx, a.Account, ref)
	if trouble, ok := errors.AsType[*directory.ReadError](err); ok {
		part.Problem = page.CopySourceUnread + trouble.Advice
		return part, c.ticked, nil
	}
	if errors.Is(err, directory.ErrNotFound) {
		part.Problem = page.CopySourceGone
		return part, c.ticked, nil
	}
	if err != nil {
		return part, nil, err
	}
	byHand := slices.DeleteFunc(slices.Clone(c.ticked), func(id int64) bool { return slices.Contains(c.copied, id) })
	part = copiedRoles(form, source)
	part.Focus = true
	part.IDs = slices.DeleteFunc(part.IDs, func(id int64) bool { return slices.Contains(byHand, id) })
	return part, append(byHand, part.IDs...), nil
}

// searchRoleSource adds the principals that match the search to the part, except the one that gets the roles.
func (a *App) searchRoleSource(
	ctx context.Context,
	d roleSourceReader,
	target access.Ref,
	part *page.RoleCopy,
) error {
	kind := target.Kind
	if part.Query == "" {
		part.Problem = page.CopyFromRequired(kind)
		return nil
	}
	found, err := d.Search(ctx, a.Account, kind, part.Query, maxCopyHits)
	if trouble, ok := errors.AsType[*directory.ReadError](err); ok {
		found.Status.LastError = trouble
	} else if err != nil {
		return err
	}
	fresh := freshness(found.Status, "")
	fresh.Kind = kind
	part.Searched, part.Matches, part.NoHits = true, found.Matches, page.CopyNotFound(kind, fresh)
	for _, p := range found.Rows {
		if p.Ref == target {
			part.Matches--
			continue
		}
		part.Hits = append(part.Hits, page.RoleCopyHit{
			ID:          p.ID,
			Name:        page.Name(p),
			Description: p.Description,
			Roles:       directRoleNames(p),
		})
	}
	return nil
}

// directRoleNames returns the names of the direct roles of a principal.
func directRoleNames(p access.Principal) []string {
	var names []string
	for _, role := range p.Roles {
		if role.Direct {
			names = append(names, role.Name)
		}
	}
	return names
}

// copiedRoles returns the part of a form after the direct roles of a principal were ticked: those that the form offers,
// by group, and why the others are not.
func copiedRoles(form operations.RolesForm, source access.Principal) page.RoleCopy {
	name, roles := page.Name(source), source.DirectRoleIDs()
	part := page.RoleCopy{Query: name, Source: name}
	var skipped []string
	for _, choice := range form.Choices {
		switch {
		case !slices.Contains(roles, choice.Role.ID):
			continue
		case choice.Offered:
			part.IDs = append(part.IDs, choice.Role.ID)
			last := len(part.Ticked) - 1
			if last < 0 || part.Ticked[last].Group != choice.Role.Group {
				part.Ticked = append(part.Ticked, page.RoleNames{Group: choice.Role.Group})
				last++
			}
			part.Ticked[last].Names = append(part.Ticked[last].Names, choice.Role.Name)
		default:
			reason := choice.NotOfferedReason
			if choice.Inherited {
				reason = page.RoleInherited
			}
			skipped = append(skipped, choice.Role.Name)
			part.Skipped = append(part.Skipped, page.SkippedRole{Name: choice.Role.Name, Reason: reason})
		}
		roles = slices.DeleteFunc(roles, func(id int64) bool { return id == choice.Role.ID })
	}
	for _, name := range form.Catalogue.Names(roles) { // the catalogue lacks them
		skipped = append(skipped, name)
		part.Skipped = append(part.Skipped, page.SkippedRole{Name: name, Reason: page.RoleNotInCatalogue})
	}
	part.Message = page.CopiedRolesText(name, len(part.IDs)+len(skipped), skipped)
	return part
}

// exactRoleSource returns the id of the only principal that a search found by its whole name, "" for none.
func exactRoleSource(part page.RoleCopy) string {
	id := ""
	for _, h := range part.Hits {
		if strings.EqualFold(h.Name, part.Query) {
			if id != "" {
				return ""
			}
			id = h.ID
		}
	}
	return id
}

// copyPosted shows a posted form again with what it asks to copy: the results of a search, or copied roles. show
// returns its page with these roles ticked. A form that was sent with the whole name of a principal, and without
// choosing it, gets its roles first, since the operator expects them.
func (a *App) copyPosted(
	w http.ResponseWriter,
	r *http.Request,
	d roleSourceReader,
	form operations.RolesForm,
	c copyForm,
	show func(ticked []int64, feedback formFeedback) templ.Component,
) error {
	part, ticked, err := a.copyRoles(r.Context(), d, form, c)
	if stateOf(r).form.text("step") != "find" && c.source == "" && err == nil {
		if c.source = exactRoleSource(part); c.source == "" {
			part.Problem = page.CopyNotChosen
		} else {
			part, ticked, err = a.copyRoles(r.Context(), d, form, c)
		}
	}
	if err != nil {
		return err
	}
	feedback := formFeedback{status: http.StatusOK, keepID: true, copied: &part}
	if part.Problem != "" {
		feedback.status = http.StatusUnprocessableEntity
		feedback.Errors = []ui.FieldError{{Field: "copy_from", Text: part.Problem}}
	}
	return a.render(w, r, feedback.status, show(ticked, feedback))
}

// rolesAsQueried returns the roles that the address of the form for a new principal asks to tick: those of another
// principal (from=, or as the form copies them) or these (grant=).
func (a *App) rolesAsQueried(
	r *http.Request,
	d roleSourceReader,
	form operations.RolesForm,
) (part page.RoleCopy, ticked []int64, banners []ui.Banner, err error) {
	if asked, copying := queriedCopy(r); copying {
		part, ticked, err = a.copyRoles(r.Context(), d, form, asked)
		return part, ticked, asked.banners(), err
	}
	if from, err := access.ParseRef(form.Principal.Kind, r.URL.Query().Get("from")); err == nil {
		source, err := d.ByID(r.Context(), a.Account, from)
		return copiedRoles(form, source), source.DirectRoleIDs(), nil, err
	}
	granted := initialChange{Difference: access.Difference{Grant: parseIDs(r.URL.Query()["grant"])}}
	return part, granted.Grant, granted.banners(form.Catalogue, nil), nil
}
