package operations

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// keyNameMax is the vendor's limit for a key's name, in characters.
const keyNameMax = 50

// CreateKey creates a service-account key.
type CreateKey struct {
	Request
	Name        string // 1 to 50 characters; the vendor would accept none
	Description string
	Roles       []int64 // ticked
	Offered     []int64 // the roles that the form offered
}

// VendorCalls returns the call that creates the key.
func (c CreateKey) VendorCalls() []VendorCall {
	return []VendorCall{{Method: "CreateKey", Params: optionalParams(
		Param{Name: "key_name", Value: strings.TrimSpace(c.Name)},
		Param{Name: "description", Value: strings.TrimSpace(c.Description)},
		roleParam(access.NewDifference(nil, c.Offered, c.Roles).Grant),
	)}}
}

// CreateKey creates the key. Only this one answer contains the private key; see Outcome.Credentials. When the answer is
// lost, the key must be deleted and created again. Its errors are those of CreateSubuser.
func (s *Service) CreateKey(ctx context.Context, c CreateKey) (Outcome, error) {
	descriptor, err := DescriptorFor(access.Key, VerbCreate)
	if err != nil {
		return Outcome{}, err
	}
	if err := s.Policy.Require(c.Operator, descriptor.Permission); err != nil {
		return Outcome{}, err
	}
	c.Name, c.Description = strings.TrimSpace(c.Name), strings.TrimSpace(c.Description)
	target := audit.Target{Ref: access.Ref{Kind: access.Key}, Name: c.Name}
	if err := s.checkRepeated(ctx, c.Request, descriptor.Action, target); err != nil {
		return Outcome{}, err
	}
	form := s.newForm(ctx, c.Operator, access.Key, s.forDecision(c.Request))
	grant := access.NewDifference(nil, c.Offered, c.Roles).Grant
	if err := s.requirePrivilege(c.Operator, form.Catalogue, form.Principal, grant); err != nil {
		return Outcome{}, err
	}
	problems := keyTextProblems(c.Name, c.Description)
	if problem := grantProblem(form, grant); problem != "" {
		problems["roles"] = problem
	}
	privileged := s.privilegedGrants(form.Catalogue, form.Principal, grant)
	if err := s.formError(problems, c.Reason, privileged); err != nil {
		return Outcome{}, err
	}
	p := plan{
		request:    c.Request,
		descriptor: descriptor,
		target:     target,
		tag:        s.newTag(c.ID),
		intent: Intent{
			Name:        c.Name,
			Description: c.Description,
			Before:      []RoleRef{},
			Grant:       roleRefs(form.Catalogue, grant),
			Revoke:      []RoleRef{},
		},
	}
	newKey := voxapi.NewKey{Name: c.Name, Description: directory.WithTag(c.Description, p.tag), RoleIDs: grant}
	var info voxapi.KeyInfo
	out, err := s.start(ctx, p, execution{
		steps: []step{{method: "CreateKey", send: func(ctx context.Context) (err error) {
			info, err = s.Writer.CreateKey(ctx, c.Account, newKey)
			return err
		}}},
		before:      access.Principal{Ref: target.Ref, Name: c.Name, Description: c.Description},
		setTargetID: func(op *audit.Operation) { op.Target.ID = access.KeyRef(info.KeyID).ID },
	})
	if info.KeyID != "" {
		out.Credentials = config.NewSecret(string(info.CredentialsJSON()))
	}
	return out, err
}

// keyTextProblems returns what is wrong with a key's name and description, by field.
func keyTextProblems(name, description string) map[string]string {
	problems := map[string]string{}
	switch length := utf8.RuneCountInString(name); {
	case length == 0:
		problems["name"] = "Enter a name, to distinguish this key from others."
	case length > keyNameMax:
		problems["name"] = fmt.Sprintf("Use at most %d characters. This name has %d.", keyNameMax, length)
	}
	if problem := DescriptionProblem(description); problem != "" {
		problems["description"] = problem
	}
	return problems
}

// grantProblem returns why ticked roles cannot be granted to a new principal, "" when they can.
func grantProblem(form RolesForm, grant []int64) string {
	switch {
	case len(access.Without(grant, form.Offered())) == 0:
		return ""
	case !form.Catalogue.Known:
		return "The role catalogue could not be read, so no role can be granted. Try again, or grant roles later."
	default:
		return "A ticked role is no longer offered. Check the roles again."
	}
}
