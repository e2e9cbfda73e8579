package drift

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"strings"
	"time"
)

// What says what was found.
type What string

// What can be found. Passwords cannot be read, so a password that was changed is not found.
const (
	Appeared  What = "appeared"  // a subuser or key that was not there
	Gone      What = "gone"      // one that is no longer there
	Granted   What = "granted"   // a role that was not held
	Revoked   What = "revoked"   // a role that is no longer held
	Renamed   What = "renamed"   // a key, or a subuser if the vendor ever allows it
	Described What = "described" // another description
)

// Role names a role of a finding.
type Role struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// Told is a row of the vendor's own history that may be about a finding.
type Told struct {
	ID      int64     `json:"id"`
	At      time.Time `json:"at"` // zero when it was not understood
	IP      string    `json:"ip,omitempty"`
	Command string    `json:"command"`
	Subuser string    `json:"subuser,omitempty"` // the login of who called, "" when no subuser's key did
}

// Finding is a difference that no operation of ours explains.
type Finding struct {
	ID        string
	Account   int64
	Kind      string // audit.SubuserTarget or audit.KeyTarget
	Target    string // the vendor's id
	What      What
	FirstSeen time.Time // when the reading began that first showed it
	LastSeen  time.Time
	Body
}

// Body is what else a finding says.
type Body struct {
	Name        string `json:"name"`                  // the login or key name
	Role        Role   `json:"role,omitzero"`         // granted or revoked
	Besides     bool   `json:"besides,omitempty"`     // the role is, or was, held through another one too
	Was         string `json:"was,omitempty"`         // the former name or description
	Is          string `json:"is,omitempty"`          // the one that is there now
	Description string `json:"description,omitempty"` // of what appeared or is gone
	Roles       []Role `json:"roles,omitempty"`       // held directly by what appeared, or that is gone
	Told        []Told `json:"told,omitempty"`
	// Before is when the reading began that did not show it yet.
	Before time.Time `json:"before"`

	holding holding // as it is there now, or as it was
}

// wireBody is a body with what is expected once it is accepted.
type wireBody struct {
	Body
	Holding holding `json:"holding"`
}

// key is what there is at most one finding about.
type key struct {
	target string
	what   What
	role   int64
}

func (f Finding) key() key { return key{target: f.Target, what: f.What, role: f.Role.ID} }

// identify gives a finding the id of what it says. It changes with that, so that nobody accepts what they have not
// seen.
func (f *Finding) identify() {
	// Structs of texts and numbers always encode.
	text, _ := json.Marshal([]any{f.Account, f.Kind, f.Target, f.What, f.Role.ID, f.Was, f.Is, f.Description, f.Roles})
	sum := sha256.Sum256(text)
	f.ID = strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
}
