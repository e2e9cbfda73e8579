// Package roles draws the catalogue. Its reader wants to know what a role means before giving it away:
// what it contains, what contains it, whether it is privileged and why, and who has it already.
package roles

import (
	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/page"
)

// List is the catalogue by group, at /roles.
type List struct {
	Frame          page.Frame
	Freshness      page.Freshness // of the holders
	Groups         []Group
	CatalogueKnown bool            // false: the catalogue could not be read
	GroupsKnown    bool            // false: the vendor's groups could not be read, so there is just one
	SubusersKnown  bool            // false: nobody can say who holds what
	LastError      *page.ReadError // why the catalogue could not be read, nil if it could
}

// Group is a group of roles. Name is "" when the vendor's groups are not known.
type Group struct {
	Name  string
	Roles []Row
}

// Row is one role of the catalogue.
type Row struct {
	ID           int64
	Name         string
	GUIOnly      bool
	Privileged   bool
	Contains     []page.RoleRef // its children
	PartOf       []page.RoleRef // its parents
	SubuserCount int            // subusers who are known to hold it, directly or not
}

// Show is one role, at /roles/{id}.
type Show struct {
	Frame            page.Frame
	Freshness        page.Freshness
	ID               int64
	Name             string
	Group            string
	GUIOnly          bool
	Privileged       bool
	PrivilegedReason string // a sentence, when it is privileged
	Contains         []page.RoleRef
	PartOf           []page.RoleRef
	Subusers         []AssignedPrincipal
	Keys             []AssignedPrincipal // as far as the keys could be read
	SubusersKnown    bool
}

// AssignedPrincipal is a principal that has the role.
type AssignedPrincipal struct {
	Principal     access.Principal
	Inherited     bool
	InheritedFrom string // name of the role that contains this one, "" when not known
}

// Matrix is who holds what, at /roles/matrix: a page of subusers, and every role that the account has or anybody holds.
type Matrix struct {
	page.Listing
	Frame   page.Frame
	Columns []page.RoleRef
	Rows    []MatrixRow
}

// MatrixRow is one subuser; Held has an entry for each column.
type MatrixRow struct {
	Principal   page.PrincipalRef
	Assignments []AssignmentKind
}

// Assignments says whether and how a role is held.
type AssignmentKind string

// The ways in which a role is held.
const (
	NotAssigned AssignmentKind = ""
	Direct      AssignmentKind = "direct"
	Inherited   AssignmentKind = "inherited"
	Unknown     AssignmentKind = "not known" // the vendor did not tell this subuser's roles
)
