package operations

import (
	"context"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// EditKey changes a key's name and description.
type EditKey struct {
	Request
	KeyID       string
	Base        Texts // what the form was drawn from, without our mark
	Name        string
	Description string // the new one; our mark, if there is one, is kept behind it
}

// VendorCalls is the act as calls of the Management API. The description is sent even when only the name changes: the
// vendor overwrites it.
func (c EditKey) VendorCalls() []VendorCall {
	params := []Param{{Name: "key_id", Value: c.KeyID}, {Name: "description", Value: strings.TrimSpace(c.Description)}}
	return []VendorCall{
		{
			Method: "UpdateKey",
			Params: append(params, optionalParams(Param{Name: "key_name", Value: strings.TrimSpace(c.Name)})...),
		},
	}
}

// EditKeyForm reads the key and draws the form. Errors as for KeyRolesForm.
func (s *Service) EditKeyForm(ctx context.Context, o operator.Operator, account int64, id string) (KeyForm, error) {
	return s.keyForm(ctx, o, policy.KeysEdit, account, id)
}

// EditKey changes the texts. Errors as for EditSubuser.
func (s *Service) EditKey(ctx context.Context, c EditKey) (Outcome, error) {
	c.Name, c.Description = strings.TrimSpace(c.Name), strings.TrimSpace(c.Description)
	target := audit.Target{Ref: access.Ref{Kind: access.Key, ID: c.KeyID}}
	return s.executeOnTarget(
		ctx,
		c.Request,
		audit.EditKey,
		target,
		policy.KeysEdit,
		func(ctx context.Context, lastSeq int64) (Outcome, error) {
			form, err := s.EditKeyForm(ctx, c.Operator, c.Account, c.KeyID)
			if err != nil {
				return Outcome{}, err
			}
			before := Texts{Name: form.Key.Name, Description: form.Key.Description}
			if !before.same(c.Base) {
				return Outcome{}, &FormOutdated{Key: form}
			}
			problems := keyTextProblems(c.Name, c.Description)
			if before.same(Texts{Name: c.Name, Description: c.Description}) {
				problems["name"] = "Nothing to change: these are the name and the description already."
			}
			if err := s.formError(problems, c.Reason); err != nil {
				return Outcome{}, err
			}
			target.Name = form.Key.Name
			p := plan{
				request: c.Request,
				action:  audit.EditKey,
				target:  target,
				guard:   audit.Guard{Locks: []string{keyLock(c.KeyID)}, LastSeq: &lastSeq},
			}
			p.intent = Intent{Name: c.Name, Description: c.Description, OldTexts: &before}
			change := voxapi.KeyUpdate{ID: c.KeyID, Description: directory.WithTag(c.Description, form.Key.Tag)}
			if c.Name != before.Name {
				change.Name = &c.Name
			}
			return s.start(ctx, p, execution{steps: []step{{method: "UpdateKey", send: func(ctx context.Context) error {
				return s.Writer.UpdateKey(ctx, c.Account, change)
			}}}, keyBefore: form.Key})
		},
	)
}
