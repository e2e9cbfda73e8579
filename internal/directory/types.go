package directory

import (
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
)

// Subuser is a person of the vendor's panel, as last read.
type Subuser struct {
	ID          int64
	Login       string // as the vendor stores it, lower-case
	Description string // without our mark
	Tag         string // the ten characters of our mark at the end of the description, "" when there is none
	Roles       []access.RoleAssignment
	RolesKnown  bool              // false when the vendor's answer carried no roles and none could be read
	Keys        []access.NamedKey // the keys that are known to belong to them, by name
	// false: they may have more, for the keys could not all be read or the vendor does not say whose they are
	KeysKnown bool
}

// DirectRoleIDs returns the ids of the roles that are assigned themselves, in the order held.
func (s Subuser) DirectRoleIDs() []int64 {
	var ids []int64
	for _, r := range s.Roles {
		if r.Direct {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// RoleIDs returns the ids of all roles held, direct or inherited.
func (s Subuser) RoleIDs() []int64 {
	ids := make([]int64, 0, len(s.Roles))
	for _, r := range s.Roles {
		ids = append(ids, r.ID)
	}
	return ids
}

// Key is a service-account key, as last read.
type Key struct {
	ID          string // UUID
	Name        string
	Description string // without our mark
	Tag         string
	Roles       []access.RoleAssignment
	RolesKnown  bool
	OwnerID     int64  // the subuser it belongs to; meaningful only when OwnerKnown
	OwnerLogin  string // likewise
	OwnerKnown  bool   // false: the vendor does not say whose it is
}

// DirectRoleIDs returns the ids of the roles that are assigned themselves, in the order held.
func (k Key) DirectRoleIDs() []int64 { return Subuser{Roles: k.Roles}.DirectRoleIDs() }

// RoleIDs returns the ids of all roles held, direct or inherited.
func (k Key) RoleIDs() []int64 { return Subuser{Roles: k.Roles}.RoleIDs() }

// KeyList is every key of an account, by name.
type KeyList struct {
	Keys   []Key
	Known  bool // false when the keys could not all be read
	Status Status
}

// SubuserFilter is what a list of subusers is asked for. The zero value is all of them by login.
type SubuserFilter struct {
	Query   string // every word must occur in login, description or a role's name; case and accents do not matter
	Role    string // the name of a held role, compared without case; "" for any, "-" for those without roles
	Sort    string // "login" (default), "description", "roles", "keys", "id"
	Desc    bool
	Page    int // from 1
	PerPage int // default 50; Everything for exports
}

// SubuserPage is one page of a filtered list.
type SubuserPage struct {
	Rows      []Subuser
	Matches   int      // how many match the filter
	Total     int      // how many there are in the account
	Page      int      // the page shown, from 1: the last one when a later one was asked for
	Pages     int      // at least 1
	RoleNames []string // names of roles held by anybody, sorted: the filter's choices when there is no catalogue
	Status    Status
}

// Status says how far a list can be believed.
type Status struct {
	// when the listing it was made from began: who came later may be missing; zero if there never was one
	AsOf         time.Time
	Refreshing   bool       // a newer listing is being read
	LoadedRows   int        // rows read so far by the listing under way
	Incomplete   bool       // rows moved whenever the list was read, or its pages could not be followed: it may lack some
	RolesUnknown int        // subusers whose roles the vendor did not tell: they may hold any
	LastError    *ReadError // why the newest attempt failed, nil if it did not
}

// Cold says that there is nothing to show yet.
func (s Status) Cold() bool { return s.AsOf.IsZero() }

// Counts is what the overview says of an account.
type Counts struct {
	Subusers               int
	Keys                   int
	KeysKnown              bool // false when the keys could not all be read
	KeysWithoutDescription int  // keys without a description: nobody knows what they are for
	WithoutRoles           int  // subusers who are known to hold no role
	Status                 Status
}
