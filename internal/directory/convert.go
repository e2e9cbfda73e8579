package directory

import (
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// convertSubuser turns the client's row into ours.
func (i roleIndex) convertSubuser(u voxapi.SubUser) Subuser {
	text, tag := SplitTag(u.Description)
	return Subuser{
		ID:          u.ID,
		Login:       u.Name,
		Description: text,
		Tag:         tag,
		Roles:       i.roleAssignments(u.Roles),
		RolesKnown:  u.RolesKnown,
	}
}

// convertSubusers turns the rows of a whole listing into ours. A vendor who leaves out the roles of those who
// have none tells the roles of others, so their absence means none then. If nobody's were told, they were
// not told at all, and nobody is said to be without.
func (i roleIndex) convertSubusers(listed []voxapi.SubUser) []Subuser {
	anyRolesKnown := false
	for _, u := range listed {
		anyRolesKnown = anyRolesKnown || u.RolesKnown
	}
	subusers := make([]Subuser, 0, len(listed))
	for _, u := range listed {
		subuser := i.convertSubuser(u)
		subuser.RolesKnown = anyRolesKnown
		subusers = append(subusers, subuser)
	}
	return subusers
}
