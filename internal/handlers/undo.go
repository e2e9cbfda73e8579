package handlers

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	auditview "github.com/voxwarden/voxwarden/views/audit"
	"github.com/voxwarden/voxwarden/views/page"
)

// presentTarget is the target of an operation as the snapshot has it.
type presentTarget struct {
	principal *access.Principal // nil when the snapshot lacks it
	sameLogin bool              // another subuser has the login of one that the operation deleted
	complete  bool              // the snapshot has every principal of the kind
	asOf      time.Time         // of the snapshot
}

// presentTarget returns the target of an operation in the snapshot. It reads nothing from the vendor.
func (a *App) presentTarget(ctx context.Context, d selectionReader, op audit.Operation) (presentTarget, error) {
	ref, err := access.ParseRef(op.Target.Kind, op.Target.ID)
	if err != nil || op.Account != a.Account {
		return presentTarget{}, nil
	}
	rows, status, err := d.ByIDs(ctx, a.Account, ref.Kind, []string{ref.ID})
	if _, unreadable := errors.AsType[*directory.ReadError](err); unreadable || err == nil && status.Cold() {
		return presentTarget{}, nil
	}
	if err != nil {
		return presentTarget{}, err
	}
	present := presentTarget{complete: !status.Incomplete, asOf: status.AsOf}
	if len(rows) == 1 {
		present.principal = &rows[0]
	}
	if ref.Kind == access.Subuser && descriptorOf(op).Deletes {
		same, problem, err := a.subuserByLogin(ctx, d, op.Target.Name)
		if err != nil {
			return presentTarget{}, err
		}
		present.sameLogin = problem == "" && same != ref
	}
	return present, nil
}

// gone reports whether the target is known not to exist any more.
func (p presentTarget) gone() bool { return p.principal == nil && p.complete }

// rolesNow returns the roles that the target of an operation on roles has now, nil for another operation or when they
// are not known.
func (p presentTarget) rolesNow(op audit.Operation) *auditview.RolesNow {
	action := descriptorOf(op)
	if !action.ChangesRoles && !action.Creates || op.Result == audit.Refused || op.Result == audit.NotSent {
		return nil
	}
	now := &auditview.RolesNow{AsOf: p.asOf, Gone: p.gone()}
	if p.principal != nil && p.principal.RolesKnown {
		now.Known = true
		for _, role := range p.principal.Roles {
			if role.Direct {
				now.Roles = append(now.Roles, page.RoleAssignment{ID: role.ID, Name: role.Name})
			}
		}
	}
	return now
}

// undo returns the link to the form that undoes an operation, with what it would change now, or why there is nothing to
// undo. It returns nil when this operator can never undo the operation.
func (a *App) undo(o operator.Operator, op audit.Operation, present presentTarget) *auditview.Undo {
	principalPath := targetPath(op.Target)
	if op.Account != a.Account || !operations.HadEffect(op) || principalPath == "" {
		return nil
	}
	undo, may := a.mayUndo(o, op.Action)
	if !may {
		return nil
	}
	intent, err := operations.ReadIntent(op)
	if err != nil {
		return nil
	}
	switch {
	case present.asOf.IsZero():
		return &auditview.Undo{None: auditview.UndoNotKnown}
	case undo.Creates && present.sameLogin:
		return &auditview.Undo{None: auditview.UndoCreatedAgain}
	case undo.Creates:
		return &auditview.Undo{
			Href:    undoPath(undo, op.Target.Ref, op.ID),
			Creates: undo.Kind,
			Change:  page.Difference{Grant: roleRefNames(intent.Before)},
		}
	case present.gone():
		return &auditview.Undo{None: auditview.UndoTargetGone}
	case present.principal == nil:
		return &auditview.Undo{None: auditview.UndoNotKnown}
	case undo.Deletes && a.isOrOwnsConsoleKey(*present.principal):
		return nil
	case undo.Deletes:
		return &auditview.Undo{Href: undoPath(undo, op.Target.Ref, op.ID), Deletes: true}
	}
	shown := &auditview.Undo{Href: undoPath(undo, op.Target.Ref, op.ID)}
	if undo.ChangesRoles {
		undoRoles(shown, intent, *present.principal)
	} else {
		undoTexts(shown, intent, *present.principal)
	}
	return shown
}

// mayUndo returns the action that undoes an action, and whether there is one that the operator may start.
func (a *App) mayUndo(o operator.Operator, action audit.Action) (undo operations.Descriptor, may bool) {
	undo, err := operations.DescriptorOf(descriptorOf(audit.Operation{Action: action}).Undo)
	return undo, err == nil && a.Policy.May(o, undo.Permission)
}

// undoPath returns the path of the form that undoes an operation on a principal.
func undoPath(undo operations.Descriptor, target access.Ref, operationID string) string {
	query := "?undo=" + url.QueryEscape(operationID)
	switch {
	case undo.Creates:
		return "/" + undo.Kind.RouteSegment() + "/new" + query
	case undo.Deletes:
		return target.Path() + "/delete"
	default:
		return target.Path() + "/" + string(undo.Verb) + query
	}
}

// undoItemHref returns the path of the form that undoes the operation of a bulk change's item, "" when this operator
// can never undo it, or its principal is not known.
func (a *App) undoItemHref(o operator.Operator, item bulk.Item) string {
	undo, may := a.mayUndo(o, item.Action)
	if !may || item.Target.IsZero() {
		return ""
	}
	return undoPath(undo, item.Target, item.OperationID)
}

// undoRoles sets the change of roles that an undo would make now.
func undoRoles(shown *auditview.Undo, intent operations.Intent, p access.Principal) {
	if !p.RolesKnown {
		*shown = auditview.Undo{None: auditview.UndoNotKnown}
		return
	}
	change := intent.ReverseFor(p.DirectRoleIDs())
	if change.IsEmpty() {
		*shown = auditview.Undo{None: auditview.UndoNothingRoles}
		return
	}
	shown.Change = page.Difference{
		Grant:  namesOf(intent.Revoke, change.Grant),
		Revoke: namesOf(intent.Grant, change.Revoke),
	}
}

// undoTexts sets the texts that an undo would replace now.
func undoTexts(shown *auditview.Undo, intent operations.Intent, p access.Principal) {
	if intent.OldTexts == nil {
		*shown = auditview.Undo{None: auditview.UndoNotKnown}
		return
	}
	if p.Kind == access.Key && intent.OldTexts.Name != p.Name {
		shown.Texts = append(shown.Texts, auditview.NameFact+": "+auditview.ReplacedText(p.Name, intent.OldTexts.Name))
	}
	if intent.OldTexts.Description != p.Description {
		text := auditview.ReplacedText(p.Description, intent.OldTexts.Description)
		shown.Texts = append(shown.Texts, auditview.DescriptionFact+": "+text)
	}
	if len(shown.Texts) == 0 {
		*shown = auditview.Undo{None: auditview.UndoNothingTexts}
	}
}

// namesOf returns the names of those refs that have one of the ids.
func namesOf(refs []operations.RoleRef, ids []int64) []string {
	var chosen []operations.RoleRef
	for _, ref := range refs {
		if slices.Contains(ids, ref.ID) {
			chosen = append(chosen, ref)
		}
	}
	return roleRefNames(chosen)
}
