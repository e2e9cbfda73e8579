package access

import "slices"

// Principal is a subuser or a service-account key, as last read from the vendor.
type Principal struct {
	Ref
	Name        string // the login of a subuser, the name of a key
	Description string // without the tag
	Tag         string // the ten characters of the tag that ended the description, "" when there was none
	Roles       []RoleAssignment
	RolesKnown  bool // false: the vendor's answer contained no roles and they could not be read
	// Reported are names, parents and children of Roles in the vendor's answer about this principal that the catalogue
	// lacked when it was read. They count when a change of the principal is judged.
	Reported []Role

	// BelongsTo is the subuser that a key belongs to. Nil with OwnerKnown means that the key belongs to no subuser.
	// All three are zero for a subuser.
	BelongsTo  *Ref
	OwnerLogin string // the login of BelongsTo
	OwnerKnown bool   // false: the vendor does not report which subuser the key belongs to

	// Keys are the keys that are known to belong to a subuser, ordered by name. Both are zero for a key.
	Keys      []NamedKey
	KeysKnown bool // false: the subuser may have more keys

	Facts *Facts // nil when the console has learnt none
}

// NamedKey is the id and the name of a service-account key.
type NamedKey struct {
	ID   string // UUID
	Name string // may be empty
}

// RoleAssignment is a role that a principal has.
type RoleAssignment struct {
	ID      int64
	Name    string
	Direct  bool // assigned to the principal; false: inherited through another role of the principal
	GUIOnly bool // the vendor's gui_only: the role concerns the vendor's panel only
}

// DirectRoleIDs returns the ids of the direct roles, in the order of Roles.
func (p Principal) DirectRoleIDs() []int64 { return roleIDs(p.Roles, true) }

// RoleIDs returns the ids of all roles, direct and inherited, in the order of Roles.
func (p Principal) RoleIDs() []int64 { return roleIDs(p.Roles, false) }

func roleIDs(roles []RoleAssignment, directOnly bool) []int64 {
	ids := make([]int64, 0, len(roles))
	for _, r := range roles {
		if r.Direct || !directOnly {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// HasRole reports whether the principal has the role with this id, directly or inherited.
func (p Principal) HasRole(id int64) bool {
	return slices.ContainsFunc(p.Roles, func(r RoleAssignment) bool { return r.ID == id })
}

// Equal reports whether two readings of a principal agree in everything except the keys of a subuser, Reported, which
// is about the catalogue, and Facts, which no reading contains.
func (p Principal) Equal(other Principal) bool {
	sameOwner := (p.BelongsTo == nil) == (other.BelongsTo == nil) &&
		(p.BelongsTo == nil || *p.BelongsTo == *other.BelongsTo) &&
		p.OwnerLogin == other.OwnerLogin && p.OwnerKnown == other.OwnerKnown
	return p.Ref == other.Ref && p.Name == other.Name && p.Description == other.Description && p.Tag == other.Tag &&
		p.RolesKnown == other.RolesKnown && sameOwner && slices.Equal(p.Roles, other.Roles)
}
