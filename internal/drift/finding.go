package drift

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/operations"
)

// FindingType is the kind of difference that was found.
type FindingType string

// The types of findings. A changed password cannot be found, because passwords cannot be read.
const (
	Appeared           FindingType = "appeared"  // a principal that was not expected
	Gone               FindingType = "gone"      // an expected principal that does not exist any more
	Granted            FindingType = "granted"   // a role that the principal was not expected to have
	Revoked            FindingType = "revoked"   // an expected role that the principal does not have any more
	Renamed            FindingType = "renamed"   // another name
	DescriptionChanged FindingType = "described" // another description
)

// VendorEvent is an entry of the vendor's own audit log that may be about a finding.
type VendorEvent struct {
	ID      int64     `json:"id"`
	At      time.Time `json:"at"` // zero when it could not be parsed
	IP      string    `json:"ip,omitempty"`
	Command string    `json:"command"`
	Subuser string    `json:"subuser,omitempty"` // the login of the caller, "" when it was no subuser
}

// Finding is a difference that no own operation explains.
type Finding struct {
	ID        string
	Account   int64
	Target    access.Ref
	Type      FindingType
	FirstSeen time.Time // when the listing was begun that showed it first
	Details
}

// Details is the part of a finding that is stored as JSON.
type Details struct {
	Name          string               `json:"name"`                  // of the principal
	Role          operations.RoleRef   `json:"role,omitzero"`         // granted or revoked
	AlsoInherited bool                 `json:"besides,omitempty"`     // the role is inherited too, before and after
	OldValue      string               `json:"was,omitempty"`         // the former name or description
	NewValue      string               `json:"is,omitempty"`          // the current name or description
	Description   string               `json:"description,omitempty"` // when it appeared or is gone
	Roles         []operations.RoleRef `json:"roles,omitempty"`       // direct roles when it appeared or is gone
	VendorHistory []VendorEvent        `json:"told,omitempty"`
	// LastUnchanged is when the last listing was begun that did not show the difference.
	LastUnchanged time.Time `json:"before"`

	principal principal // its current state, or its last one if it is gone
}

// storedDetails are Details with the principal, which becomes expected when the finding is accepted.
type storedDetails struct {
	Details
	Principal principal `json:"holding"`
}

// encode returns the stored JSON.
func (d Details) encode() (string, error) {
	body, err := json.Marshal(storedDetails{Details: d, Principal: d.principal})
	return string(body), err
}

// decode sets the details of a finding from the stored JSON. Target must be set.
func (f *Finding) decode(body string) error {
	var stored storedDetails
	if err := json.Unmarshal([]byte(body), &stored); err != nil {
		return err
	}
	f.Details = stored.Details
	f.principal = stored.Principal
	f.principal.Ref = f.Target
	return nil
}

// findingKey identifies a finding: there is at most one for each key.
type findingKey struct {
	target      access.Ref
	findingType FindingType
	role        int64
}

func (f Finding) key() findingKey {
	return findingKey{target: f.Target, findingType: f.Type, role: f.Role.ID}
}

// setID derives the id from the content, so that an operator accepts only what the page showed.
func (f *Finding) setID() {
	// Texts and numbers always encode.
	text, _ := json.Marshal([]any{
		f.Account, f.Target.Kind, f.Target.ID, f.Type, f.Role.ID, f.OldValue, f.NewValue, f.Description, f.Roles,
	})
	sum := sha256.Sum256(text)
	f.ID = strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
}
