package handlers

import (
	"context"
	"errors"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// form returns the form of an action on one principal.
func (f *fakeOperations) form(ctx context.Context, ref access.Ref) (operations.Form, error) {
	f.formCount++
	p, err := f.directory.ByID(ctx, accountID, ref)
	if err != nil {
		return operations.Form{}, err
	}
	return operations.Form{
		ID:            f.newID(),
		Principal:     p,
		Catalogue:     f.directory.catalogue,
		Keys:          f.keys,
		Warnings:      f.warnings,
		BlockedReason: f.blocked,
	}, f.formErr
}

// execute records a command and returns the outcome that the test set.
func (f *fakeOperations) execute(command any) (operations.Outcome, error) {
	f.commands = append(f.commands, command)
	return f.outcome, f.err
}

func (f *fakeOperations) EditForm(
	ctx context.Context,
	_ operator.Operator,
	_ int64,
	ref access.Ref,
) (operations.Form, error) {
	return f.form(ctx, ref)
}

func (f *fakeOperations) Edit(_ context.Context, c operations.Edit) (operations.Outcome, error) {
	return f.execute(c)
}

func (f *fakeOperations) DeleteForm(
	ctx context.Context,
	_ operator.Operator,
	_ int64,
	ref access.Ref,
) (operations.Form, error) {
	return f.form(ctx, ref)
}

func (f *fakeOperations) Delete(_ context.Context, c operations.Delete) (operations.Outcome, error) {
	return f.execute(c)
}

func (f *fakeOperations) SubuserPasswordForm(
	ctx context.Context,
	_ operator.Operator,
	_, id int64,
) (operations.Form, error) {
	return f.form(ctx, access.SubuserRef(id))
}

func (f *fakeOperations) ChangeSubuserPassword(
	_ context.Context,
	c operations.ChangeSubuserPassword,
) (operations.Outcome, error) {
	return f.execute(c)
}

func (f *fakeOperations) ReissueSubuserForm(
	ctx context.Context,
	_ operator.Operator,
	_, id int64,
) (operations.Form, error) {
	return f.form(ctx, access.SubuserRef(id))
}

func (f *fakeOperations) ReissueSubuser(_ context.Context, c operations.ReissueSubuser) (operations.Outcome, error) {
	return f.execute(c)
}

func (f *fakeOperations) CreateKey(_ context.Context, c operations.CreateKey) (operations.Outcome, error) {
	return f.execute(c)
}

func (f *fakeOperations) RolesForm(
	ctx context.Context,
	_ operator.Operator,
	_ int64,
	ref access.Ref,
) (operations.RolesForm, error) {
	form, err := f.form(ctx, ref)
	return operations.RolesForm{
		ID:        form.ID,
		Principal: form.Principal,
		Base:      form.Principal.DirectRoleIDs(),
		Choices:   choicesFor(form.Catalogue, form.Principal.Roles),
		Catalogue: form.Catalogue,
	}, err
}

func (f *fakeOperations) PreviewRoles(context.Context, operations.ChangeRoles) (operations.Difference, error) {
	if _, invalid := errors.AsType[*operations.Invalid](f.err); invalid {
		return f.diff, nil
	}
	return f.diff, f.err
}

func (f *fakeOperations) PreviewForm(
	ctx context.Context,
	c operations.ChangeRoles,
	_ operations.RolesForm,
) (operations.Difference, error) {
	return f.PreviewRoles(ctx, c)
}

func (f *fakeOperations) ChangeRoles(_ context.Context, c operations.ChangeRoles) (operations.Outcome, error) {
	f.changed = append(f.changed, c)
	return f.outcome, f.err
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
