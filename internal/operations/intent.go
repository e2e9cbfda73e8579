package operations

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// RoleRef is a role with its name when the intent was written.
type RoleRef struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// KeyRef is a key with its name when the intent was written.
type KeyRef struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// Texts are the texts of a principal that can be edited.
type Texts struct {
	Name        string `json:"name,omitempty"` // of a key; "" for a subuser: a login cannot be changed
	Description string `json:"description,omitempty"`
}

// textsOf returns the texts of a principal that can be edited.
func textsOf(p access.Principal) Texts {
	if p.Kind == access.Key {
		return Texts{Name: p.Name, Description: p.Description}
	}
	return Texts{Description: p.Description}
}

// same reports whether the words are equal: the vendor and the browser may change white space.
func (t Texts) same(other Texts) bool {
	return sameText(t.Name, other.Name) && sameText(t.Description, other.Description)
}

func sameText(a, b string) bool { return slices.Equal(strings.Fields(a), strings.Fields(b)) }

// Intent is what an operation found and what it wants, as the audit log stores it. The action decides which fields are
// used. It never contains a secret.
type Intent struct {
	Login             string    `json:"login,omitempty"` // of a subuser
	Name              string    `json:"name,omitempty"`  // of a key, after the operation
	Description       string    `json:"description,omitempty"`
	OldTexts          *Texts    `json:"was,omitempty"` // what an edit replaces
	PasswordGenerated bool      `json:"password_generated,omitempty"`
	Before            []RoleRef `json:"before"` // direct roles
	Grant             []RoleRef `json:"grant"`
	Revoke            []RoleRef `json:"revoke"`
	Keys              []KeyRef  `json:"keys,omitempty"`     // known keys of the subuser, if they are affected too
	Finishes          string    `json:"finishes,omitempty"` // the id of the re-issue that this operation completes
	BulkID            string    `json:"run,omitempty"`      // the bulk change that this operation is a part of
}

// affected returns the principals that may change along with the target.
func (i Intent) affected() []access.Ref {
	refs := make([]access.Ref, 0, len(i.Keys))
	for _, key := range i.Keys {
		refs = append(refs, access.Ref{Kind: access.Key, ID: key.ID})
	}
	return refs
}

// roleChanges returns the roles that an operation with this intent grants and revokes, and those that the target loses
// by its deletion.
func (i Intent) roleChanges(action Descriptor) []audit.RoleChange {
	var changes []audit.RoleChange
	add := func(roles []RoleRef, effect audit.RoleEffect) {
		for _, role := range roles {
			changes = append(changes, audit.RoleChange{ID: role.ID, Name: role.Name, Effect: effect})
		}
	}
	if action.Deletes {
		add(i.Before, audit.RoleLost)
	}
	add(i.Grant, audit.RoleGranted)
	add(i.Revoke, audit.RoleRevoked)
	return changes
}

// newIntent returns an intent that names the principal.
func newIntent(p access.Principal) Intent {
	if p.Kind == access.Key {
		return Intent{Name: p.Name}
	}
	return Intent{Login: p.Name}
}

// Facts are what a reading showed, as events store it.
type Facts struct {
	SubuserID   int64     `json:"subuser_id,omitempty"`
	KeyID       string    `json:"key_id,omitempty"`
	Gone        bool      `json:"gone,omitempty"` // it does not exist
	Name        string    `json:"name,omitempty"` // of a key
	Description string    `json:"description,omitempty"`
	Roles       []RoleRef `json:"roles"` // direct roles
}

// factsOf returns the encoded Facts of a reading. The zero Principal stands for one that does not exist.
func factsOf(p access.Principal) json.RawMessage {
	texts := textsOf(p)
	facts := Facts{
		SubuserID:   p.SubuserID(),
		Gone:        p.IsZero(),
		Name:        texts.Name,
		Description: texts.Description,
		Roles:       []RoleRef{},
	}
	if p.Kind == access.Key {
		facts.KeyID = p.ID
	}
	for _, r := range p.Roles {
		if r.Direct {
			facts.Roles = append(facts.Roles, RoleRef{ID: r.ID, Name: r.Name})
		}
	}
	body, err := json.Marshal(facts)
	if err != nil {
		return nil // cannot happen: the struct contains only numbers and strings
	}
	return body
}

// ReadIntent decodes the intent of an operation.
func ReadIntent(op audit.Operation) (Intent, error) {
	var intent Intent
	if err := json.Unmarshal(op.Intent, &intent); err != nil {
		return Intent{}, fmt.Errorf("decoding the intent of %s: %w", op.ID, err)
	}
	return intent, nil
}

// roleRefs returns roles with their names in the catalogue.
func roleRefs(c directory.Catalogue, ids []int64) []RoleRef {
	out := make([]RoleRef, 0, len(ids))
	for i, name := range c.Names(ids) {
		out = append(out, RoleRef{ID: ids[i], Name: name})
	}
	return out
}

func idsOf(roles []RoleRef) []int64 {
	ids := make([]int64, 0, len(roles))
	for _, r := range roles {
		ids = append(ids, r.ID)
	}
	return ids
}
