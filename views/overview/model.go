// Package overview draws the front page. Its reader comes in the morning, or after a message that
// something is odd, and wants to know at a glance: how many have access, who can do everything, what is
// left undone, what changed lately and by whom, and whether the console itself can still reach Voximplant.
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
	KeysKnown       bool             // false when the keys could not be read
	WithoutRoles    int              // those known to hold none; Freshness says of how many that is not known
	PrivilegedRoles []PrivilegedRole // the roles that can do nearly everything, Owner and Admin first
	Attention       []Attention
	Latest          []page.Operation // newest first, a handful
	Console         Console
}

// PrivilegedRoles is a role that can do nearly everything, and who holds it.
type PrivilegedRole struct {
	Role          page.RoleRef // ID 0 when the catalogue lacks it
	Subusers      []page.PrincipalRef
	MoreCount     int  // holders that are not listed
	SubusersKnown bool // false when the holders could not be read
}

// Attention is one thing that somebody should look at.
type Attention struct {
	Tone ui.Tone
	Text string // a sentence
	Link *ui.Link
}

// Console is how the console itself stands with the vendor.
type Console struct {
	AccountID     int64
	AccountName   string
	KeyID         string        // of the key that the console runs on
	Key           *ConsoleKey   // what the list of keys says of it; nil while it is not known there
	LastForbidden *VendorAnswer // the newest refusal for want of a role, code 104; nil when there was none
	LastAnswer    *VendorAnswer
	ClockKnown    bool
	Clock         string // the difference in words: "0.4 s ahead of Voximplant"
	ClockWrong    bool   // so large that the vendor may refuse our tokens
}

// ConsoleKey is the key that this server uses for the API, as last read.
type ConsoleKey struct {
	Principal  access.Principal
	Roles      []page.RoleAssignment // of Principal, as pages show them
	Linked     bool                  // this operator may open the key's page
	LacksOwner bool                  // it is known not to have Owner, which managing subusers needs
}

// LastAnswer is the vendor's newest answer to anything the console asked.
type VendorAnswer struct {
	At     time.Time
	Method string
	OK     bool
	Text   string // in words: "answered in 83 ms", "failed with code 2"
	Note   string // more about it: "it refused with code 434"; "" when there is no more
}
