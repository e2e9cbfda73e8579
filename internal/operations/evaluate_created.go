package operations

import (
	"context"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
)

// evaluateCreatedSubuser reads the subuser: by id when the answer named one, otherwise by its login and the tag.
func (s *Service) evaluateCreatedSubuser(ctx context.Context, input evaluationInput) (evaluation, error) {
	if input.op.Target.ID != "" && input.calls[0] == audit.Applied {
		eval, err := s.evaluateCreatedByID(ctx, input)
		if err != nil || !eval.contradicted || !input.deadlinePassed {
			return eval, err
		}
	}
	eval := evaluation{
		result: audit.Unknown,
		target: input.op.Target,
		note:   "No subuser with this login was found. Voximplant may still create it.",
	}
	search, err := s.Directory.Find(ctx, input.op.Account, access.Subuser, input.op.Target.Name, input.op.Tag)
	found := search.Principal
	switch {
	case err != nil:
		return evaluation{}, err
	case search.Found && input.op.Tag != "" && found.Tag == input.op.Tag:
		eval = eval.created(found)
		eval.note = "The subuser exists and carries the tag of this operation."
	case search.Found && found.ID == input.op.Target.FormerID:
		eval.note = "The list still contains the former subuser, so nothing can be concluded."
	case search.Found && input.op.Tag != "" && found.Tag != "" && input.deadlinePassed:
		eval.result = audit.NotApplied
		eval.note = "A subuser with this login exists, but it carries the tag of another operation."
	case search.Found:
		eval.note = "A subuser with this login exists, but nothing proves that this operation created it."
	case !search.Complete:
		eval.note = "The list of subusers could not be read in full, so nothing can be concluded."
	case input.deadlinePassed:
		return s.evaluateAbsent(ctx, input, eval, "no subuser has this login")
	}
	return eval, nil
}

// evaluateCreatedKey reads the key: by id when the answer named one, otherwise by the tag. Names are not unique, so a
// key with the same name proves nothing.
func (s *Service) evaluateCreatedKey(ctx context.Context, input evaluationInput) (evaluation, error) {
	if input.op.Target.ID != "" && input.calls[0] == audit.Applied {
		eval, err := s.evaluateCreatedByID(ctx, input)
		if err != nil || !eval.contradicted || !input.deadlinePassed {
			return eval, err
		}
	}
	eval := evaluation{
		result: audit.Unknown,
		target: input.op.Target,
		note:   "The key was not found. Voximplant may still create it.",
	}
	search, err := s.Directory.Find(ctx, input.op.Account, access.Key, input.intent.Name, input.op.Tag)
	switch {
	case err != nil:
		return evaluation{}, err
	case search.Found && input.op.Tag != "" && search.Principal.Tag == input.op.Tag:
		eval = eval.created(search.Principal)
		eval.note = "The key exists and carries the tag of this operation. Its private key was lost with the answer. " +
			"Delete the key and create it again."
	case !search.Complete:
		eval.note = "The list of keys could not be read in full, so nothing can be concluded."
	case input.op.Tag == "" && len(search.SameName) > 0:
		eval.note = "A key with this name exists, but nothing proves that this operation created it."
	case input.deadlinePassed:
		return s.evaluateAbsent(ctx, input, eval, "no such key exists")
	}
	return eval, nil
}

// created returns the evaluation with the proof that the operation created a principal.
func (e evaluation) created(p access.Principal) evaluation {
	e.principal, e.target.ID, e.facts = p, p.ID, factsOf(p)
	e.result, e.confirmed, e.certain = audit.Applied, true, true
	return e
}

// evaluateAbsent concludes that nothing was created, unless a later operation deleted a principal with the same name:
// that may be what this one had created. found is the first half of the note.
func (s *Service) evaluateAbsent(
	ctx context.Context,
	input evaluationInput,
	eval evaluation,
	found string,
) (evaluation, error) {
	deletedLater, err := s.AuditLog.HasLaterDeletion(ctx, input.op, DeletingActions()...)
	switch {
	case err != nil:
		return evaluation{}, err
	case deletedLater:
		eval.note = strings.ToUpper(found[:1]) + found[1:] +
			", but a later operation deleted one with this name, so nothing can be concluded."
	default:
		eval.setAbsent(input, found, "create it")
	}
	return eval, nil
}

// evaluateCreatedByID reads what a creation reported with an id.
func (s *Service) evaluateCreatedByID(ctx context.Context, input evaluationInput) (evaluation, error) {
	eval := evaluation{result: audit.Applied, certain: true, target: input.op.Target, facts: factsOf(access.Principal{})}
	current, err := s.Directory.ByID(ctx, input.op.Account, input.op.Target.Ref)
	if notFound(err) {
		eval.setAbsent(input, "the "+string(input.op.Target.Kind)+" does not exist now", "create it")
		eval.certain = false
		return eval, nil
	}
	if err != nil {
		return evaluation{}, err
	}
	if !isCreated(input.op, current) {
		eval.result, eval.target.ID, eval.wrongTarget = audit.Unknown, "", true
		eval.note = "The id in Voximplant's answer belongs to " + current.Name +
			", which this operation did not ask for."
		return eval, nil
	}
	wanted := effect{grant: idsOf(input.intent.Grant)}
	eval.principal, eval.facts = current, factsOf(current)
	eval.confirmed = wanted.evidenceIn(s.newRoleReading(ctx, input.op.Account, current)) == present
	eval.note = "It exists and has the requested roles."
	if !eval.confirmed {
		eval.note = "It exists, but it does not have all requested roles."
	}
	return eval, nil
}

// isCreated reports whether a principal is what an operation created: by its name, or by the tag when the vendor
// changed the name. Logins are compared without case.
func isCreated(op audit.Operation, p access.Principal) bool {
	sameName := p.Name == op.Target.Name || p.Kind == access.Subuser && strings.EqualFold(p.Name, op.Target.Name)
	return sameName || op.Tag != "" && p.Tag == op.Tag
}

// evaluateReissue checks whether the former subuser is gone, and whether the new one exists.
func (s *Service) evaluateReissue(ctx context.Context, input evaluationInput) (evaluation, error) {
	deletion, creation := input, input
	if former := &deletion.op.Target; former.FormerID != "" {
		former.ID, former.FormerID = former.FormerID, ""
	}
	deletion.calls = input.calls[:1]
	deleted, err := s.evaluateDeletion(ctx, deletion)
	if err != nil {
		return evaluation{}, err
	}
	if deleted.result != audit.Applied {
		deleted.target = input.op.Target
		if len(input.calls) > 1 && input.calls[1] == audit.Applied {
			deleted.result = audit.Unknown // a new subuser with the login of one that still exists
		}
		return deleted, nil // the creation follows only a deletion that was applied
	}
	eval := evaluation{
		result:    audit.PartlyApplied,
		confirmed: deleted.confirmed,
		target:    input.op.Target,
		facts:     deleted.facts,
		note:      "The subuser was deleted and not created again.",
	}
	if len(input.calls) < 2 || input.calls[1] != audit.Applied && input.calls[1] != audit.Unknown {
		return eval, nil
	}
	creation.calls = input.calls[1:]
	creation.op.Target.FormerID = deletion.op.Target.ID
	if input.calls[1] == audit.Unknown {
		creation.op.Target.ID = ""
	}
	if !deleted.confirmed && input.calls[1] == audit.Unknown {
		deleted.result, deleted.target = audit.Unknown, input.op.Target
		return deleted, nil // while the former subuser is still listed, the search by login would find it
	}
	created, err := s.evaluateCreatedSubuser(ctx, creation)
	if err != nil {
		return evaluation{}, err
	}
	switch created.result {
	case audit.NotApplied:
		return eval, nil
	case audit.Applied:
		created.confirmed, created.certain = created.confirmed && deleted.confirmed, created.certain && deleted.confirmed
	default:
		created.target, created.confirmed = deletion.op.Target, false
	}
	return created, nil
}
