package handlers

import (
	"slices"

	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/views/page"
)

// boxes draws a form's choices as groups of tick boxes, ticked as ticked says. A box that is not offered shows what
// is held instead, since it cannot be changed here.
func boxes(f operations.RolesForm, ticked []int64) []page.RoleGroup {
	var groups []page.RoleGroup
	for _, choice := range f.Choices {
		box := page.RoleBox{
			ID: choice.Role.ID, Name: choice.Role.Name, Offered: choice.Offered, DisabledReason: choice.Why, Inherited: choice.Inherited,
			Privileged: choice.Privileged, GUIOnly: choice.Role.GUIOnly, Checked: choice.Held,
		}
		if choice.Offered {
			box.Checked = slices.Contains(ticked, choice.Role.ID)
		}
		if choice.Inherited {
			box.InheritedFrom = through(choice.Role.ID, f.Subuser.Roles, f.Catalogue)
		}
		last := len(groups) - 1
		if last < 0 || groups[last].Name != choice.Role.Group {
			groups = append(groups, page.RoleGroup{Name: choice.Role.Group})
			last++
		}
		groups[last].Boxes = append(groups[last].Boxes, box)
	}
	return groups
}

// rolesWhy says why no role can be ticked, "" when some can.
func rolesWhy(f operations.RolesForm) string {
	switch {
	case !f.Catalogue.Known && f.Catalogue.LastError != nil:
		return page.RolesUnknownText(f.Catalogue.LastError.Advice)
	case !f.Catalogue.Known:
		return page.RolesUnknownText("")
	case len(f.Offered()) == 0:
		return page.NoGrantableRoles
	default:
		return ""
	}
}
