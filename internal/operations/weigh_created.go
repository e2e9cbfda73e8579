package operations

import (
	"context"
	"strings"

	"github.com/voxwarden/voxwarden/internal/audit"
)

// weighCreatedSubuser looks for the subuser: by id when the answer gave one, else by its login and the mark.
func (s *Service) weighCreatedSubuser(ctx context.Context, l look) (verdict, error) {
	if l.op.Target.ID != "" && l.calls[0] == audit.Applied {
		return s.weighByID(ctx, l)
	}
	v := verdict{
		result: audit.Unknown,
		target: l.op.Target,
		note:   "No subuser with this login was seen; the vendor may still create it.",
	}
	found, ok, complete, err := s.Directory.FindSubuser(ctx, l.op.Account, l.op.Target.Name, l.op.Tag)
	switch {
	case err != nil:
		return verdict{}, err
	case ok && l.op.Tag != "" && found.Tag == l.op.Tag:
		v = subuserVerdict(v, found)
		v.result, v.confirmed, v.certain = audit.Applied, true, true
		v.note = "The subuser exists and carries this operation's mark."
	case ok && formatID(found.ID) == l.op.Target.FormerID:
		v.note = "The list still shows the former subuser, so nothing can be concluded."
	case ok && l.op.Tag != "" && found.Tag != "" && l.late:
		v.result = audit.NotApplied
		v.note = "A subuser with this login exists, but it carries the mark of another operation."
	case ok:
		v.note = "A subuser with this login exists, but nothing proves that this operation created it."
	case !complete:
		v.note = "The list of subusers could not be read in full, so nothing can be concluded."
	case l.late:
		taken, err := s.Record.HasLaterDeletion(ctx, l.op)
		if err != nil {
			return verdict{}, err
		}
		if taken {
			v.note = "No subuser has this login, but another operation has deleted one of this login since, so nothing can " +
				"be concluded."
			break
		}
		v.result = audit.NotApplied
		v.note = "The waiting time is over, and no subuser has this login."
	}
	return v, nil
}

// weighCreatedKey looks for the key: by id when the answer gave one, else by the mark. Names are not unique, so that
// a key of the same name proves nothing.
func (s *Service) weighCreatedKey(ctx context.Context, l look) (verdict, error) {
	if l.op.Target.ID != "" && l.calls[0] == audit.Applied {
		return s.weighByID(ctx, l)
	}
	v := verdict{result: audit.Unknown, target: l.op.Target, note: "The key was not seen; the vendor may still create it."}
	found, ok, named, complete, err := s.Directory.FindKey(ctx, l.op.Account, l.op.Tag, l.intent.Name)
	switch {
	case err != nil:
		return verdict{}, err
	case ok:
		v.holder = holder{key: &found}
		v.facts, v.target.ID = v.holder.facts(), found.ID
		v.result, v.confirmed, v.certain = audit.Applied, true, true
		v.note = "The key exists and carries this operation's mark. Its private key was lost with the answer: delete the " +
			"key and create it again."
	case !complete:
		v.note = "The list of keys could not be read in full, so nothing can be concluded."
	case l.op.Tag == "" && len(named) > 0:
		v.note = "A key with this name exists, but nothing proves that this operation created it."
	case l.late:
		taken, err := s.Record.HasLaterDeletion(ctx, l.op)
		if err != nil {
			return verdict{}, err
		}
		if taken {
			v.note = "No such key exists, but another operation has deleted one of this name since, so nothing can be concluded."
			break
		}
		v.result = audit.NotApplied
		v.note = "The waiting time is over, and no such key exists."
	}
	return v, nil
}

// weighByID confirms a creation that was answered with an id.
func (s *Service) weighByID(ctx context.Context, l look) (verdict, error) {
	v := verdict{result: audit.Applied, certain: true, target: l.op.Target, facts: holder{}.facts()}
	now, err := s.read(ctx, l.op.Account, l.op.Target)
	if notFound(err) {
		v.note = "The vendor answered that it was created, but it does not exist now."
		return v, nil
	}
	if err != nil {
		return verdict{}, err
	}
	if name, same := ours(l.op, now); !same {
		v.result, v.target.ID, v.mistaken = audit.Unknown, "", true
		v.note = "The id that the vendor answered belongs to " + name + ", which is not what this operation asked for."
		return v, nil
	}
	wanted := effect{grant: idsOf(l.intent.Grant)}
	v.holder, v.facts = now, now.facts()
	v.confirmed = wanted.look(s.reading(ctx, l.op.Account, now)) == shown
	v.note = "It exists with the roles that were asked for."
	if !v.confirmed {
		v.note = "It exists, but it does not hold all the roles that were asked for."
	}
	return v, nil
}

// ours says whether something is what a creation was for: by its name, or by the mark when the vendor has made
// something else of the name. It answers the name too.
func ours(op audit.Operation, h holder) (string, bool) {
	if h.key != nil {
		return h.key.Name, h.key.Name == op.Target.Name || op.Tag != "" && h.key.Tag == op.Tag
	}
	return h.subuser.Login, strings.EqualFold(h.subuser.Login, op.Target.Name) ||
		op.Tag != "" && h.subuser.Tag == op.Tag
}

// weighReissued looks whether the former subuser is gone, and whether the new one is there.
func (s *Service) weighReissued(ctx context.Context, l look) (verdict, error) {
	former := l.op.Target
	if former.FormerID != "" {
		former.ID, former.FormerID = former.FormerID, ""
	}
	deleted, err := s.weighDeleted(
		ctx,
		look{op: withTarget(l.op, former), intent: l.intent, calls: l.calls[:1], late: l.late},
	)
	if err != nil {
		return verdict{}, err
	}
	if deleted.result != audit.Applied {
		deleted.target = l.op.Target
		return deleted, nil // what was not deleted was not created again
	}
	v := verdict{
		result:    audit.PartlyApplied,
		confirmed: deleted.confirmed,
		target:    l.op.Target,
		facts:     deleted.facts,
		note:      "The former subuser is gone, and nobody has the login: it was not created again.",
	}
	if len(l.calls) < 2 || l.calls[1] != audit.Applied && l.calls[1] != audit.Unknown {
		return v, nil
	}
	made := l.op
	made.Target.FormerID = former.ID
	if l.calls[1] == audit.Unknown {
		made.Target.ID = ""
	}
	if !deleted.confirmed && l.calls[1] == audit.Unknown {
		deleted.result, deleted.target = audit.Unknown, l.op.Target
		return deleted, nil // while the former one is shown, a look for the new one finds that
	}
	created, err := s.weighCreatedSubuser(ctx, look{op: made, intent: l.intent, calls: l.calls[1:], late: l.late})
	if err != nil {
		return verdict{}, err
	}
	switch created.result {
	case audit.NotApplied:
		return v, nil
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
