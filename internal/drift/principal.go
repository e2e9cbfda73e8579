package drift

import (
	"cmp"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
)

// principal is a subuser or a key as it is expected, or as a listing showed it. Its JSON is stored.
type principal struct {
	access.Ref  `json:"-"`
	Name        string           `json:"name"`
	Description string           `json:"description"`
	Roles       []roleAssignment `json:"roles"` // by id
	RolesKnown  bool             `json:"roles_known"`
	Owner       access.Ref       `json:"owner,omitzero"` // the subuser that a key belongs to; zero when it is not known

	tag         string // only in a listing
	neverListed bool   // created by the console, and not in the listing to compare with
}

// roleAssignment is a role that a principal has.
type roleAssignment struct {
	ID     int64  `json:"id"`
	Name   string `json:"name"`
	Direct bool   `json:"direct"`
	// ReportedDirect is true when the vendor reported the role as direct although another role of the principal contains
	// it. Only then is it known that the vendor separates direct from inherited roles.
	ReportedDirect bool `json:"told,omitempty"`
}

// findRole returns the assignment of a role, and whether the principal has it.
func (p principal) findRole(id int64) (roleAssignment, bool) {
	at := slices.IndexFunc(p.Roles, func(r roleAssignment) bool { return r.ID == id })
	if at < 0 {
		return roleAssignment{ID: id}, false
	}
	return p.Roles[at], true
}

// setRole assigns a role or removes it.
func (p *principal) setRole(r roleAssignment, assigned bool) {
	p.Roles = slices.DeleteFunc(slices.Clone(p.Roles), func(other roleAssignment) bool { return other.ID == r.ID })
	if assigned {
		p.Roles = append(p.Roles, r)
		slices.SortFunc(p.Roles, compareRoleIDs)
	}
}

func compareRoleIDs(a, b roleAssignment) int { return cmp.Compare(a.ID, b.ID) }

// directRoles returns the roles that are assigned directly.
func (p principal) directRoles() []operations.RoleRef {
	var roles []operations.RoleRef
	for _, r := range p.Roles {
		if r.Direct {
			roles = append(roles, operations.RoleRef{ID: r.ID, Name: r.Name})
		}
	}
	return roles
}

// equal reports whether two principals have the same stored fields.
func (p principal) equal(other principal) bool {
	return p.Name == other.Name && p.Description == other.Description && p.RolesKnown == other.RolesKnown &&
		p.Owner == other.Owner && slices.Equal(p.Roles, other.Roles)
}

// principalsOf converts the principals of a listing. Principals share their Roles as the listing shares equal lists.
func principalsOf(listed []access.Principal, closure roleClosure) map[access.Ref]principal {
	principals := make(map[access.Ref]principal, len(listed))
	converted := map[*access.RoleAssignment][]roleAssignment{} // by the first element of a list
	assignments := func(list []access.RoleAssignment) []roleAssignment {
		if len(list) == 0 {
			return []roleAssignment{}
		}
		roles := converted[&list[0]]
		if len(roles) != len(list) {
			roles = closure.assignments(list)
			converted[&list[0]] = roles
		}
		return roles
	}
	for _, l := range listed {
		p := principal{
			Ref:         l.Ref,
			Name:        l.Name,
			Description: l.Description,
			tag:         l.Tag,
			RolesKnown:  l.RolesKnown,
			Roles:       assignments(l.Roles),
		}
		if l.OwnerKnown && l.BelongsTo != nil {
			p.Owner = *l.BelongsTo
		}
		principals[l.Ref] = p
	}
	return principals
}

// roleClosure finds the roles that others of the catalogue contain.
type roleClosure struct{ graph access.RoleGraph }

func newRoleClosure(c directory.Catalogue) roleClosure { return roleClosure{graph: c.Graph()} }

// expand returns roles and all roles that they contain.
func (c roleClosure) expand(roles []int64) access.RoleSet { return c.graph.Closure(roles...) }

// inherited reports whether the principal has another role that contains this one.
func (c roleClosure) inherited(p principal, id int64) bool {
	containers := c.graph.Containers(id)
	return slices.ContainsFunc(p.Roles, func(r roleAssignment) bool { return r.ID != id && containers[r.ID] })
}

// assignments converts the roles of a listing.
func (c roleClosure) assignments(listed []access.RoleAssignment) []roleAssignment {
	roles, ids := make([]roleAssignment, 0, len(listed)), make([]int64, 0, len(listed))
	for _, r := range listed {
		roles = append(roles, roleAssignment{ID: r.ID, Name: r.Name, Direct: r.Direct})
		ids = append(ids, r.ID)
	}
	contained := c.graph.ContainedByOthers(ids)
	for i, r := range roles {
		roles[i].ReportedDirect = r.Direct && contained[r.ID]
	}
	slices.SortFunc(roles, compareRoleIDs)
	return roles
}

// sameText compares texts without regard to white space, which the vendor may change.
func sameText(a, b string) bool { return a == b || slices.Equal(strings.Fields(a), strings.Fields(b)) }
