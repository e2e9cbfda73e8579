package handlers

import (
	"context"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// oldSubuser and oldKey return a principal as internal/operations still has it.
func oldSubuser(p access.Principal) directory.Subuser {
	return directory.Subuser{
		ID:          p.SubuserID(),
		Login:       p.Name,
		Description: p.Description,
		Tag:         p.Tag,
		Roles:       p.Roles,
		RolesKnown:  p.RolesKnown,
		Keys:        p.Keys,
		KeysKnown:   p.KeysKnown,
	}
}

func oldKey(p access.Principal) directory.Key {
	return directory.Key{
		ID:          p.ID,
		Name:        p.Name,
		Description: p.Description,
		Tag:         p.Tag,
		Roles:       p.Roles,
		RolesKnown:  p.RolesKnown,
		OwnerID:     p.BelongsTo.SubuserID(),
		OwnerLogin:  p.OwnerLogin,
		OwnerKnown:  p.OwnerKnown,
	}
}

// subuserForm is the form about one subuser.
func (f *fakeOperations) subuserForm(id int64) (operations.SubuserForm, error) {
	f.formCount++
	s, err := f.directory.ByID(context.Background(), accountID, access.SubuserRef(id))
	if err == nil {
		err = f.formErr
	}
	return operations.SubuserForm{
		ID:            f.newID(),
		Principal:     s,
		Subuser:       oldSubuser(s),
		Catalogue:     f.directory.catalogue,
		Keys:          f.keys,
		Warnings:      f.warnings,
		BlockedReason: f.blocked,
	}, err
}

func (f *fakeOperations) keyForm(id string) (operations.KeyForm, error) {
	f.formCount++
	k, err := f.directory.ByID(context.Background(), accountID, access.KeyRef(id))
	if err != nil {
		return operations.KeyForm{}, err
	}
	return operations.KeyForm{
		ID:            f.newID(),
		Principal:     k,
		Key:           oldKey(k),
		Catalogue:     f.directory.catalogue,
		BlockedReason: f.blocked,
	}, f.formErr
}

// execute notes an act other than those of the first pages.
func (f *fakeOperations) execute(act any) (operations.Outcome, error) {
	f.commands = append(f.commands, act)
	return f.outcome, f.err
}

func (f *fakeOperations) EditSubuserForm(
	_ context.Context,
	_ operator.Operator,
	_, id int64,
) (operations.SubuserForm, error) {
	return f.subuserForm(id)
}

func (f *fakeOperations) EditSubuser(_ context.Context, c operations.EditSubuser) (operations.Outcome, error) {
	return f.execute(c)
}

func (f *fakeOperations) SubuserPasswordForm(
	_ context.Context,
	_ operator.Operator,
	_, id int64,
) (operations.SubuserForm, error) {
	return f.subuserForm(id)
}

func (f *fakeOperations) ChangeSubuserPassword(
	_ context.Context,
	c operations.ChangeSubuserPassword,
) (operations.Outcome, error) {
	return f.execute(c)
}

func (f *fakeOperations) DeleteSubuserForm(
	_ context.Context,
	_ operator.Operator,
	_, id int64,
) (operations.SubuserForm, error) {
	return f.subuserForm(id)
}

func (f *fakeOperations) DeleteSubuser(_ context.Context, c operations.DeleteSubuser) (operations.Outcome, error) {
	return f.execute(c)
}

func (f *fakeOperations) ReissueSubuserForm(
	_ context.Context,
	_ operator.Operator,
	_, id int64,
) (operations.SubuserForm, error) {
	return f.subuserForm(id)
}

func (f *fakeOperations) ReissueSubuser(_ context.Context, c operations.ReissueSubuser) (operations.Outcome, error) {
	return f.execute(c)
}

func (f *fakeOperations) NewKeyForm(
	ctx context.Context,
	o operator.Operator,
	account int64,
) (operations.RolesForm, error) {
	return f.NewSubuserForm(ctx, o, account)
}

func (f *fakeOperations) CreateKey(_ context.Context, c operations.CreateKey) (operations.Outcome, error) {
	return f.execute(c)
}

func (f *fakeOperations) EditKeyForm(
	_ context.Context,
	_ operator.Operator,
	_ int64,
	id string,
) (operations.KeyForm, error) {
	return f.keyForm(id)
}

func (f *fakeOperations) EditKey(_ context.Context, c operations.EditKey) (operations.Outcome, error) {
	return f.execute(c)
}

func (f *fakeOperations) KeyRolesForm(
	_ context.Context,
	_ operator.Operator,
	_ int64,
	id string,
) (operations.RolesForm, error) {
	form, err := f.keyForm(id)
	roles := operations.RolesForm{ID: form.ID, Key: form.Key, Base: form.Key.DirectRoleIDs(), Catalogue: form.Catalogue}
	roles.Choices = choicesFor(form.Catalogue, form.Key.Roles)
	return roles, err
}

func (f *fakeOperations) PreviewKeyRoles(context.Context, operations.ChangeKeyRoles) (operations.Difference, error) {
	return f.diff, f.err
}

func (f *fakeOperations) ChangeKeyRoles(_ context.Context, c operations.ChangeKeyRoles) (operations.Outcome, error) {
	return f.execute(c)
}

func (f *fakeOperations) DeleteKeyForm(
	_ context.Context,
	_ operator.Operator,
	_ int64,
	id string,
) (operations.KeyForm, error) {
	return f.keyForm(id)
}

func (f *fakeOperations) DeleteKey(_ context.Context, c operations.DeleteKey) (operations.Outcome, error) {
	return f.execute(c)
}

// choicesFor offers every role that is not inherited.
func choicesFor(c directory.Catalogue, assigned []access.RoleAssignment) []operations.RoleChoice {
	var choices []operations.RoleChoice
	for _, role := range c.Roles {
		choice := operations.RoleChoice{Role: role, Offered: true}
		for _, a := range assigned {
			if a.ID == role.ID {
				choice.Direct, choice.Inherited, choice.Offered = a.Direct, !a.Direct, a.Direct
			}
		}
		choices = append(choices, choice)
	}
	return choices
}
