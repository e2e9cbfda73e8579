package operations

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// keyNameMax is the vendor's limit for a key's name, in characters.
const keyNameMax = 50

// CreateKey makes a service-account key for a program.
type CreateKey struct {
	Request
	Name        string // at most 50 characters; the vendor allows none, the console wants one
	Description string
	Roles       []int64 // ticked
	Offered     []int64 // the roles that the form offered
}

// VendorCalls is the act as calls of the Management API.
func (c CreateKey) VendorCalls() []VendorCall {
	grant, _ := ChangeSubuserRoles{Offered: c.Offered, Ticked: c.Roles}.Change()
	return []VendorCall{{Method: "CreateKey", Params: optionalParams(
		Param{
			Name:  "key_name",
			Value: strings.TrimSpace(c.Name),
		},
		Param{Name: "description", Value: strings.TrimSpace(c.Description)},
		roleParam(grant),
	)}}
}

// CreateKey makes the key. The private key is in this one answer only: Outcome.Credentials. When the answer is lost, so
// is the private key, and the key is to be deleted and created again. Errors as for CreateSubuser.
func (s *Service) CreateKey(ctx context.Context, c CreateKey) (Outcome, error) {
	if err := s.Policy.Require(c.Operator, policy.KeysCreate); err != nil {
		return Outcome{}, err
	}
	c.Name, c.Description = strings.TrimSpace(c.Name), strings.TrimSpace(c.Description)
	target := audit.Target{Ref: access.Ref{Kind: access.Key}, Name: c.Name}
	if err := s.checkRepeated(ctx, c.Request, audit.CreateKey, target); err != nil {
		return Outcome{}, err
	}
	form, err := s.NewKeyForm(ctx, c.Operator, c.Account)
	if err != nil {
		return Outcome{}, err
	}
	grant, _ := ChangeSubuserRoles{Offered: c.Offered, Ticked: c.Roles}.Change()
	if err := s.Policy.RequireRoleChange(c.Operator, s.PrivilegedRoles(form.Catalogue), nil, grant); err != nil {
		return Outcome{}, err
	}
	problems := keyTextProblems(c.Name, c.Description)
	if problem := grantProblem(form, grant); problem != "" {
		problems["roles"] = problem
	}
	if err := s.formError(problems, c.Reason); err != nil {
		return Outcome{}, err
	}
	p := plan{request: c.Request, action: audit.CreateKey, target: target}
	p.intent = Intent{
		Name:        c.Name,
		Description: c.Description,
		Before:      []RoleRef{},
		Grant:       roleRefs(form.Catalogue, grant),
		Revoke:      []RoleRef{},
	}
	if !s.NoTags {
		p.tag = tagOf(c.ID)
	}
	var info voxapi.KeyInfo
	exec := execution{
		steps: []step{{method: "CreateKey", send: func(ctx context.Context) (err error) {
			info, err = s.Writer.CreateKey(
				ctx,
				c.Account,
				voxapi.NewKey{Name: c.Name, Description: directory.WithTag(c.Description, p.tag), RoleIDs: grant},
			)
			return err
		}}},
		keyBefore:   directory.Key{Name: c.Name, Description: c.Description},
		setTargetID: func(op *audit.Operation) { op.Target.ID = info.KeyID },
	}
	out, err := s.start(ctx, p, exec)
	if info.KeyID != "" {
		out.Credentials = config.NewSecret(string(info.CredentialsJSON()))
	}
	return out, err
}

// keyTextProblems says what is wrong with a key's name and description, by field.
func keyTextProblems(name, description string) map[string]string {
	problems := map[string]string{}
	switch length := utf8.RuneCountInString(name); {
	case length == 0:
		problems["name"] = "Enter a name, so that the key can be told from others."
	case length > keyNameMax:
		problems["name"] = fmt.Sprintf("The name is too long: at most %d characters; this one has %d.", keyNameMax, length)
	}
	if problem := DescriptionProblem(description); problem != "" {
		problems["description"] = problem
	}
	return problems
}

// grantProblem says why roles that were ticked cannot be given to something new, "" when they can.
func grantProblem(form RolesForm, grant []int64) string {
	offered := form.Offered()
	switch {
	case !slices.ContainsFunc(grant, func(id int64) bool { return !slices.Contains(offered, id) }):
		return ""
	case !form.Catalogue.Known:
		return "The roles of the account are not known at the moment, so none can be given. Try again, or give them later."
	default:
		return "A ticked role is no longer offered. Look at the roles again."
	}
}
