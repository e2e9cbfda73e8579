// Package roles draws the role catalogue, the page of a role, and the matrices of subusers and keys with their
// roles. The page of a role
// shows what the role contains, which roles contain it, why it is privileged, and which principals have it.
package roles

import (
	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/rolefacts"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// List is the catalogue by group, at /roles.
type List struct {
	Frame          page.Frame
	Freshness      page.Freshness // of the listing of subusers
	Groups         []Group
	CatalogueKnown bool
	GroupsKnown    bool            // false: all roles are in one group without a name
	KeyFreshness   page.Freshness  // of the listing of keys; cold when they could not be read
	LastError      *page.ReadError // error of the last reading of the catalogue, nil for none
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
	SubuserCount int            // subusers known to have the role, direct or inherited
	KeyCount     int            // likewise keys
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
	PrivilegedReason string // one or two sentences; "" for a role that is not privileged
	Published        rolefacts.Role
	Methods          rolefacts.MethodSet // of the role and of the roles that it contains
	AlsoCovers       []page.RoleRef      // roles beside Contains that it contains or that have no other methods
	AuditLinks       []ui.Link           // to its grants and revocations in the audit log; none without permission
	Contains         []page.RoleRef
	PartOf           []page.RoleRef
	Subusers         []AssignedPrincipal // those of one page
	SubuserCount     int                 // on all pages
	SubuserPages     ui.PagerProps
	Keys             []AssignedPrincipal // those of one page, as far as the keys could be read
	KeyCount         int                 // on all pages
	KeyPages         ui.PagerProps
	KeysKnown        bool   // false: there may be more keys with the role
	Export           string // path of the file with all subusers that have the role; "" without permission
	SubusersKnown    bool
}

// Accessible names of the links to the other pages of the principals that have a role.
const (
	SubuserPagesLabel = "Pages of the subusers"
	KeyPagesLabel     = "Pages of the keys"
)

// AssignedPrincipal is a principal that has the role.
type AssignedPrincipal struct {
	Principal     access.Principal
	Inherited     bool
	InheritedFrom string // name of the role that contains this one, "" when not known
}

// Matrix is a page of principals of one kind with all roles of the catalogue and all assigned ones, at /roles/matrix.
type Matrix struct {
	page.Listing
	Frame   page.Frame
	Kind    access.Kind
	Columns []page.RoleRef
	Allows  []RoleSentence // of the columns for which something is published
	Rows    []MatrixRow
}

// RoleSentence is what a role allows.
type RoleSentence struct {
	Role     page.RoleRef
	Sentence string
}

// MatrixRow is one principal. Assignments has an entry for each column.
type MatrixRow struct {
	Principal   page.PrincipalRef
	Assignments []AssignmentKind
}

// AssignmentKind is whether and how a role is assigned.
type AssignmentKind string

// The kinds of assignments.
const (
	NotAssigned AssignmentKind = ""
	Direct      AssignmentKind = "direct"
	Inherited   AssignmentKind = "inherited"
	Unknown     AssignmentKind = "not known" // the vendor did not return the principal's roles
)
