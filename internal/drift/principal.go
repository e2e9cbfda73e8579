package drift

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// principal is a subuser or a key as it is expected, or as a reading showed it.
type principal struct {
	Name        string           `json:"name"` // the login, or the key's name
	Description string           `json:"description"`
	Roles       []roleAssignment `json:"roles"`
	RolesKnown  bool             `json:"roles_known"`
	Owner       int64            `json:"owner,omitempty"` // of a key: the subuser it belongs to, 0 when that is not known

	tag string // at the end of what we created; of a reading only
}

// roleID is a role that somebody holds.
type roleAssignment struct {
	ID     int64  `json:"id"`
	Name   string `json:"name"`
	Direct bool   `json:"direct"` // assigned itself
	// ReportedDirect is set when a role was seen to be assigned itself although one that contains it is held, too: then
	// the vendor tells the two apart. Else it cannot be told whether a contained role was assigned as well.
	ReportedDirect bool `json:"told,omitempty"`
}

// addFinding answers the role with this id, and whether it is held.
func (p principal) findRole(id int64) (roleAssignment, bool) {
	at := slices.IndexFunc(p.Roles, func(r roleAssignment) bool { return r.ID == id })
	if at < 0 {
		return roleAssignment{ID: id}, false
	}
	return p.Roles[at], true
}

// setRole sets a role, or takes it away.
func (p *principal) setRole(r roleAssignment, held bool) {
	p.Roles = slices.DeleteFunc(slices.Clone(p.Roles), func(other roleAssignment) bool { return other.ID == r.ID })
	if held {
		p.Roles = append(p.Roles, r)
		slices.SortFunc(p.Roles, func(a, b roleAssignment) int { return cmp.Compare(a.ID, b.ID) })
	}
}

// equal says whether two holdings are alike in all that is kept.
func (p principal) equal(other principal) bool {
	return p.Name == other.Name && p.Description == other.Description && p.RolesKnown == other.RolesKnown &&
		p.Owner == other.Owner &&
		slices.Equal(p.Roles, other.Roles)
}

// listedKind is all of one kind that a reading showed, by the vendor's id.
type listedKind struct {
	kind       access.Kind // access.Subuser or access.Key
	principals map[string]principal
}

// listedKinds are the kinds that a reading showed whole.
func listedKinds(l directory.Listing) []listedKind {
	closure := newRoleClosure(l.Catalogue)
	subusers := listedKind{kind: access.Subuser, principals: make(map[string]principal, len(l.Subusers))}
	for _, u := range l.Subusers {
		subusers.principals[strconv.FormatInt(u.ID, 10)] = principalOfSubuser(u, closure)
	}
	if !l.KeysKnown {
		return []listedKind{subusers}
	}
	keys := listedKind{kind: access.Key, principals: make(map[string]principal, len(l.Keys))}
	for _, k := range l.Keys {
		keys.principals[k.ID] = principalOfKey(k, closure)
	}
	return []listedKind{subusers, keys}
}

func principalOfSubuser(u directory.Subuser, closure roleClosure) principal {
	return principal{
		Name:        u.Login,
		Description: u.Description,
		tag:         u.Tag,
		RolesKnown:  u.RolesKnown,
		Roles:       closure.assignments(u.Roles),
	}
}

func principalOfKey(k directory.Key, closure roleClosure) principal {
	h := principal{
		Name:        k.Name,
		Description: k.Description,
		tag:         k.Tag,
		RolesKnown:  k.RolesKnown,
		Roles:       closure.assignments(k.Roles),
	}
	if k.OwnerKnown {
		h.Owner = k.OwnerID
	}
	return h
}

// roleClosure holds for each role of the catalogue the roles that it contains, itself included.
type roleClosure map[int64]access.RoleSet

func newRoleClosure(c directory.Catalogue) roleClosure {
	closure, graph := roleClosure{}, c.Graph()
	for _, r := range c.Roles {
		closure[r.ID] = graph.Closure(r.ID)
	}
	return closure
}

// expand are roles and all that they contain.
func (c roleClosure) expand(roles []int64) map[int64]bool {
	all := map[int64]bool{}
	for _, id := range roles {
		all[id] = true
		for contained := range c[id] {
			all[contained] = true
		}
	}
	return all
}

// inherited says whether somebody holds another role that contains this one.
func (c roleClosure) inherited(h principal, id int64) bool {
	return slices.ContainsFunc(h.Roles, func(r roleAssignment) bool { return r.ID != id && c[r.ID][id] })
}

// compareRoles turns the directory's roles into ours, by id.
func (c roleClosure) assignments(held []access.RoleAssignment) []roleAssignment {
	h := principal{Roles: make([]roleAssignment, 0, len(held))}
	for _, r := range held {
		h.Roles = append(h.Roles, roleAssignment{ID: r.ID, Name: r.Name, Direct: r.Direct})
	}
	for i, r := range h.Roles {
		h.Roles[i].ReportedDirect = r.Direct && c.inherited(h, r.ID)
	}
	slices.SortFunc(h.Roles, func(a, b roleAssignment) int { return cmp.Compare(a.ID, b.ID) })
	return h.Roles
}

// sameText compares texts as people read them: the vendor may write white space in another way.
func sameText(a, b string) bool { return a == b || slices.Equal(strings.Fields(a), strings.Fields(b)) }
