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

// RoleRef names a role as it was called when the intent was written.
type RoleRef struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// KeyRef names a key as it was called when the intent was written.
type KeyRef struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// Texts are what can be edited of a subuser or a key. A subuser has no name beside its login.
type Texts struct {
	Name        string `json:"name,omitempty"`
	Description string `json:"description,omitempty"`
}

// same compares texts as people read them: the vendor and the browser may write white space in another way.
func (t Texts) same(other Texts) bool {
	return sameText(t.Name, other.Name) && sameText(t.Description, other.Description)
}

func sameText(a, b string) bool { return slices.Equal(strings.Fields(a), strings.Fields(b)) }

// Intent is what an operation found and what it wants, as the record keeps it. Which fields are used depends
// on the action. It never holds a secret.
type Intent struct {
	Login             string    `json:"login,omitempty"` // a subuser's
	Name              string    `json:"name,omitempty"`  // a key's, as it is to be
	Description       string    `json:"description,omitempty"`
	OldTexts          *Texts    `json:"was,omitempty"` // what an edit replaces
	PasswordGenerated bool      `json:"password_generated,omitempty"`
	Before            []RoleRef `json:"before"` // direct roles
	Grant             []RoleRef `json:"grant"`
	Revoke            []RoleRef `json:"revoke"`
	// known to belong to a subuser who goes, or whose roles are taken by force
	Keys     []KeyRef `json:"keys,omitempty"`
	Finishes string   `json:"finishes,omitempty"` // the operation that this one brings to its end
	BulkID   string   `json:"run,omitempty"`      // the run that this operation is a part of
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
func (i Intent) roleChanges(action audit.Action) []audit.RoleChange {
	var changes []audit.RoleChange
	add := func(roles []RoleRef, effect audit.RoleEffect) {
		for _, role := range roles {
			changes = append(changes, audit.RoleChange{ID: role.ID, Name: role.Name, Effect: effect})
		}
	}
	if slices.Contains(DeletingActions(), action) {
		add(i.Before, audit.RoleLost)
	}
	add(i.Grant, audit.RoleGranted)
	add(i.Revoke, audit.RoleRevoked)
	return changes
}

// Facts is what a reading showed, as events keep it.
type Facts struct {
	SubuserID   int64     `json:"subuser_id,omitempty"`
	KeyID       string    `json:"key_id,omitempty"`
	Gone        bool      `json:"gone,omitempty"` // it does not exist
	Name        string    `json:"name,omitempty"`
	Description string    `json:"description,omitempty"`
	Roles       []RoleRef `json:"roles"` // direct roles
}

// ReadIntent decodes an operation's intent.
func ReadIntent(op audit.Operation) (Intent, error) {
	var intent Intent
	if err := json.Unmarshal(op.Intent, &intent); err != nil {
		return Intent{}, fmt.Errorf("decoding the intent of %s: %w", op.ID, err)
	}
	return intent, nil
}

// roleRefs names roles by the catalogue.
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
