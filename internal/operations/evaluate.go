package operations

import (
	"context"
	"encoding/json"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// evaluation is what one look at the vendor says about an operation.
type evaluation struct {
	principal   principal    // what was read, if anything was
	result      audit.Result // Unknown: it proves nothing yet
	confirmed   bool         // the effects were seen
	certain     bool         // one look is enough; else a second one must agree
	wrongTarget bool         // the answer named something that is not what was asked for: it cannot be believed
	target      audit.Target
	note        string
	facts       json.RawMessage
}

// found says whether the look found somebody.
func (e evaluation) found() bool { return e.principal.exists() }

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

// evaluateRoleChange looks at the roles that the target holds.
func (s *Service) evaluateRoleChange(ctx context.Context, input evaluationInput) (evaluation, error) {
	current, err := s.readTarget(ctx, input.op.Account, input.op.Target)
	if notFound(err) {
		return evaluateMissingTarget(input), nil
	}
	if err != nil {
		return evaluation{}, err
	}
	reading := s.newRoleReading(ctx, input.op.Account, current)
	eval := evaluateRoles(input.calls, input.intent.effects(), reading, input.deadlinePassed)
	note := rolesNote(eval)
	revoked := effect{revoke: idsOf(input.intent.Revoke)}.evidenceIn(reading) == present
	if input.descriptor.RevokesFromKeys && eval.confirmed && revoked {
		if eval.confirmed, err = s.keysLostRoles(ctx, input); err != nil {
			return evaluation{}, err
		}
		if !eval.confirmed {
			note = "The roles that were to be taken are gone from the subuser, but a key of theirs still holds one of them."
		}
		if !eval.confirmed && input.calls[0] == audit.Unknown {
			eval.result = audit.Unknown // it is carried out as a whole: half of it is no sign of it
		}
	}
	return evaluation{
		principal: current,
		result:    eval.result,
		confirmed: eval.confirmed,
		certain:   eval.result == audit.Applied && eval.confirmed,
		target:    input.op.Target,
		facts:     current.facts(),
		note:      note,
	}, nil
}

// keysLostRoles says whether the keys that were known to be the subuser's have lost the roles that were taken by force.
func (s *Service) keysLostRoles(ctx context.Context, input evaluationInput) (bool, error) {
	revocation := effect{revoke: idsOf(input.intent.Revoke)}
	for _, key := range input.intent.Keys {
		current, err := s.readTarget(ctx, input.op.Account, audit.Target{Ref: access.Ref{Kind: access.Key, ID: key.ID}})
		if err != nil && !notFound(err) {
			return false, err
		}
		if err == nil && revocation.evidenceIn(s.newRoleReading(ctx, input.op.Account, current)) != present {
			return false, nil
		}
	}
	return true, nil
}

// newRoleReading puts beside what somebody holds what is known of how to read that.
func (s *Service) newRoleReading(ctx context.Context, account int64, p principal) roleReading {
	r := roleReading{
		catalogue:        s.Directory.Catalogue(ctx, account),
		listsParentRoles: s.Directory.ListsParentRoles(account),
	}
	for _, role := range p.roles() {
		r.roleIDs = append(r.roleIDs, role.ID)
		if role.Direct {
			r.directIDs = append(r.directIDs, role.ID)
		}
	}
	return r
}

// rolesNote says in a sentence what the reading showed.
func rolesNote(eval rolesEvaluation) string {
	switch {
	case eval.result == audit.Applied && eval.confirmed:
		return "The roles that were asked for hold."
	case eval.result == audit.Applied:
		return "The vendor answered that it was done, but the roles that were asked for do not hold now."
	case eval.result == audit.PartlyApplied:
		return "A part of what was asked for holds, the rest does not."
	case eval.result == audit.Unknown:
		return "What was asked for does not hold at the moment; the vendor may still do it."
	default:
		return "The waiting time is over, and what was asked for does not hold."
	}
}

// evaluateMissingTarget handles a change of something that no longer exists. What the vendor answered still counts; a
// call whose answer was lost leaves no trace to read, so only a person can settle that.
func evaluateMissingTarget(input evaluationInput) evaluation {
	eval := evaluation{
		result: combineResults(input.calls, input.descriptor.plannedCalls(input.intent)),
		target: input.op.Target,
		note:   goneNote(input.op.Target),
		facts:  principal{}.facts(),
	}
	if !input.deadlinePassed {
		eval.result = audit.Unknown // the reading may be older than the target
	}
	return eval
}

// goneNote says that a target is no more.
func goneNote(t audit.Target) string {
	if t.Kind == access.Key {
		return "The key no longer exists."
	}
	return "The subuser no longer exists."
}

// evaluateTexts looks at the name and the description.
func (s *Service) evaluateTexts(ctx context.Context, input evaluationInput) (evaluation, error) {
	current, err := s.readTarget(ctx, input.op.Account, input.op.Target)
	if notFound(err) {
		return evaluateMissingTarget(input), nil
	}
	if err != nil {
		return evaluation{}, err
	}
	eval := evaluation{principal: current, result: input.calls[0], target: input.op.Target, facts: current.facts()}
	wanted := Texts{Name: input.intent.Name, Description: input.intent.Description}
	switch texts := current.texts(); {
	case texts.same(wanted):
		eval.result = audit.Applied
		eval.confirmed = true
		eval.certain = true
		eval.note = "The text that was asked for is there."
	case input.calls[0] == audit.Applied:
		eval.note = "The vendor answered that it was done, but another text is there now."
	case input.intent.OldTexts == nil || !texts.same(*input.intent.OldTexts):
		eval.note = "Neither the former text nor the one that was asked for is there: somebody else has changed it, so " +
			"nothing can be concluded."
	case input.deadlinePassed:
		eval.result, eval.note = audit.NotApplied, "The waiting time is over, and the former text is still there."
	default:
		eval.note = "The former text is still there; the vendor may still change it."
	}
	return eval, nil
}

// evaluatePassword says that there is nothing to look at.
func (s *Service) evaluatePassword(_ context.Context, input evaluationInput) (evaluation, error) {
	return evaluation{
		result: input.calls[0],
		target: input.op.Target,
		note:   "A password cannot be read. Ask the subuser which one works, then settle this by hand.",
	}, nil
}

// evaluateDeletion looks whether the target is gone.
func (s *Service) evaluateDeletion(ctx context.Context, input evaluationInput) (evaluation, error) {
	current, err := s.readTarget(ctx, input.op.Account, input.op.Target)
	if err != nil && !notFound(err) {
		return evaluation{}, err
	}
	eval := evaluation{principal: current, result: input.calls[0], target: input.op.Target, facts: current.facts()}
	switch isGone := notFound(err); {
	case isGone:
		eval.result, eval.confirmed, eval.note = audit.Applied, true, goneNote(input.op.Target)
		eval.certain = input.calls[0] == audit.Applied
	case input.calls[0] == audit.Applied:
		eval.note = "The vendor answered that it was deleted, but it is still there."
	case input.deadlinePassed:
		eval.result, eval.note = audit.NotApplied, "The waiting time is over, and it is still there."
	default:
		eval.note = "It is still there; the vendor may still delete it."
	}
	return eval, nil
}

// subuserEvaluation shows a subuser in a verdict.
func subuserEvaluation(eval evaluation, found directory.Subuser) evaluation {
	eval.principal = principal{subuser: &found}
	eval.facts, eval.target.ID = eval.principal.facts(), formatID(found.ID)
	return eval
}
