package operations

import (
	"context"
	"strings"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// DeleteKey takes a key out of the account; what runs on it stops working.
type DeleteKey struct {
	Act
	KeyID   string
	Base    []int64 // the direct roles that the page was drawn from
	Confirm string  // the typed name, or the id of a key without a name
}

// Code is the act as calls of the Management API.
func (c DeleteKey) Code() []VendorCall {
	return []VendorCall{{Method: "DeleteKey", Params: []Param{{Name: "key_id", Value: c.KeyID}}}}
}

// DeleteKeyForm reads the key and draws the page. Errors as for KeyRolesForm.
func (s *Service) DeleteKeyForm(ctx context.Context, o operator.Operator, account int64, id string) (KeyForm, error) {
	form, err := s.keyForm(ctx, o, policy.KeysDelete, account, id)
	if err == nil && form.Own {
		form.Blocked = "This is the key that the console runs on. Give the console another key first; then this one is an " +
			"ordinary key."
	}
	return form, err
}

// KeyConfirmation is what must be typed to delete a key.
func KeyConfirmation(k directory.Key) string {
	if name := strings.TrimSpace(k.Name); name != "" {
		return name
	}
	return k.ID
}

// DeleteKey deletes the key. Errors as for EditSubuser, and OwnKey.
func (s *Service) DeleteKey(ctx context.Context, c DeleteKey) (Outcome, error) {
	target := audit.Target{Kind: audit.KeyTarget, ID: c.KeyID}
	return s.onTarget(
		ctx,
		c.Act,
		audit.DeleteKey,
		target,
		policy.KeysDelete,
		func(ctx context.Context, seen int64) (Outcome, error) {
			form, err := s.DeleteKeyForm(ctx, c.Operator, c.Account, c.KeyID)
			if err != nil {
				return Outcome{}, err
			}
			if form.Blocked != "" {
				return Outcome{}, &OwnKey{Sentence: form.Blocked}
			}
			if !sameSet(c.Base, form.Key.DirectRoleIDs()) {
				return Outcome{}, &Moved{Key: form}
			}
			problems := map[string]string{}
			if want := KeyConfirmation(form.Key); !strings.EqualFold(strings.TrimSpace(c.Confirm), want) {
				problems["confirm"] = "Type " + want + " to confirm."
			}
			if err := s.invalid(problems, c.Reason); err != nil {
				return Outcome{}, err
			}
			target.Name = form.Key.Name
			p := plan{
				act:    c.Act,
				action: audit.DeleteKey,
				target: target,
				guard:  audit.Guard{Locks: []string{keyLock(c.KeyID)}, LastSeq: &seen},
			}
			p.intent = Intent{
				Name:        form.Key.Name,
				Description: form.Key.Description,
				Before:      refs(form.Catalogue, form.Key.DirectRoleIDs()),
				Grant:       []RoleRef{},
				Revoke:      []RoleRef{},
			}
			return s.act(ctx, p, performance{steps: []step{{method: "DeleteKey", send: func(ctx context.Context) error {
				return s.Writer.DeleteKey(ctx, c.Account, c.KeyID)
			}}}, key: form.Key})
		},
	)
}
