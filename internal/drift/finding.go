package drift

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
)

// Type says what was found.
type FindingType string

// Type can be found. Passwords cannot be read, so a password that was changed is not found.
const (
	Appeared           FindingType = "appeared"  // a subuser or key that was not there
	Gone               FindingType = "gone"      // one that is no longer there
	Granted            FindingType = "granted"   // a role that was not held
	Revoked            FindingType = "revoked"   // a role that is no longer held
	Renamed            FindingType = "renamed"   // a key, or a subuser if the vendor ever allows it
	DescriptionChanged FindingType = "described" // another description
)

// Role names a role of a finding.
type Role struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// ReportedDirect is a row of the vendor's own history that may be about a finding.
type VendorEvent struct {
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
	Kind      access.Kind // access.Subuser or access.Key
	Target    string      // the vendor's id
	Type      FindingType
	FirstSeen time.Time // when the reading began that first showed it
	LastSeen  time.Time
	Details
}

// Details is what else a finding says.
type Details struct {
	Name          string        `json:"name"`                  // the login or key name
	Role          Role          `json:"role,omitzero"`         // granted or revoked
	AlsoInherited bool          `json:"besides,omitempty"`     // the role is, or was, held through another one too
	OldValue      string        `json:"was,omitempty"`         // the former name or description
	NewValue      string        `json:"is,omitempty"`          // the one that is there now
	Description   string        `json:"description,omitempty"` // of what appeared or is gone
	Roles         []Role        `json:"roles,omitempty"`       // held directly by what appeared, or that is gone
	VendorHistory []VendorEvent `json:"told,omitempty"`
	// LastUnchanged is when the reading began that did not show it yet.
	LastUnchanged time.Time `json:"before"`

	principal principal // as it is there now, or as it was
}

// storedDetails is a body with what is expected once it is accepted.
type storedDetails struct {
	Details
	Principal principal `json:"holding"`
}

// findingKey is what there is at most one finding about.
type findingKey struct {
	target      string
	findingType FindingType
	role        int64
}

func (f Finding) key() findingKey {
	return findingKey{target: f.Target, findingType: f.Type, role: f.Role.ID}
}

// setID gives a finding the id of what it says. It changes with that, so that nobody accepts what they have not
// seen.
func (f *Finding) setID() {
	// Structs of texts and numbers always encode.
	text, _ := json.Marshal([]any{
		f.Account, f.Kind, f.Target, f.Type, f.Role.ID, f.OldValue, f.NewValue, f.Description, f.Roles,
	})
	sum := sha256.Sum256(text)
	f.ID = strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
}
