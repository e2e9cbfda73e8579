package operations

import (
	"context"
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// NewSubuserForm draws the form for a new subuser: all roles this operator may grant. It fails with policy.Denied.
func (s *Service) NewSubuserForm(ctx context.Context, o operator.Operator, account int64) (RolesForm, error) {
	if err := s.Policy.Require(o, policy.SubusersCreate); err != nil {
		return RolesForm{}, err
	}
	return s.rolesForm(o, RolesForm{Catalogue: s.Directory.Catalogue(ctx, account)}), nil
}

// SubuserRolesForm reads the subuser and draws the form for its roles. It fails with policy.Denied,
// directory.ErrNotFound or a directory.LastError.
func (s *Service) SubuserRolesForm(ctx context.Context, o operator.Operator, account, id int64) (RolesForm, error) {
	if err := s.Policy.Require(o, policy.SubusersRoles); err != nil {
		return RolesForm{}, err
	}
	subuser, err := s.Directory.SubuserByID(ctx, account, id)
	if err != nil {
		return RolesForm{}, err
	}
	return s.rolesForm(
		o,
		RolesForm{Subuser: subuser, Base: subuser.DirectRoleIDs(), Catalogue: s.Directory.Catalogue(ctx, account)},
	), nil
}

// roleNames are the roles that the form is about.
func (f RolesForm) assignments() []access.RoleAssignment {
	if f.Key.ID != "" {
		return f.Key.Roles
	}
	return f.Subuser.Roles
}

func (f RolesForm) roleIDs() []int64 {
	var ids []int64
	for _, r := range f.assignments() {
		ids = append(ids, r.ID)
	}
	return ids
}

// rolesForm lists the catalogue's roles, and those held that it lacks, each with whether it is offered and why not.
func (s *Service) rolesForm(o operator.Operator, form RolesForm) RolesForm {
	catalogue, assigned := form.Catalogue, form.roleIDs()
	privileged := s.PrivilegedRoles(catalogue)
	form.ID, form.Missing = s.NewID(), privileged.Missing
	denied := s.Policy.RequireRoleChange(o, privileged, assigned, nil) != nil
	for _, role := range catalogue.Roles {
		choice := RoleChoice{Role: role, Privileged: privileged.Has(role.ID)}
		choice.Direct = slices.Contains(form.Base, role.ID)
		choice.Inherited = !choice.Direct && slices.Contains(assigned, role.ID)
		switch {
		case !catalogue.Known:
			choice.NotOfferedReason = "The role catalogue could not be read."
		case denied:
			choice.NotOfferedReason = "This subuser holds a privileged role: only an admin may change it."
		case choice.Inherited:
			// Taking it away means taking away the role that it comes through; the page names that one.
		case choice.Privileged && s.Policy.RequireRoleChange(o, privileged, nil, []int64{role.ID}) != nil:
			choice.NotOfferedReason = "Privileged: only an admin may grant or revoke it."
		case s.Policy.RequireRoleChange(o, privileged, assigned, []int64{role.ID}) != nil:
			choice.NotOfferedReason = "Together with what is held, this comes to a privileged role: only an admin may grant it."
		default:
			choice.Offered = true
		}
		form.Choices = append(form.Choices, choice)
	}
	for _, assigned := range form.assignments() {
		if _, known := catalogue.ByID(assigned.ID); !known {
			form.Choices = append(form.Choices, RoleChoice{
				Role:   access.Role{ID: assigned.ID, Name: assigned.Name, GUIOnly: assigned.GUIOnly},
				Direct: assigned.Direct, Inherited: !assigned.Direct, Privileged: privileged.Has(assigned.ID),
				NotOfferedReason: "The role catalogue does not list this role, so it is left as it is.",
			})
		}
	}
	return form
}

// PrivilegedRoles returns the privileged roles of a catalogue.
func (s *Service) PrivilegedRoles(c directory.Catalogue) policy.PrivilegedSet {
	return s.Policy.Privileged(c.Roles, c.Graph())
}
