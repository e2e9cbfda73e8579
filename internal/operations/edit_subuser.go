package operations

import (
	"context"
	"strings"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// EditSubuser changes what is said of a subuser. The login cannot be changed.
type EditSubuser struct {
	Act
	SubuserID   int64
	Base        string // the description that the form was drawn from, without our mark
	Description string // the new one; our mark, if there is one, is kept behind it
}

// Code is the act as calls of the Management API.
func (c EditSubuser) Code() []VendorCall {
	return []VendorCall{
		{
			Method: "SetSubUserInfo",
			Params: []Param{{Name: "subuser_id", Value: formatID(c.SubuserID)}, {Name: "description", Value: c.Description}},
		},
	}
}

// EditSubuserForm reads the subuser and draws the form for the description. It fails with policy.Denied,
// directory.ErrNotFound or a directory.LastError.
func (s *Service) EditSubuserForm(ctx context.Context, o operator.Operator, account, id int64) (SubuserForm, error) {
	return s.subuserForm(ctx, o, policy.SubusersEdit, account, id)
}

// EditSubuser changes the description. Errors as for ChangeSubuserRoles, with Moved in place of Conflict.
func (s *Service) EditSubuser(ctx context.Context, c EditSubuser) (Outcome, error) {
	c.Description = strings.TrimSpace(c.Description)
	target := audit.Target{Kind: audit.SubuserTarget, ID: formatID(c.SubuserID)}
	return s.onTarget(
		ctx,
		c.Act,
		audit.EditSubuser,
		target,
		policy.SubusersEdit,
		func(ctx context.Context, seen int64) (Outcome, error) {
			form, err := s.EditSubuserForm(ctx, c.Operator, c.Account, c.SubuserID)
			if err != nil {
				return Outcome{}, err
			}
			if !sameText(form.Subuser.Description, c.Base) {
				return Outcome{}, &Moved{Subuser: form}
			}
			problems := map[string]string{}
			if sameText(c.Description, form.Subuser.Description) {
				problems["description"] = "Nothing to change: this is the description already."
			} else if problem := DescriptionProblem(c.Description); problem != "" {
				problems["description"] = problem
			}
			if err := s.invalid(problems, c.Reason); err != nil {
				return Outcome{}, err
			}
			target.Name = form.Subuser.Login
			p := plan{
				act:    c.Act,
				action: audit.EditSubuser,
				target: target,
				guard:  audit.Guard{Locks: []string{subuserLock(c.SubuserID)}, LastSeq: &seen},
			}
			p.intent = Intent{
				Login:       form.Subuser.Login,
				Description: c.Description,
				Was:         &Texts{Description: form.Subuser.Description},
			}
			text := directory.WithTag(c.Description, form.Subuser.Tag)
			return s.act(ctx, p, performance{steps: []step{{method: "SetSubUserInfo", send: func(ctx context.Context) error {
				return s.Writer.SetSubUserInfo(ctx, c.Account, voxapi.SubUserInfo{ID: c.SubuserID, Description: &text})
			}}}, before: form.Subuser})
		},
	)
}
