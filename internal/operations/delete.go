package operations

import (
	"context"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// Delete deletes a principal.
type Delete struct {
	Request
	Ref     access.Ref
	Base    []int64   // the direct roles that the page was built from
	Confirm string    // the typed Confirmation
	Warned  []Warning // the warnings that the page showed
}

// VendorCalls returns the call that deletes the principal.
func (c Delete) VendorCalls() []VendorCall {
	method := "DelSubUser"
	if c.Ref.Kind == access.Key {
		method = "DeleteKey"
	}
	return []VendorCall{{Method: method, Params: []Param{idParam(c.Ref)}}}
}

// Confirmation returns what the operator must type to delete a principal: its login or name, or the id of a key without
// a name.
func Confirmation(p access.Principal) string {
	if name := strings.TrimSpace(p.Name); name != "" {
		return name
	}
	return p.ID
}

// DeleteForm reads a principal and what depends on it, and builds the form. It fails as EditForm does.
func (s *Service) DeleteForm(ctx context.Context, o operator.Operator, account int64, ref access.Ref) (Form, error) {
	if err := s.requireVerb(o, ref.Kind, VerbDelete); err != nil {
		return Form{}, err
	}
	return s.readDeletionForm(ctx, o, account, ref, s.forDrawing(account))
}

// readDeletionForm reads a principal that is to be deleted. Of a subuser it also reads what is deleted or lost with it:
// its keys, perhaps the console key, and perhaps the last Owner.
func (s *Service) readDeletionForm(
	ctx context.Context,
	o operator.Operator,
	account int64,
	ref access.Ref,
	readCatalogue catalogueReader,
) (Form, error) {
	form, err := s.readForm(ctx, o, account, ref, readCatalogue)
	if err != nil {
		return Form{}, err
	}
	if ref.Kind == access.Key {
		if form.IsConsoleKey {
			form.BlockedReason = "This is the console key. Give the console another key first, then delete this one."
		}
		return form, nil
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	keys, known, err := s.Directory.KeysBelongingTo(ctx, account, ref)
	if err != nil {
		keys, known = nil, false
	}
	form.Keys = keys
	if len(keys) > 0 && !s.Policy.May(o, policy.KeysDelete) {
		form.BlockedReason = "Keys belong to " + form.Principal.Name +
			", and Voximplant does not document what happens to them. Only an operator who may delete keys may do this."
		return form, nil
	}
	owner, ownerKnown, err := s.ConsoleKeyOwner(ctx, account)
	switch {
	case err != nil:
		return Form{}, err
	case ownerKnown && owner == ref:
		form.BlockedReason = "The console key belongs to " + form.Principal.Name + ". Give the console another key first."
	}
	if s.isLastOwner(ctx, account, ref, form.Principal.RoleIDs(), form.Catalogue) {
		form.Warnings = append(form.Warnings, WarnLastOwner)
	}
	if !ownerKnown {
		form.Warnings = append(form.Warnings, WarnConsoleKeyOwnerUnknown)
	}
	if len(keys) > 0 || !known {
		form.Warnings = append(form.Warnings, WarnKeys)
	}
	return form, nil
}

// Delete deletes the principal. Of a subuser it then reads the keys again that were known to belong to it; see
// Outcome.RemainingKeys. Its errors are those of Edit, and ConsoleKeyProtected.
func (s *Service) Delete(ctx context.Context, c Delete) (Outcome, error) {
	return s.executeOnTarget(ctx, c.Request, VerbDelete, c.Ref, func(ctx context.Context, p plan) (Outcome, error) {
		form, err := s.readDeletionForm(ctx, c.Operator, c.Account, c.Ref, s.forDecision(c.Request))
		if err != nil {
			return Outcome{}, err
		}
		if err := s.checkDeletion(c, form, map[string]string{}, nil); err != nil {
			return Outcome{}, err
		}
		p.planDeletion(form)
		exec := execution{
			before:      form.Principal,
			steps:       []step{s.deleteStep(c.Account, c.Ref)},
			checkLocked: s.recheckLastOwner(form),
		}
		out, err := s.start(ctx, p, exec)
		out.RemainingKeys = s.remainingKeys(ctx, c.Account, form.Keys, out)
		return out, err
	})
}

// checkDeletion returns why a principal cannot be deleted or re-issued with this request: policy.Denied,
// ConsoleKeyProtected, FormOutdated or Invalid. problems is what is wrong already, by field; granted are the roles that
// a re-issue grants again.
func (s *Service) checkDeletion(c Delete, form Form, problems map[string]string, granted []int64) error {
	if len(form.Keys) > 0 {
		if err := s.Policy.Require(c.Operator, policy.KeysDelete); err != nil {
			return err
		}
	}
	if form.BlockedReason != "" {
		return &ConsoleKeyProtected{Message: form.BlockedReason}
	}
	if missingFrom(c.Warned, form.Warnings) || !access.SameRoles(c.Base, form.Principal.DirectRoleIDs()) {
		return &FormOutdated{Form: form}
	}
	if want := Confirmation(form.Principal); !strings.EqualFold(strings.TrimSpace(c.Confirm), want) {
		problems["confirm"] = "Type " + want + " to confirm."
		if form.Principal.Kind == access.Subuser {
			problems["confirm"] = "Type the login " + want + " to confirm."
		}
	}
	again := access.Principal{Reported: form.Principal.Reported}
	return s.formError(problems, c.Reason, s.privilegedGrants(form.Catalogue, again, granted))
}

// planDeletion adds the intent to the plan: what is needed to create the principal again. It adds the locks of what
// another operation must not change meanwhile: the keys of the subuser, and which subusers have Owner.
func (p *plan) planDeletion(form Form) {
	p.target.Name = form.Principal.Name
	p.intent = newIntent(form.Principal)
	p.intent.Description = form.Principal.Description
	p.intent.Before = roleRefs(form.Catalogue, form.Principal.DirectRoleIDs())
	if form.Principal.Kind == access.Key {
		p.intent.Grant, p.intent.Revoke = []RoleRef{}, []RoleRef{} // stored as [], and as null for a subuser
	}
	for _, key := range form.Keys {
		p.intent.Keys = append(p.intent.Keys, KeyRef{ID: key.ID, Name: key.Name})
		p.guard.Locks = append(p.guard.Locks, principalLock(key.Ref))
	}
	if needsOwnersLock(form) {
		p.guard.Locks = append(p.guard.Locks, ownersLock)
	}
}

// needsOwnersLock reports whether a subuser has Owner.
func needsOwnersLock(form Form) bool {
	return form.Principal.Kind == access.Subuser &&
		slices.ContainsFunc(form.Principal.Roles, func(r access.RoleAssignment) bool {
			return isOwnerRole(form.Catalogue, r.ID, r.Name)
		})
}

// recheckLastOwner returns a check for when the locks are held: whether the subuser became the last one with Owner
// since the form was read.
func (s *Service) recheckLastOwner(form Form) func(ctx context.Context, op audit.Operation) string {
	return func(ctx context.Context, op audit.Operation) string {
		if slices.Contains(form.Warnings, WarnLastOwner) || !needsOwnersLock(form) {
			return ""
		}
		if s.isLastOwner(ctx, op.Account, form.Principal.Ref, form.Principal.RoleIDs(), form.Catalogue) {
			return becameLastOwner
		}
		return ""
	}
}

func (s *Service) deleteStep(account int64, ref access.Ref) step {
	if ref.Kind == access.Key {
		return step{method: "DeleteKey", send: func(ctx context.Context) error {
			return s.Writer.DeleteKey(ctx, account, ref.ID)
		}}
	}
	return step{method: "DelSubUser", send: func(ctx context.Context) error {
		return s.Writer.DelSubUser(ctx, account, ref.SubuserID())
	}}
}

// remainingKeys reads the keys of a deleted subuser again: the vendor does not document what happens to them. A key
// that cannot be read counts as remaining, so that an operator checks it.
func (s *Service) remainingKeys(
	ctx context.Context,
	account int64,
	keys []access.Principal,
	out Outcome,
) []access.Principal {
	if out.Result != audit.Applied && out.Result != audit.PartlyApplied {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
	defer cancel()
	var remaining []access.Principal
	for _, key := range keys {
		current, err := s.Directory.ByID(ctx, account, key.Ref)
		switch {
		case err == nil:
			remaining = append(remaining, current)
		case !notFound(err):
			remaining = append(remaining, key)
		}
	}
	return remaining
}
