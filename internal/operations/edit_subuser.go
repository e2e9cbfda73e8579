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

// EditSubuser changes what is said of a subuser. The login cannot be changed.
type EditSubuser struct {
	Request
	SubuserID   int64
	Base        string // the description that the form was drawn from, without our mark
	Description string // the new one; our mark, if there is one, is kept behind it
}

// VendorCalls is the act as calls of the Management API.
func (c EditSubuser) VendorCalls() []VendorCall {
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
	target := audit.Target{Ref: access.Ref{Kind: access.Subuser, ID: formatID(c.SubuserID)}}
	return s.executeOnTarget(
		ctx,
		c.Request,
		audit.EditSubuser,
		target,
		policy.SubusersEdit,
		func(ctx context.Context, lastSeq int64) (Outcome, error) {
			form, err := s.EditSubuserForm(ctx, c.Operator, c.Account, c.SubuserID)
			if err != nil {
				return Outcome{}, err
			}
			if !sameText(form.Subuser.Description, c.Base) {
				return Outcome{}, &FormOutdated{Subuser: form}
			}
			problems := map[string]string{}
			if sameText(c.Description, form.Subuser.Description) {
				problems["description"] = "Nothing to change: this is the description already."
			} else if problem := DescriptionProblem(c.Description); problem != "" {
				problems["description"] = problem
			}
			if err := s.formError(problems, c.Reason); err != nil {
				return Outcome{}, err
			}
			target.Name = form.Subuser.Login
			p := plan{
				request: c.Request,
				action:  audit.EditSubuser,
				target:  target,
				guard:   audit.Guard{Locks: []string{subuserLock(c.SubuserID)}, LastSeq: &lastSeq},
			}
			p.intent = Intent{
				Login:       form.Subuser.Login,
				Description: c.Description,
				OldTexts:    &Texts{Description: form.Subuser.Description},
			}
			text := directory.WithTag(c.Description, form.Subuser.Tag)
			return s.start(ctx, p, execution{steps: []step{{method: "SetSubUserInfo", send: func(ctx context.Context) error {
				return s.Writer.SetSubUserInfo(ctx, c.Account, voxapi.SubUserInfo{ID: c.SubuserID, Description: &text})
			}}}, subuserBefore: form.Subuser})
		},
	)
}
