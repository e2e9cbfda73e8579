package operations

import (
	"context"
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// RoleChoice is one role of a form.
type RoleChoice struct {
	Role             access.Role
	Direct           bool   // the principal has it as a direct role
	Inherited        bool   // the principal has it only through another role
	Privileged       bool   // only an admin may grant or revoke it
	Offered          bool   // this operator may tick it here
	NotOfferedReason string // a sentence, when it is not offered for another reason than Inherited
}

// RolesForm is what the form for the roles of a principal, or of a new one, is built from.
type RolesForm struct {
	ID           string           // a new operation id
	Principal    access.Principal // read just now; of a new one, only the kind
	IsConsoleKey bool             // the principal is the key that this server uses for the API
	Base         []int64          // its direct roles
	Choices      []RoleChoice     // the catalogue in its order, then roles of the principal that the catalogue lacks
	Catalogue    directory.Catalogue
	Missing      []string // configured privileged roles that the catalogue lacks; every role counts as privileged then
}

// Offered returns the ids that the form offers.
func (f RolesForm) Offered() []int64 {
	var ids []int64
	for _, c := range f.Choices {
		if c.Offered {
			ids = append(ids, c.Role.ID)
		}
	}
	return ids
}

// NewForm builds the form for a new principal of a kind. It fails with policy.Denied.
func (s *Service) NewForm(
	ctx context.Context,
	o operator.Operator,
	account int64,
	kind access.Kind,
) (RolesForm, error) {
	if err := s.requireVerb(o, kind, VerbCreate); err != nil {
		return RolesForm{}, err
	}
	return s.newForm(ctx, o, kind, s.forDrawing(account)), nil
}

func (s *Service) newForm(
	ctx context.Context,
	o operator.Operator,
	kind access.Kind,
	readCatalogue catalogueReader,
) RolesForm {
	p := access.Principal{Ref: access.Ref{Kind: kind}}
	return s.buildRolesForm(o, p, readCatalogue(ctx))
}

// RolesForm reads a principal and builds the form for its roles. It fails with policy.Denied, directory.ErrNotFound, a
// *directory.ReadError or the error of the context.
func (s *Service) RolesForm(
	ctx context.Context,
	o operator.Operator,
	account int64,
	ref access.Ref,
) (RolesForm, error) {
	if err := s.requireVerb(o, ref.Kind, VerbRoles); err != nil {
		return RolesForm{}, err
	}
	return s.readRolesForm(ctx, o, account, ref, s.forDrawing(account))
}

func (s *Service) readRolesForm(
	ctx context.Context,
	o operator.Operator,
	account int64,
	ref access.Ref,
	readCatalogue catalogueReader,
) (RolesForm, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	catalogue := readCatalogue(ctx)
	p, err := s.Directory.ByID(ctx, account, ref)
	if err != nil {
		return RolesForm{}, err
	}
	return s.buildRolesForm(o, p, catalogue), nil
}

// buildRolesForm lists the roles of the catalogue, and those of the principal that it lacks, with the reason for each
// that is not offered.
func (s *Service) buildRolesForm(o operator.Operator, p access.Principal, catalogue directory.Catalogue) RolesForm {
	form := RolesForm{
		ID:           s.NewID(),
		Principal:    p,
		IsConsoleKey: s.IsConsoleKey(p.Ref),
		Base:         p.DirectRoleIDs(),
		Catalogue:    catalogue,
	}
	privileged := s.PrivilegedRoles(catalogue).With(p.Reported)
	form.Missing = privileged.Missing
	for _, role := range catalogue.Roles {
		choice := RoleChoice{Role: role, Privileged: privileged.Has(role.ID)}
		choice.Direct = slices.Contains(form.Base, role.ID)
		choice.Inherited = !choice.Direct && p.HasRole(role.ID)
		choice.Offered, choice.NotOfferedReason = s.isOffered(o, p, choice, catalogue, privileged)
		form.Choices = append(form.Choices, choice)
	}
	for _, assigned := range p.Roles {
		if _, known := catalogue.ByID(assigned.ID); !known {
			form.Choices = append(form.Choices, RoleChoice{
				Role:             access.Role{ID: assigned.ID, Name: assigned.Name, GUIOnly: assigned.GUIOnly},
				Direct:           assigned.Direct,
				Inherited:        !assigned.Direct,
				Privileged:       privileged.Has(assigned.ID),
				NotOfferedReason: "The role catalogue does not contain this role, so it stays as it is.",
			})
		}
	}
	return form
}

// isOffered reports whether the operator may tick a role of the catalogue, and why not. An inherited role needs no
// reason: it can be revoked only with the role that it is inherited through, which the page names.
func (s *Service) isOffered(
	o operator.Operator,
	p access.Principal,
	choice RoleChoice,
	catalogue directory.Catalogue,
	privileged policy.PrivilegedSet,
) (offered bool, reason string) {
	change := []int64{choice.Role.ID}
	switch {
	case !catalogue.Known:
		return false, "The role catalogue could not be read."
	case s.Policy.RequireRoleChange(o, privileged, p.RoleIDs(), nil) != nil:
		return false, "This " + string(p.Kind) + " has a privileged role. Only an admin may change its roles."
	case choice.Inherited:
		return false, ""
	case choice.Privileged && s.Policy.RequireRoleChange(o, privileged, nil, change) != nil:
		return false, "Privileged: only an admin may grant or revoke it."
	case s.Policy.RequireRoleChange(o, privileged, p.RoleIDs(), change) != nil:
		return false, "Together with the roles of this " + string(p.Kind) +
			", it amounts to a privileged role. Only an admin may grant it."
	default:
		return true, ""
	}
}
