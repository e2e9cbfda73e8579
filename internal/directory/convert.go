package directory

import "github.com/voxwarden/voxwarden/internal/voxapi"

// subuserOf turns the client's row into ours.
func (f family) subuserOf(u voxapi.SubUser) Subuser {
	text, mark := SplitMark(u.Description)
	return Subuser{
		ID:          u.ID,
		Login:       u.Name,
		Description: text,
		Mark:        mark,
		Roles:       f.heldRoles(u.Roles),
		RolesKnown:  u.RolesKnown,
	}
}

// subusersOf turns the rows of a whole listing into ours. A vendor who leaves out the roles of those who
// have none tells the roles of others, so their absence means none then. If nobody's were told, they were
// not told at all, and nobody is said to be without.
func (f family) subusersOf(listed []voxapi.SubUser) []Subuser {
	told := false
	for _, u := range listed {
		told = told || u.RolesKnown
	}
	subusers := make([]Subuser, 0, len(listed))
	for _, u := range listed {
		subuser := f.subuserOf(u)
		subuser.RolesKnown = told
		subusers = append(subusers, subuser)
	}
	return subusers
}
