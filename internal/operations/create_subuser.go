package operations

import (
	"context"
	"fmt"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// The vendor's rule for logins: 5 to 20 characters, a letter first. Which others may follow is not published in
// full, so only what cannot be right is refused here.
const (
	loginMin = 5
	loginMax = 20
)

// CreateSubuser lets a colleague in.
type CreateSubuser struct {
	Request
	Login       string
	Password    config.Secret // empty: one is generated and handed out in the Outcome, once
	Description string
	Roles       []int64 // ticked
	Offered     []int64 // the roles that the form offered
	// Finishes is the operation, if any, whose creation was left undone when access was issued again. The login is that
	// operation's then, whatever the form says.
	Finishes string
	// PasswordGenerated says that Password was made by this program and not typed, as in a run.
	PasswordGenerated bool
}

// VendorCalls is the act as calls of the Management API.
func (c CreateSubuser) VendorCalls() []VendorCall {
	grant, _ := ChangeSubuserRoles{Offered: c.Offered, Ticked: c.Roles}.Change()
	params := []Param{
		{Name: "new_subuser_name", Value: normalLogin(c.Login)},
		{Name: "new_subuser_password", Secret: "NEW_PASSWORD"},
	}
	params = append(
		params,
		optionalParams(roleParam(grant), Param{Name: "description", Value: strings.TrimSpace(c.Description)})...)
	return []VendorCall{{Method: "AddSubUser", Params: params}}
}

// CreateSubuser makes the subuser. Errors as for ChangeSubuserRoles, each meaning that nothing was sent.
func (s *Service) CreateSubuser(ctx context.Context, c CreateSubuser) (Outcome, error) {
	if err := s.Policy.Require(c.Operator, policy.SubusersCreate); err != nil {
		return Outcome{}, err
	}
	if err := s.applyFinishes(ctx, &c); err != nil {
		return Outcome{}, err
	}
	c.Login, c.Description = normalLogin(c.Login), strings.TrimSpace(c.Description)
	target := audit.Target{Ref: access.Ref{Kind: access.Subuser}, Name: c.Login}
	if err := s.checkRepeated(ctx, c.Request, audit.CreateSubuser, target); err != nil {
		return Outcome{}, err
	}
	form, err := s.NewSubuserForm(ctx, c.Operator, c.Account)
	if err != nil {
		return Outcome{}, err
	}
	grant, _ := ChangeSubuserRoles{Offered: c.Offered, Ticked: c.Roles}.Change() // from holding nothing
	if err := s.Policy.RequireRoleChange(c.Operator, s.PrivilegedRoles(form.Catalogue), nil, grant); err != nil {
		return Outcome{}, err
	}
	if err := s.formError(createProblems(c, form, grant), c.Reason); err != nil {
		return Outcome{}, err
	}
	password, generated, err := s.passwordFor(c.Password)
	if err != nil {
		return Outcome{}, err
	}
	p := plan{
		request: c.Request,
		action:  audit.CreateSubuser,
		target:  target,
		guard:   audit.Guard{Locks: []string{loginLock(c.Login)}},
	}
	p.intent = Intent{
		Login: c.Login, Description: c.Description, PasswordGenerated: generated || c.PasswordGenerated,
		Before: []RoleRef{}, Grant: roleRefs(form.Catalogue, grant), Revoke: []RoleRef{}, Finishes: c.Finishes,
	}
	if !s.NoTags {
		p.tag = tagOf(c.ID)
	}
	out, err := s.start(ctx, p, s.createExecution(c, grant, p.tag, password))
	return out.withPassword(password, generated), err
}

// normalLogin is a login as the vendor stores it.
func normalLogin(login string) string { return strings.ToLower(strings.TrimSpace(login)) }

// applyFinishes takes the login from the operation that is to be finished. It fails with Foreign when that is not one
// which left a subuser deleted and not created again.
func (s *Service) applyFinishes(ctx context.Context, c *CreateSubuser) error {
	if c.Finishes == "" {
		return nil
	}
	op, err := s.visibleOperation(ctx, c.Operator, c.Finishes)
	if err != nil {
		return err
	}
	if op.Account != c.Account || op.Action != audit.ReissueSubuser || op.Result != audit.PartlyApplied || op.Open {
		return &IDMismatch{Operation: op}
	}
	c.Login = op.Target.Name
	return nil
}

// createProblems says what is wrong with the form, by field.
func createProblems(c CreateSubuser, form RolesForm, grant []int64) map[string]string {
	problems := map[string]string{}
	if problem := LoginProblem(c.Login); problem != "" {
		problems["login"] = problem
	}
	if !c.Password.Empty() {
		if problem := passwordProblem(c.Password.Reveal()); problem != "" {
			problems["password"] = problem
		}
	}
	if problem := grantProblem(form, grant); problem != "" {
		problems["roles"] = problem
	}
	if problem := DescriptionProblem(c.Description); problem != "" {
		problems["description"] = problem
	}
	return problems
}

// LoginProblem says in which way a login, as the vendor stores it, breaks the vendor's rule; "" when it may be right.
func LoginProblem(login string) string {
	switch {
	case login == "":
		return "Enter a login."
	case strings.ContainsFunc(login, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "A login has latin letters, digits and signs such as _ only, and no spaces."
	case len(login) < loginMin || len(login) > loginMax:
		return fmt.Sprintf("A login has %d to %d characters; this one has %d.", loginMin, loginMax, len(login))
	case login[0] < 'a' || login[0] > 'z':
		return "A login starts with a latin letter."
	default:
		return ""
	}
}

// createExecution is the call.
func (s *Service) createExecution(c CreateSubuser, grant []int64, tag string, password config.Secret) execution {
	var id int64
	return execution{
		steps: []step{{method: "AddSubUser", send: func(ctx context.Context) (err error) {
			id, err = s.Writer.AddSubUser(ctx, c.Account, voxapi.NewSubUser{
				Login: c.Login, Password: password, RoleIDs: grant, Description: directory.WithTag(c.Description, tag),
			})
			return err
		}}},
		subuserBefore: directory.Subuser{Login: c.Login, Description: c.Description},
		setTargetID: func(op *audit.Operation) {
			if id != 0 {
				op.Target.ID = formatID(id)
			}
		},
	}
}
