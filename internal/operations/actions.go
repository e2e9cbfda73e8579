package operations

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// Verb is what an action does to a principal. An action is stored as its kind and its verb: "key.edit".
type Verb string

// The verbs.
const (
	VerbCreate   Verb = "create"
	VerbEdit     Verb = "edit"
	VerbRoles    Verb = "roles"
	VerbForce    Verb = "force"
	VerbPassword Verb = "password"
	VerbReissue  Verb = "re-issue"
	VerbDelete   Verb = "delete"
)

// Secret is what an action makes that is shown once.
type Secret int

// The secrets.
const (
	NoSecret Secret = iota
	Password
	PrivateKey
)

// Descriptor describes an action: everything that the rest of the console needs to know of it. A new action is one
// case of DescriptorOf.
type Descriptor struct {
	Action audit.Action
	Kind   access.Kind // the kind of principal that it changes
	Verb   Verb
	Label  string // its name on pages and in the search of the audit log
	// Permission is what an operator needs to start it. When only admins have it, the action counts as privileged and
	// needs a recent sign-in. Any other action does so for the roles that it is about; see Service.isPrivileged.
	Permission policy.Permission
	Undo       audit.Action // the action that reverses it; "" when none does

	// What it does at the vendor. A re-issue deletes and creates.
	Creates         bool // with a tag at the end of the description
	Deletes         bool // and perhaps the keys that belong to a deleted subuser: the vendor does not document that
	ChangesRoles    bool // grants Intent.Grant and revokes Intent.Revoke
	RevokesFromKeys bool // revokes from the keys that belong to the subuser, too
	SetsDescription bool
	SetsName        bool
	Secret          Secret
	Unreadable      bool // reading the principal does not show whether it was done

	plannedCalls func(Intent) int // how many vendor calls it makes
	evaluate     func(*Service, context.Context, evaluationInput) (evaluation, error)
}

// IsReissue reports whether the action deletes a principal and creates it again with a new id.
func (d Descriptor) IsReissue() bool { return d.Creates && d.Deletes }

// ErrUnknownAction is the error for an action that has no descriptor, such as one that a newer version has written.
var ErrUnknownAction = errors.New("unknown action")

// DescriptorOf returns the descriptor of an action, or an error that wraps ErrUnknownAction. It is the only switch over
// actions.
func DescriptorOf(action audit.Action) (Descriptor, error) {
	switch action {
	case audit.CreateSubuser:
		return Descriptor{
			Action:       action,
			Kind:         access.Subuser,
			Verb:         VerbCreate,
			Label:        "New subuser",
			Permission:   policy.SubusersCreate,
			Undo:         audit.DeleteSubuser,
			Creates:      true,
			Secret:       Password,
			plannedCalls: oneCall,
			evaluate:     (*Service).evaluateCreatedSubuser,
		}, nil
	case audit.EditSubuser:
		return Descriptor{
			Action:          action,
			Kind:            access.Subuser,
			Verb:            VerbEdit,
			Label:           "New description",
			Permission:      policy.SubusersEdit,
			Undo:            audit.EditSubuser,
			SetsDescription: true,
			plannedCalls:    oneCall,
			evaluate:        (*Service).evaluateTexts,
		}, nil
	case audit.ChangeSubuserRoles:
		return Descriptor{
			Action:       action,
			Kind:         access.Subuser,
			Verb:         VerbRoles,
			Label:        "Change of roles",
			Permission:   policy.SubusersRoles,
			Undo:         audit.ChangeSubuserRoles,
			ChangesRoles: true,
			plannedCalls: roleCallCount,
			evaluate:     (*Service).evaluateRoleChange,
		}, nil
	case audit.ForceSubuserRoles:
		return Descriptor{
			Action:          action,
			Kind:            access.Subuser,
			Verb:            VerbForce,
			Label:           "Change of roles by force",
			Permission:      policy.SubusersForce,
			Undo:            audit.ChangeSubuserRoles,
			ChangesRoles:    true,
			RevokesFromKeys: true,
			plannedCalls:    roleCallCount,
			evaluate:        (*Service).evaluateRoleChange,
		}, nil
	case audit.ChangeSubuserPassword:
		return Descriptor{
			Action:       action,
			Kind:         access.Subuser,
			Verb:         VerbPassword,
			Label:        "New password",
			Permission:   policy.SubusersPassword,
			Secret:       Password,
			Unreadable:   true,
			plannedCalls: oneCall,
			evaluate:     (*Service).evaluatePassword,
		}, nil
	case audit.ReissueSubuser:
		return Descriptor{
			Action:       action,
			Kind:         access.Subuser,
			Verb:         VerbReissue,
			Label:        "Re-issue of access",
			Permission:   policy.SubusersReissue,
			Creates:      true,
			Deletes:      true,
			Secret:       Password,
			plannedCalls: twoCalls,
			evaluate:     (*Service).evaluateReissue,
		}, nil
	case audit.DeleteSubuser:
		return Descriptor{
			Action:       action,
			Kind:         access.Subuser,
			Verb:         VerbDelete,
			Label:        "Deletion of subuser",
			Permission:   policy.SubusersDelete,
			Undo:         audit.CreateSubuser,
			Deletes:      true,
			plannedCalls: oneCall,
			evaluate:     (*Service).evaluateDeletion,
		}, nil
	case audit.CreateKey:
		return Descriptor{
			Action:       action,
			Kind:         access.Key,
			Verb:         VerbCreate,
			Label:        "New key",
			Permission:   policy.KeysCreate,
			Undo:         audit.DeleteKey,
			Creates:      true,
			Secret:       PrivateKey,
			plannedCalls: oneCall,
			evaluate:     (*Service).evaluateCreatedKey,
		}, nil
	case audit.EditKey:
		return Descriptor{
			Action:          action,
			Kind:            access.Key,
			Verb:            VerbEdit,
			Label:           "New description",
			Permission:      policy.KeysEdit,
			Undo:            audit.EditKey,
			SetsDescription: true,
			SetsName:        true,
			plannedCalls:    oneCall,
			evaluate:        (*Service).evaluateTexts,
		}, nil
	case audit.ChangeKeyRoles:
		return Descriptor{
			Action:       action,
			Kind:         access.Key,
			Verb:         VerbRoles,
			Label:        "Change of roles",
			Permission:   policy.KeysRoles,
			Undo:         audit.ChangeKeyRoles,
			ChangesRoles: true,
			plannedCalls: roleCallCount,
			evaluate:     (*Service).evaluateRoleChange,
		}, nil
	case audit.DeleteKey:
		return Descriptor{
			Action:       action,
			Kind:         access.Key,
			Verb:         VerbDelete,
			Label:        "Deletion of key",
			Permission:   policy.KeysDelete,
			Undo:         audit.CreateKey,
			Deletes:      true,
			plannedCalls: oneCall,
			evaluate:     (*Service).evaluateDeletion,
		}, nil
	default:
		return Descriptor{}, fmt.Errorf("%w %q", ErrUnknownAction, action)
	}
}

func oneCall(Intent) int         { return 1 }
func twoCalls(Intent) int        { return 2 }
func roleCallCount(i Intent) int { return len(i.effects()) }

// DescriptorFor returns the descriptor of the action with this verb on a kind, or an error that wraps ErrUnknownAction:
// no action forces the roles of a key.
func DescriptorFor(kind access.Kind, verb Verb) (Descriptor, error) {
	return DescriptorOf(audit.Action(string(kind) + "." + string(verb)))
}

// CreatingActions returns the actions that create a principal.
func CreatingActions() []audit.Action {
	return actionsThat(func(d Descriptor) bool { return d.Creates })
}

// DeletingActions returns the actions that delete a principal.
func DeletingActions() []audit.Action {
	return actionsThat(func(d Descriptor) bool { return d.Deletes })
}

func actionsThat(match func(Descriptor) bool) []audit.Action {
	return slices.DeleteFunc(audit.Actions(), func(action audit.Action) bool {
		d, err := DescriptorOf(action)
		return err != nil || !match(d)
	})
}
