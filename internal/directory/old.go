package directory

import "github.com/voxwarden/voxwarden/internal/access"

// Subuser is a subuser as last read.
//
// Deprecated: use access.Principal.
type Subuser struct {
	ID          int64
	Login       string
	Description string
	Tag         string
	Roles       []access.RoleAssignment
	RolesKnown  bool
	Keys        []access.NamedKey
	KeysKnown   bool
}

// DirectRoleIDs returns the ids of the direct roles.
func (s Subuser) DirectRoleIDs() []int64 { return s.Principal().DirectRoleIDs() }

// RoleIDs returns the ids of all roles.
func (s Subuser) RoleIDs() []int64 { return s.Principal().RoleIDs() }

// Key is a service-account key as last read.
//
// Deprecated: use access.Principal.
type Key struct {
	ID          string
	Name        string
	Description string
	Tag         string
	Roles       []access.RoleAssignment
	RolesKnown  bool
	OwnerID     int64
	OwnerLogin  string
	OwnerKnown  bool
}

// DirectRoleIDs returns the ids of the direct roles.
func (k Key) DirectRoleIDs() []int64 { return k.Principal().DirectRoleIDs() }

// RoleIDs returns the ids of all roles.
func (k Key) RoleIDs() []int64 { return k.Principal().RoleIDs() }

// Principal returns the subuser as a principal.
func (s Subuser) Principal() access.Principal {
	return access.Principal{
		Ref: access.SubuserRef(s.ID), Name: s.Login, Description: s.Description, Tag: s.Tag,
		Roles: s.Roles, RolesKnown: s.RolesKnown, Keys: s.Keys, KeysKnown: s.KeysKnown,
	}
}

// Principal returns the key as a principal.
func (k Key) Principal() access.Principal {
	p := access.Principal{
		Ref: access.KeyRef(k.ID), Name: k.Name, Description: k.Description, Tag: k.Tag,
		Roles: k.Roles, RolesKnown: k.RolesKnown, OwnerLogin: k.OwnerLogin, OwnerKnown: k.OwnerKnown,
	}
	if owner := access.SubuserRef(k.OwnerID); k.OwnerKnown && !owner.IsZero() {
		p.BelongsTo = &owner
	}
	return p
}
