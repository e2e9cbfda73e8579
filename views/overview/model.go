// Package overview draws the front page: the number of subusers and keys, the subusers with privileged roles, what
// needs attention, the latest changes, and the state of the console's connection to Voximplant.
package overview

import (
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// Overview is the front page.
type Overview struct {
	Frame           page.Frame
	Freshness       page.Freshness
	Subusers        int // meaningless while Freshness is cold
	Keys            int
	KeysKnown       bool
	WithoutRoles    int              // known to have none
	PrivilegedRoles []PrivilegedRole // Owner and Admin first
	SubuserRoles    RoleCounts
	KeyRoles        RoleCounts
	Attention       []Attention
	NotCompared     bool             // no reading was compared with the expected state yet: drift is not known
	Days            []Day            // the last 30, oldest first
	DaysLinked      bool             // the operator may see every operation in the audit log
	Latest          []page.Operation // newest first, a handful
	Console         Console
}

// PrivilegedRole is a privileged role and the subusers and keys that have it.
type PrivilegedRole struct {
	Role           page.RoleRef // ID 0 when the catalogue lacks it
	Subusers, Keys Principals
}

// Principals are the principals of a kind that have a role.
type Principals struct {
	Reading
	List      []page.PrincipalRef
	MoreCount int // number of further ones
}

// Reading is how much was read of the roles of all principals of a kind.
type Reading struct {
	Known        bool // false before anything was read
	Incomplete   bool // some principals of the kind could not be read
	RolesUnknown int  // principals of the kind with unknown roles
}

// RoleCounts are the roles that principals of a kind have, those of most principals first.
type RoleCounts struct {
	Reading
	List      []RoleCount
	MoreCount int // number of further roles
	MoreMost  int // the largest number of principals that have one of the further roles
}

// RoleCount is a role and the number of principals that have it.
type RoleCount struct {
	Name       string
	Count      int
	Privileged bool
}

// Day is the number of changes that were begun on a day by their results, and of those from outside that were noticed
// on it.
type Day struct {
	At      time.Time // its beginning, in UTC
	Applied int
	Failed  int // refused, not sent, not or partly applied
	Open    int // under way, or the result is not known
	Outside int
}

// Attention is one item under "Needs attention".
type Attention struct {
	Tone ui.Tone
	Text string // a sentence
	Link *ui.Link
}

// Console is the state of the console's connection to the vendor.
type Console struct {
	AccountID     int64
	AccountName   string
	KeyID         string        // of the console key
	Key           *ConsoleKey   // nil while the console key is not in the listing of keys
	LastForbidden *VendorAnswer // the last refusal with code 104 (missing role); nil for none
	LastAnswer    *VendorAnswer
	ClockKnown    bool
	Clock         string    // the difference: "4 s ahead of Voximplant"
	ClockWrong    bool      // large enough for the vendor to refuse tokens
	ShowVerified  bool      // the operator may see the audit log
	Verified      time.Time // when its chain was last verified without a finding, zero for never
}

// ConsoleKey is the key that this server uses for the API, as last read.
type ConsoleKey struct {
	Principal  access.Principal
	Roles      []page.RoleAssignment // of Principal, as pages show them
	Linked     bool                  // this operator may open the key's page
	LacksOwner bool                  // known to lack Owner, which managing subusers needs
}

// VendorAnswer is a response of the vendor to a request of the console.
type VendorAnswer struct {
	At     time.Time
	Method string
	OK     bool
	Text   string // "responded in 83 ms", "failed with code 2"
	Note   string // "refused with code 434"; "" for none
}
