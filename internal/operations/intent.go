package operations

import (
	"encoding/json"
	"fmt"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// RoleRef names a role as it was called when the intent was written.
type RoleRef struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// Intent is what an operation found and what it wants, as the record keeps it. Which fields are used depends
// on the action. It never holds a secret.
type Intent struct {
	Login             string    `json:"login"`
	Description       string    `json:"description,omitempty"`
	PasswordGenerated bool      `json:"password_generated,omitempty"`
	Before            []RoleRef `json:"before"` // direct roles
	Grant             []RoleRef `json:"grant"`
	Revoke            []RoleRef `json:"revoke"`
}

// Facts is what a reading showed, as events keep it.
type Facts struct {
	SubuserID int64     `json:"subuser_id"`
	Roles     []RoleRef `json:"roles"` // direct roles
}

// ReadIntent decodes an operation's intent.
func ReadIntent(op audit.Operation) (Intent, error) {
	var intent Intent
	if err := json.Unmarshal(op.Intent, &intent); err != nil {
		return Intent{}, fmt.Errorf("decoding the intent of %s: %w", op.ID, err)
	}
	return intent, nil
}

// refs names roles by the catalogue.
func refs(c directory.Catalogue, ids []int64) []RoleRef {
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
