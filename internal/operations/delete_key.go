package operations

import (
	"context"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// DeleteKey takes a key out of the account; what runs on it stops working.
type DeleteKey struct {
	Request
	KeyID   string
	Base    []int64 // the direct roles that the page was drawn from
	Confirm string  // the typed name, or the id of a key without a name
}

// VendorCalls is the act as calls of the Management API.
func (c DeleteKey) VendorCalls() []VendorCall {
	return []VendorCall{{Method: "DeleteKey", Params: []Param{{Name: "key_id", Value: c.KeyID}}}}
}

// DeleteKeyForm reads the key and draws the page. Errors as for KeyRolesForm.
func (s *Service) DeleteKeyForm(ctx context.Context, o operator.Operator, account int64, id string) (KeyForm, error) {
	form, err := s.keyForm(ctx, o, policy.KeysDelete, account, id)
	if err == nil && form.IsConsoleKey {
		form.BlockedReason = "This is the key that the console runs on. Give the console another key first; then this " +
			"one is an " +
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
	target := audit.Target{Ref: access.Ref{Kind: access.Key, ID: c.KeyID}}
	return s.executeOnTarget(
		ctx,
		c.Request,
		audit.DeleteKey,
		target,
		policy.KeysDelete,
		func(ctx context.Context, lastSeq int64) (Outcome, error) {
			form, err := s.DeleteKeyForm(ctx, c.Operator, c.Account, c.KeyID)
			if err != nil {
				return Outcome{}, err
			}
			if form.BlockedReason != "" {
				return Outcome{}, &ConsoleKeyProtected{Message: form.BlockedReason}
			}
			if !sameSet(c.Base, form.Key.DirectRoleIDs()) {
				return Outcome{}, &FormOutdated{Key: form}
			}
			problems := map[string]string{}
			if want := KeyConfirmation(form.Key); !strings.EqualFold(strings.TrimSpace(c.Confirm), want) {
				problems["confirm"] = "Type " + want + " to confirm."
			}
			if err := s.formError(problems, c.Reason); err != nil {
				return Outcome{}, err
			}
			target.Name = form.Key.Name
			p := plan{
				request: c.Request,
				action:  audit.DeleteKey,
				target:  target,
				guard:   audit.Guard{Locks: []string{keyLock(c.KeyID)}, LastSeq: &lastSeq},
			}
			p.intent = Intent{
				Name:        form.Key.Name,
				Description: form.Key.Description,
				Before:      roleRefs(form.Catalogue, form.Key.DirectRoleIDs()),
				Grant:       []RoleRef{},
				Revoke:      []RoleRef{},
			}
			return s.start(ctx, p, execution{steps: []step{{method: "DeleteKey", send: func(ctx context.Context) error {
				return s.Writer.DeleteKey(ctx, c.Account, c.KeyID)
			}}}, keyBefore: form.Key})
		},
	)
}
