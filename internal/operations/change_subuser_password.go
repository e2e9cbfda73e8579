package operations

import (
	"context"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// ChangeSubuserPassword changes a password that is known: the vendor wants the current one with the new one.
type ChangeSubuserPassword struct {
	Request
	SubuserID int64
	Current   config.Secret
	New       config.Secret // empty: one is generated and handed out in the Outcome, once
}

// VendorCalls is the act as calls of the Management API.
func (c ChangeSubuserPassword) VendorCalls() []VendorCall {
	return []VendorCall{{Method: "SetSubUserInfo", Params: []Param{
		{
			Name:  "subuser_id",
			Value: formatID(c.SubuserID),
		}, {Name: "old_subuser_password", Secret: "CURRENT_PASSWORD"}, {Name: "new_subuser_password", Secret: "NEW_PASSWORD"},
	}}}
}

// SubuserPasswordForm reads the subuser and draws the form for the password. Errors as for EditSubuserForm.
func (s *Service) SubuserPasswordForm(
	ctx context.Context,
	o operator.Operator,
	account, id int64,
) (SubuserForm, error) {
	return s.subuserForm(ctx, o, policy.SubusersPassword, account, id)
}

// ChangeSubuserPassword changes the password. A password cannot be read back: what the vendor answered is all that
// will ever be known, so an answer that was lost can only be settled by a person. Errors as for EditSubuser, save
// Moved.
func (s *Service) ChangeSubuserPassword(ctx context.Context, c ChangeSubuserPassword) (Outcome, error) {
	target := audit.Target{Ref: access.Ref{Kind: access.Subuser, ID: formatID(c.SubuserID)}}
	password, generated, err := s.passwordFor(c.New)
	if err != nil {
		return Outcome{}, err
	}
	out, err := s.executeOnTarget(
		ctx,
		c.Request,
		audit.ChangeSubuserPassword,
		target,
		policy.SubusersPassword,
		func(ctx context.Context, lastSeq int64) (Outcome, error) {
			form, err := s.SubuserPasswordForm(ctx, c.Operator, c.Account, c.SubuserID)
			if err != nil {
				return Outcome{}, err
			}
			if err := s.formError(passwordProblems(c), c.Reason); err != nil {
				return Outcome{}, err
			}
			target.Name = form.Subuser.Login
			p := plan{
				request: c.Request,
				action:  audit.ChangeSubuserPassword,
				target:  target,
				guard:   audit.Guard{Locks: []string{subuserLock(c.SubuserID)}, LastSeq: &lastSeq},
			}
			p.intent = Intent{Login: form.Subuser.Login, PasswordGenerated: generated}
			return s.start(ctx, p, execution{steps: []step{{method: "SetSubUserInfo", send: func(ctx context.Context) error {
				return s.Writer.SetSubUserInfo(
					ctx,
					c.Account,
					voxapi.SubUserInfo{ID: c.SubuserID, OldPassword: c.Current, NewPassword: password},
				)
			}}}, subuserBefore: form.Subuser})
		},
	)
	return out.withPassword(password, generated), err
}

// passwordProblems says what is wrong with the form, by field.
func passwordProblems(c ChangeSubuserPassword) map[string]string {
	problems := map[string]string{}
	if c.Current.Empty() {
		problems["current"] = "Enter the current password. If nobody knows it, re-issue the access instead."
	}
	if !c.New.Empty() {
		if problem := passwordProblem(c.New.Reveal()); problem != "" {
			problems["password"] = problem
		} else if c.New.Reveal() == c.Current.Reveal() {
			problems["password"] = "The new password is the current one. Choose another."
		}
	}
	return problems
}
