package handlers

import (
	"slices"

	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/views/page"
)

// roleBoxes returns a form's choices as groups of check boxes. A box that is not offered shows the assignment instead
// of tickedIDs, since it cannot be changed here.
func roleBoxes(f operations.RolesForm, tickedIDs []int64) []page.RoleGroup {
	var groups []page.RoleGroup
	containers, facts := newContainers(f.Principal.Roles, f.Catalogue.Graph()), newRoleFacts(f.Catalogue)
	for _, choice := range f.Choices {
		box := page.RoleBox{
			ID:             choice.Role.ID,
			Name:           choice.Role.Name,
			Offered:        choice.Offered,
			DisabledReason: choice.NotOfferedReason,
			Inherited:      choice.Inherited,
			Privileged:     choice.Privileged,
			GUIOnly:        choice.Role.GUIOnly,
			Checked:        choice.Direct,
			Facts:          facts.of(choice.Role),
		}
		if choice.Offered {
			box.Checked = slices.Contains(tickedIDs, choice.Role.ID)
		}
		if choice.Inherited {
			box.InheritedFrom = containers.of(choice.Role.ID)
		}
		lastGroup := len(groups) - 1
		if lastGroup < 0 || groups[lastGroup].Name != choice.Role.Group {
			groups = append(groups, page.RoleGroup{Name: choice.Role.Group})
			lastGroup++
		}
		groups[lastGroup].Boxes = append(groups[lastGroup].Boxes, box)
	}
	return groups
}

// rolesDisabledReason returns why no role can be ticked, "" when some can.
func rolesDisabledReason(f operations.RolesForm) string {
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
