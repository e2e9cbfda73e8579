package operations

import (
	"context"
	"strings"

	"github.com/voxwarden/voxwarden/internal/audit"
)

// evaluateCreatedSubuser looks for the subuser: by id when the answer gave one, else by its login and the mark.
func (s *Service) evaluateCreatedSubuser(ctx context.Context, input evaluationInput) (evaluation, error) {
	if input.op.Target.ID != "" && input.calls[0] == audit.Applied {
		return s.evaluateCreatedByID(ctx, input)
	}
	eval := evaluation{
		result: audit.Unknown,
		target: input.op.Target,
		note:   "No subuser with this login was seen; the vendor may still create it.",
	}
	found, ok, complete, err := s.Directory.FindSubuser(ctx, input.op.Account, input.op.Target.Name, input.op.Tag)
	switch {
	case err != nil:
		return evaluation{}, err
	case ok && input.op.Tag != "" && found.Tag == input.op.Tag:
		eval = subuserEvaluation(eval, found)
		eval.result, eval.confirmed, eval.certain = audit.Applied, true, true
		eval.note = "The subuser exists and carries this operation's mark."
	case ok && formatID(found.ID) == input.op.Target.FormerID:
		eval.note = "The list still shows the former subuser, so nothing can be concluded."
	case ok && input.op.Tag != "" && found.Tag != "" && input.deadlinePassed:
		eval.result = audit.NotApplied
		eval.note = "A subuser with this login exists, but it carries the mark of another operation."
	case ok:
		eval.note = "A subuser with this login exists, but nothing proves that this operation created it."
	case !complete:
		eval.note = "The list of subusers could not be read in full, so nothing can be concluded."
	case input.deadlinePassed:
		deletedLater, err := s.AuditLog.HasLaterDeletion(ctx, input.op, DeletingActions()...)
		if err != nil {
			return evaluation{}, err
		}
		if deletedLater {
			eval.note = "No subuser has this login, but another operation has deleted one of this login since, so nothing can " +
				"be concluded."
			break
		}
		eval.result = audit.NotApplied
		eval.note = "The waiting time is over, and no subuser has this login."
	}
	return eval, nil
}

// evaluateCreatedKey looks for the key: by id when the answer gave one, else by the mark. Names are not unique, so that
// a key of the same name proves nothing.
func (s *Service) evaluateCreatedKey(ctx context.Context, input evaluationInput) (evaluation, error) {
	if input.op.Target.ID != "" && input.calls[0] == audit.Applied {
		return s.evaluateCreatedByID(ctx, input)
	}
	eval := evaluation{
		result: audit.Unknown,
		target: input.op.Target,
		note:   "The key was not seen; the vendor may still create it.",
	}
	found, ok, named, complete, err := s.Directory.FindKey(ctx, input.op.Account, input.op.Tag, input.intent.Name)
	switch {
	case err != nil:
		return evaluation{}, err
	case ok:
		eval.principal = principal{key: &found}
		eval.facts, eval.target.ID = eval.principal.facts(), found.ID
		eval.result, eval.confirmed, eval.certain = audit.Applied, true, true
		eval.note = "The key exists and carries this operation's mark. Its private key was lost with the answer: " +
			"delete the " +
			"key and create it again."
	case !complete:
		eval.note = "The list of keys could not be read in full, so nothing can be concluded."
	case input.op.Tag == "" && len(named) > 0:
		eval.note = "A key with this name exists, but nothing proves that this operation created it."
	case input.deadlinePassed:
		deletedLater, err := s.AuditLog.HasLaterDeletion(ctx, input.op, DeletingActions()...)
		if err != nil {
			return evaluation{}, err
		}
		if deletedLater {
			eval.note = "No such key exists, but another operation has deleted one of this name since, so nothing can be " +
				"concluded."
			break
		}
		eval.result = audit.NotApplied
		eval.note = "The waiting time is over, and no such key exists."
	}
	return eval, nil
}

// evaluateCreatedByID confirms a creation that was answered with an id.
func (s *Service) evaluateCreatedByID(ctx context.Context, input evaluationInput) (evaluation, error) {
	eval := evaluation{result: audit.Applied, certain: true, target: input.op.Target, facts: principal{}.facts()}
	current, err := s.readTarget(ctx, input.op.Account, input.op.Target)
	if notFound(err) {
		eval.note = "The vendor answered that it was created, but it does not exist now."
		return eval, nil
	}
	if err != nil {
		return evaluation{}, err
	}
	if name, same := matchesOperation(input.op, current); !same {
		eval.result, eval.target.ID, eval.wrongTarget = audit.Unknown, "", true
		eval.note = "The id that the vendor answered belongs to " + name + ", which is not what this operation asked for."
		return eval, nil
	}
	wanted := effect{grant: idsOf(input.intent.Grant)}
	eval.principal, eval.facts = current, current.facts()
	eval.confirmed = wanted.evidenceIn(s.newRoleReading(ctx, input.op.Account, current)) == present
	eval.note = "It exists with the roles that were asked for."
	if !eval.confirmed {
		eval.note = "It exists, but it does not hold all the roles that were asked for."
	}
	return eval, nil
}

// matchesOperation says whether something is what a creation was for: by its name, or by the mark when the vendor has
// made something else of the name. It answers the name too.
func matchesOperation(op audit.Operation, p principal) (string, bool) {
	if p.key != nil {
		return p.key.Name, p.key.Name == op.Target.Name || op.Tag != "" && p.key.Tag == op.Tag
	}
	return p.subuser.Login, strings.EqualFold(p.subuser.Login, op.Target.Name) ||
		op.Tag != "" && p.subuser.Tag == op.Tag
}

// evaluateReissue looks whether the former subuser is gone, and whether the new one is there.
func (s *Service) evaluateReissue(ctx context.Context, input evaluationInput) (evaluation, error) {
	former := input.op.Target
	if former.FormerID != "" {
		former.ID, former.FormerID = former.FormerID, ""
	}
	deleted, err := s.evaluateDeletion(
		ctx,
		evaluationInput{
			op:             withTarget(input.op, former),
			descriptor:     input.descriptor,
			intent:         input.intent,
			calls:          input.calls[:1],
			deadlinePassed: input.deadlinePassed,
		},
	)
	if err != nil {
		return evaluation{}, err
	}
	if deleted.result != audit.Applied {
		deleted.target = input.op.Target
		return deleted, nil // what was not deleted was not created again
	}
	eval := evaluation{
		result:    audit.PartlyApplied,
		confirmed: deleted.confirmed,
		target:    input.op.Target,
		facts:     deleted.facts,
		note:      "The former subuser is gone, and nobody has the login: it was not created again.",
	}
	if len(input.calls) < 2 || input.calls[1] != audit.Applied && input.calls[1] != audit.Unknown {
		return eval, nil
	}
	creation := input.op
	creation.Target.FormerID = former.ID
	if input.calls[1] == audit.Unknown {
		creation.Target.ID = ""
	}
	if !deleted.confirmed && input.calls[1] == audit.Unknown {
		deleted.result, deleted.target = audit.Unknown, input.op.Target
		return deleted, nil // while the former one is shown, a look for the new one finds that
	}
	created, err := s.evaluateCreatedSubuser(ctx, evaluationInput{
		op:             creation,
		descriptor:     input.descriptor,
		intent:         input.intent,
		calls:          input.calls[1:],
		deadlinePassed: input.deadlinePassed,
	})
	if err != nil {
		return evaluation{}, err
	}
	switch created.result {
	case audit.NotApplied:
		return eval, nil
	case audit.Applied:
		created.confirmed, created.certain = created.confirmed && deleted.confirmed, created.certain && deleted.confirmed
	default:
		created.target, created.confirmed = former, false
	}
	return created, nil
}

// withTarget is an operation on another target.
func withTarget(op audit.Operation, t audit.Target) audit.Operation {
	op.Target = t
	return op
}
