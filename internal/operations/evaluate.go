package operations

import (
	"context"
	"encoding/json"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
)

// evaluation is what reading the vendor once proves about an operation.
type evaluation struct {
	principal   access.Principal // what was read; zero when nothing was, or when it does not exist
	result      audit.Result     // Unknown: the reading proves nothing yet
	confirmed   bool             // the reading shows the effects
	certain     bool             // one reading is enough; otherwise a second one must agree
	wrongTarget bool             // the vendor's answer named a principal that the operation did not ask for
	// contradicted is true when the vendor reported success and the reading does not show the effect. Before the
	// deadline the result is Unknown: the reading may be old, or the vendor accepted the call and did nothing.
	contradicted bool
	target       audit.Target
	note         string          // a sentence for the audit log
	facts        json.RawMessage // encoded Facts; nil when the target was not read
}

// found reports whether the reading found the principal.
func (e evaluation) found() bool { return !e.principal.IsZero() }

// evaluationInput is what is known of an operation before the vendor is read for it.
type evaluationInput struct {
	op             audit.Operation
	descriptor     Descriptor
	intent         Intent
	calls          []audit.Result // of the calls that were sent, in their order
	deadlinePassed bool           // a call without an answer can no longer be committed
}

// evaluate reads the vendor for an operation and returns what that proves. It fails when the vendor cannot be read.
func (s *Service) evaluate(
	ctx context.Context,
	op audit.Operation,
	calls []audit.Result,
	deadlinePassed bool,
) (evaluation, error) {
	descriptor, err := DescriptorOf(op.Action)
	if err != nil {
		return evaluation{}, err
	}
	intent, err := ReadIntent(op)
	if err != nil {
		return evaluation{}, err
	}
	return descriptor.evaluate(s, ctx, evaluationInput{
		op:             op,
		descriptor:     descriptor,
		intent:         intent,
		calls:          calls,
		deadlinePassed: deadlinePassed,
	})
}

// evaluateRoleChange compares the roles of the target with those that the operation asked for.
func (s *Service) evaluateRoleChange(ctx context.Context, input evaluationInput) (evaluation, error) {
	current, err := s.Directory.ByID(ctx, input.op.Account, input.op.Target.Ref)
	if notFound(err) {
		return evaluateMissingTarget(input), nil
	}
	if err != nil {
		return evaluation{}, err
	}
	reading := s.newRoleReading(ctx, input.op.Account, current)
	roles := evaluateRoles(input.calls, input.intent.effects(), reading, input.deadlinePassed)
	eval := evaluation{
		principal:    current,
		result:       roles.result,
		confirmed:    roles.confirmed,
		contradicted: roles.contradicted,
		target:       input.op.Target,
		note:         rolesNote(roles),
		facts:        factsOf(current),
	}
	revoked := effect{revoke: idsOf(input.intent.Revoke)}.evidenceIn(reading) == present
	if input.descriptor.RevokesFromKeys && eval.confirmed && revoked {
		if eval.confirmed, err = s.keysLostRoles(ctx, input); err != nil {
			return evaluation{}, err
		}
		if !eval.confirmed {
			eval.note = "The subuser no longer has the revoked roles, but one of its keys still has one."
		}
		if !eval.confirmed && input.calls[0] == audit.Unknown {
			eval.result = audit.Unknown // the vendor revokes from all or from none, so a part of it proves nothing
		}
	}
	eval.certain = eval.result == audit.Applied && eval.confirmed
	return eval, nil
}

// keysLostRoles reports whether the keys that were known to belong to the subuser no longer have the revoked roles.
func (s *Service) keysLostRoles(ctx context.Context, input evaluationInput) (bool, error) {
	revocation := effect{revoke: idsOf(input.intent.Revoke)}
	for _, key := range input.intent.Keys {
		current, err := s.Directory.ByID(ctx, input.op.Account, access.KeyRef(key.ID))
		if err != nil && !notFound(err) {
			return false, err
		}
		if err == nil && revocation.evidenceIn(s.newRoleReading(ctx, input.op.Account, current)) != present {
			return false, nil
		}
	}
	return true, nil
}

// newRoleReading returns the roles of a principal, with what is known of how the vendor lists roles.
func (s *Service) newRoleReading(ctx context.Context, account int64, p access.Principal) roleReading {
	return roleReading{
		roleIDs:          p.RoleIDs(),
		directIDs:        p.DirectRoleIDs(),
		catalogue:        s.Directory.Catalogue(ctx, account),
		listsParentRoles: s.Directory.ListsParentRoles(account),
	}
}

// NoteGrantedOnly is the note of a role change of which only the second call had an effect.
const NoteGrantedOnly = "The roles were granted, but the others were not revoked, although Voximplant reported both."

// rolesNote returns the note for an evaluation of roles.
func rolesNote(eval rolesEvaluation) string {
	switch {
	case eval.result == audit.Applied && eval.confirmed:
		return "The roles are as requested."
	case eval.result == audit.Applied:
		return "Voximplant reported success, but the roles are not as requested."
	case eval.result == audit.PartlyApplied && eval.firstMissing:
		return NoteGrantedOnly
	case eval.result == audit.PartlyApplied:
		return "A part of the change was made, the rest was not."
	case eval.result == audit.Unknown && eval.contradicted:
		return "Voximplant reported success, but the roles are not as requested. It may still make the change."
	case eval.result == audit.Unknown:
		return "The roles are not as requested yet. Voximplant may still make the change."
	default:
		return "The roles are not as requested, and the waiting time has passed."
	}
}

// evaluateMissingTarget returns the evaluation of a change to a principal that no longer exists. What the vendor
// reported still counts. A call without an answer leaves nothing to read, so only an operator can resolve it.
func evaluateMissingTarget(input evaluationInput) evaluation {
	eval := evaluation{
		result: combineResults(input.calls, input.descriptor.plannedCalls(input.intent)),
		target: input.op.Target,
		note:   goneNote(input.op.Target),
		facts:  factsOf(access.Principal{}),
	}
	if !input.deadlinePassed {
		eval.result = audit.Unknown // the reading may be older than the target
	}
	return eval
}

// goneNote returns the note that a target does not exist.
func goneNote(t audit.Target) string { return "The " + string(t.Kind) + " no longer exists." }

// evaluateTexts compares the name and the description of the target with those that the operation asked for.
func (s *Service) evaluateTexts(ctx context.Context, input evaluationInput) (evaluation, error) {
	current, err := s.Directory.ByID(ctx, input.op.Account, input.op.Target.Ref)
	if notFound(err) {
		return evaluateMissingTarget(input), nil
	}
	if err != nil {
		return evaluation{}, err
	}
	eval := evaluation{principal: current, result: input.calls[0], target: input.op.Target, facts: factsOf(current)}
	wanted := Texts{Name: input.intent.Name, Description: input.intent.Description}
	switch texts := textsOf(current); {
	case texts.same(wanted):
		eval.result = audit.Applied
		eval.confirmed = true
		eval.certain = true
		eval.note = "The text is as requested."
	case input.intent.OldTexts != nil && texts.same(*input.intent.OldTexts):
		eval.setAbsent(input, "the text is still the previous one", "change it")
	case input.calls[0] == audit.Applied:
		eval.note = "Voximplant reported success, but the text is another one now."
	default:
		eval.note = "The text is neither the previous nor the requested one. It was changed elsewhere, so nothing can be " +
			"concluded."
	}
	return eval, nil
}

// evaluatePassword reads nothing: the vendor never returns a password.
func (s *Service) evaluatePassword(_ context.Context, input evaluationInput) (evaluation, error) {
	return evaluation{
		result: input.calls[0],
		target: input.op.Target,
		note:   "A password cannot be read. Ask the subuser which one works, then resolve this operation.",
	}, nil
}

// evaluateDeletion checks whether the target still exists.
func (s *Service) evaluateDeletion(ctx context.Context, input evaluationInput) (evaluation, error) {
	current, err := s.Directory.ByID(ctx, input.op.Account, input.op.Target.Ref)
	if err != nil && !notFound(err) {
		return evaluation{}, err
	}
	eval := evaluation{principal: current, result: input.calls[0], target: input.op.Target, facts: factsOf(current)}
	switch isGone := notFound(err); {
	case isGone:
		eval.result, eval.confirmed, eval.note = audit.Applied, true, goneNote(input.op.Target)
		eval.certain = input.calls[0] == audit.Applied
	default:
		eval.setAbsent(input, "the "+string(input.op.Target.Kind)+" still exists", "delete it")
	}
	return eval, nil
}
