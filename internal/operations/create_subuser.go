package operations

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/csvsafe"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// The vendor's rule for logins: 5 to 20 characters, a letter first. It does not document all characters that may
// follow, so only what cannot be valid is refused here.
const (
	loginMin = 5
	loginMax = 20
)

// CreateSubuser creates a subuser.
type CreateSubuser struct {
	Request
	Login       string
	Password    config.Secret // empty: one is generated and returned in the Outcome, once
	Description string
	Roles       []int64 // ticked
	Offered     []int64 // the roles that the form offered
	// Finishes is the id of a re-issue that deleted a subuser and did not create it again, "" for none. Its login
	// replaces Login.
	Finishes string
	// PasswordGenerated reports that this program generated Password, as in a bulk change.
	PasswordGenerated bool
}

// VendorCalls returns the call that creates the subuser.
func (c CreateSubuser) VendorCalls() []VendorCall {
	grant := access.NewDifference(nil, c.Offered, c.Roles).Grant
	params := []Param{
		{Name: "new_subuser_name", Value: normalLogin(c.Login)},
		{Name: "new_subuser_password", Secret: "NEW_PASSWORD"},
	}
	description := Param{Name: "description", Value: strings.TrimSpace(c.Description)}
	params = append(params, optionalParams(roleParam(grant), description)...)
	return []VendorCall{{Method: "AddSubUser", Params: params}}
}

// CreateSubuser creates the subuser. Its errors are those of ChangeRoles, except those about an existing principal.
func (s *Service) CreateSubuser(ctx context.Context, c CreateSubuser) (Outcome, error) {
	descriptor, err := DescriptorFor(access.Subuser, VerbCreate)
	if err != nil {
		return Outcome{}, err
	}
	if err := s.Policy.Require(c.Operator, descriptor.Permission); err != nil {
		return Outcome{}, err
	}
	if err := s.applyFinishes(ctx, &c); err != nil {
		return Outcome{}, err
	}
	c.Login, c.Description = normalLogin(c.Login), strings.TrimSpace(c.Description)
	target := audit.Target{Ref: access.Ref{Kind: access.Subuser}, Name: c.Login}
	if err := s.checkRepeated(ctx, c.Request, descriptor.Action, target); err != nil {
		return Outcome{}, err
	}
	form := s.newForm(ctx, c.Operator, access.Subuser, s.forDecision(c.Request))
	grant := access.NewDifference(nil, c.Offered, c.Roles).Grant
	if err := s.requirePrivilege(c.Operator, form.Catalogue, form.Principal, grant); err != nil {
		return Outcome{}, err
	}
	privileged := s.privilegedGrants(form.Catalogue, form.Principal, grant)
	if err := s.formError(createProblems(c, form, grant), c.Reason, privileged); err != nil {
		return Outcome{}, err
	}
	password, generated, err := s.passwordFor(c.Password)
	if err != nil {
		return Outcome{}, err
	}
	p := plan{
		request:    c.Request,
		descriptor: descriptor,
		target:     target,
		tag:        s.newTag(c.ID),
		guard:      audit.Guard{Locks: []string{loginLock(c.Login)}},
		intent: Intent{
			Login:             c.Login,
			Description:       c.Description,
			PasswordGenerated: generated || c.PasswordGenerated,
			Before:            []RoleRef{},
			Grant:             roleRefs(form.Catalogue, grant),
			Revoke:            []RoleRef{},
			Finishes:          c.Finishes,
		},
	}
	out, err := s.start(ctx, p, s.createSubuserExecution(c, grant, p.tag, password))
	return out.withPassword(password, generated), err
}

// normalLogin returns a login as the vendor stores it.
func normalLogin(login string) string { return strings.ToLower(strings.TrimSpace(login)) }

// applyFinishes sets the login to that of the operation to finish. It fails with IDMismatch when that is not a re-issue
// that deleted a subuser and did not create it again.
func (s *Service) applyFinishes(ctx context.Context, c *CreateSubuser) error {
	if c.Finishes == "" {
		return nil
	}
	op, _, err := s.Show(ctx, c.Operator, c.Finishes)
	if err != nil {
		return err
	}
	descriptor, err := DescriptorOf(op.Action)
	if err != nil {
		return err
	}
	if op.Account != c.Account || !descriptor.IsReissue() || op.Result != audit.PartlyApplied || op.Open {
		return &IDMismatch{Operation: op}
	}
	c.Login = op.Target.Name
	return nil
}

// createProblems returns what is wrong with the form, by field.
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

// LoginProblem returns how a login, as the vendor stores it, breaks the vendor's rule, "" when it may be valid.
func LoginProblem(login string) string {
	hidden := strings.IndexFunc(login, func(r rune) bool { return r != ' ' && csvsafe.IsInvisible(r) })
	switch {
	case login == "":
		return "Enter a login."
	case hidden >= 0:
		c, _ := utf8.DecodeRuneInString(login[hidden:])
		return fmt.Sprintf("The login contains a character that is not visible (%U). Type the login again.", c)
	case strings.ContainsFunc(login, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "Use Latin letters, digits and underscores, without spaces. Example: anna_kowalska."
	case len(login) < loginMin || len(login) > loginMax:
		return fmt.Sprintf("Use %d to %d characters. This login has %d.", loginMin, loginMax, len(login))
	case login[0] < 'a' || login[0] > 'z':
		return "Start the login with a Latin letter."
	default:
		return ""
	}
}

// LoginDoubt returns a sentence when the vendor may refuse a login that LoginProblem accepts, "" otherwise. Latin
// letters are published; digits and underscores follow from examples. The published rule is cut off behind the letters,
// so that nothing is known about other characters.
func LoginDoubt(login string) string {
	var quoted []string
	for _, c := range login {
		known := c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_'
		if text := strconv.Quote(string(c)); !known && !slices.Contains(quoted, text) {
			quoted = append(quoted, text)
		}
	}
	if len(quoted) == 0 {
		return ""
	}
	return "Voximplant may refuse the login: whether it allows " + strings.Join(quoted, ", ") + " is not published."
}

func (s *Service) createSubuserExecution(
	c CreateSubuser,
	grant []int64,
	tag string,
	password config.Secret,
) execution {
	var id int64
	newSubuser := voxapi.NewSubUser{
		Login:       c.Login,
		Password:    password,
		RoleIDs:     grant,
		Description: directory.WithTag(c.Description, tag),
	}
	return execution{
		steps: []step{{method: "AddSubUser", send: func(ctx context.Context) (err error) {
			id, err = s.Writer.AddSubUser(ctx, c.Account, newSubuser)
			return err
		}}},
		before:      access.Principal{Ref: access.Ref{Kind: access.Subuser}, Name: c.Login, Description: c.Description},
		setTargetID: func(op *audit.Operation) { op.Target.ID = access.SubuserRef(id).ID },
	}
}
