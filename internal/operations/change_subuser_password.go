package operations

import (
	"context"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// ChangeSubuserPassword changes a known password: the vendor requires the current one.
type ChangeSubuserPassword struct {
	Request
	SubuserID int64
	Current   config.Secret
	New       config.Secret // empty: one is generated and returned in the Outcome, once
}

// VendorCalls returns the call that changes the password.
func (c ChangeSubuserPassword) VendorCalls() []VendorCall {
	return []VendorCall{{Method: "SetSubUserInfo", Params: []Param{
		idParam(access.SubuserRef(c.SubuserID)),
		{Name: "old_subuser_password", Secret: "CURRENT_PASSWORD"},
		{Name: "new_subuser_password", Secret: "NEW_PASSWORD"},
	}}}
}

// SubuserPasswordForm reads the subuser and builds the form for its password. It fails as EditForm does.
func (s *Service) SubuserPasswordForm(ctx context.Context, o operator.Operator, account, id int64) (Form, error) {
	return s.form(ctx, o, VerbPassword, account, access.SubuserRef(id))
}

// ChangeSubuserPassword changes the password. A password cannot be read back: when the answer is lost, only an operator
// can find out whether it was changed. Its errors are those of Edit, without FormOutdated.
func (s *Service) ChangeSubuserPassword(ctx context.Context, c ChangeSubuserPassword) (Outcome, error) {
	password, generated, err := s.passwordFor(c.New)
	if err != nil {
		return Outcome{}, err
	}
	ref := access.SubuserRef(c.SubuserID)
	change := voxapi.SubUserInfo{ID: c.SubuserID, OldPassword: c.Current, NewPassword: password}
	out, err := s.executeOnTarget(ctx, c.Request, VerbPassword, ref, func(ctx context.Context, p plan) (Outcome, error) {
		form, err := s.readForm(ctx, c.Operator, c.Account, ref, s.forDecision(c.Request))
		if err != nil {
			return Outcome{}, err
		}
		if err := s.formError(passwordProblems(c), c.Reason, nil); err != nil {
			return Outcome{}, err
		}
		p.target.Name = form.Principal.Name
		p.intent = newIntent(form.Principal)
		p.intent.PasswordGenerated = generated
		send := func(ctx context.Context) error { return s.Writer.SetSubUserInfo(ctx, c.Account, change) }
		return s.start(ctx, p, execution{
			steps:  []step{{method: "SetSubUserInfo", send: send}},
			before: form.Principal,
		})
	})
	return out.withPassword(password, generated), err
}

// passwordProblems returns what is wrong with the form, by field.
func passwordProblems(c ChangeSubuserPassword) map[string]string {
	problems := map[string]string{}
	if c.Current.Empty() {
		problems["current"] = "Enter the current password. If it is not known, re-issue the access instead."
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
