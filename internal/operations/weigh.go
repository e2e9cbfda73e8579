package operations

import (
	"context"
	"encoding/json"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// verdict is what one look at the vendor says about an operation.
type verdict struct {
	holder    holder       // what was read, if anything was
	result    audit.Result // Unknown: it proves nothing yet
	confirmed bool         // the effects were seen
	certain   bool         // one look is enough; else a second one must agree
	mistaken  bool         // the answer named something that is not what was asked for: it cannot be believed
	target    audit.Target
	note      string
	facts     json.RawMessage
}

// found says whether the look found somebody.
func (v verdict) found() bool { return v.holder.exists() }

// weigh takes one look at the vendor. late says that the time for a late commit is over. It fails when the vendor
// cannot be read.
func (s *Service) weigh(ctx context.Context, op audit.Operation, calls []audit.Result, late bool) (verdict, error) {
	intent, err := ReadIntent(op)
	if err != nil {
		return verdict{}, err
	}
	return kindOf(op.Action).weigh(s, ctx, look{op: op, intent: intent, calls: calls, late: late})
}

// weighRoles looks at the roles that the target holds.
func (s *Service) weighRoles(ctx context.Context, l look) (verdict, error) {
	now, err := s.read(ctx, l.op.Account, l.op.Target)
	if notFound(err) {
		return weighGone(l), nil
	}
	if err != nil {
		return verdict{}, err
	}
	seen := s.reading(ctx, l.op.Account, now)
	j := judge(l.calls, l.intent.effects(), seen, l.late)
	note := rolesNote(j)
	taken := effect{revoke: idsOf(l.intent.Revoke)}.look(seen) == shown
	if l.op.Action == audit.ForceSubuserRoles && j.shown && taken {
		if j.shown, err = s.stripped(ctx, l); err != nil {
			return verdict{}, err
		}
		if !j.shown {
			note = "The roles that were to be taken are gone from the subuser, but a key of theirs still holds one of them."
		}
		if !j.shown && l.calls[0] == audit.Unknown {
			j.result = audit.Unknown // it is carried out as a whole: half of it is no sign of it
		}
	}
	return verdict{
		holder: now, result: j.result, confirmed: j.shown, certain: j.result == audit.Applied && j.shown, target: l.op.Target,
		facts: now.facts(), note: note,
	}, nil
}

// stripped says whether the keys that were known to be the subuser's have lost the roles that were taken by force.
func (s *Service) stripped(ctx context.Context, l look) (bool, error) {
	gone := effect{revoke: idsOf(l.intent.Revoke)}
	for _, key := range l.intent.Keys {
		now, err := s.read(ctx, l.op.Account, audit.Target{Kind: audit.KeyTarget, ID: key.ID})
		if err != nil && !notFound(err) {
			return false, err
		}
		if err == nil && gone.look(s.reading(ctx, l.op.Account, now)) != shown {
			return false, nil
		}
	}
	return true, nil
}

// reading puts beside what somebody holds what is known of how to read that.
func (s *Service) reading(ctx context.Context, account int64, now holder) reading {
	r := reading{catalogue: s.Directory.Catalogue(ctx, account), listsContainers: s.Directory.ListsParentRoles(account)}
	for _, role := range now.roles() {
		r.held = append(r.held, role.ID)
		if role.Direct {
			r.direct = append(r.direct, role.ID)
		}
	}
	return r
}

// rolesNote says in a sentence what the reading showed.
func rolesNote(j judgement) string {
	switch {
	case j.result == audit.Applied && j.shown:
		return "The roles that were asked for hold."
	case j.result == audit.Applied:
		return "The vendor answered that it was done, but the roles that were asked for do not hold now."
	case j.result == audit.PartlyApplied:
		return "A part of what was asked for holds, the rest does not."
	case j.result == audit.Unknown:
		return "What was asked for does not hold at the moment; the vendor may still do it."
	default:
		return "The waiting time is over, and what was asked for does not hold."
	}
}

// weighGone handles a change of something that no longer exists. What the vendor answered still counts; a call whose
// answer was lost leaves no trace to read, so only a person can settle that.
func weighGone(l look) verdict {
	v := verdict{
		result: fold(l.calls, kindOf(l.op.Action).calls(l.intent)),
		target: l.op.Target,
		note:   gone(l.op.Target),
		facts:  holder{}.facts(),
	}
	if !l.late {
		v.result = audit.Unknown // the reading may be older than the target
	}
	return v
}

// gone says that a target is no more.
func gone(t audit.Target) string {
	if t.Kind == audit.KeyTarget {
		return "The key no longer exists."
	}
	return "The subuser no longer exists."
}

// weighTexts looks at the name and the description.
func (s *Service) weighTexts(ctx context.Context, l look) (verdict, error) {
	now, err := s.read(ctx, l.op.Account, l.op.Target)
	if notFound(err) {
		return weighGone(l), nil
	}
	if err != nil {
		return verdict{}, err
	}
	v := verdict{holder: now, result: l.calls[0], target: l.op.Target, facts: now.facts()}
	wanted := Texts{Name: l.intent.Name, Description: l.intent.Description}
	switch seen := now.texts(); {
	case seen.same(wanted):
		v.result, v.confirmed, v.certain, v.note = audit.Applied, true, true, "The text that was asked for is there."
	case l.calls[0] == audit.Applied:
		v.note = "The vendor answered that it was done, but another text is there now."
	case l.intent.Was == nil || !seen.same(*l.intent.Was):
		v.note = "Neither the former text nor the one that was asked for is there: somebody else has changed it, so " +
			"nothing can be concluded."
	case l.late:
		v.result, v.note = audit.NotApplied, "The waiting time is over, and the former text is still there."
	default:
		v.note = "The former text is still there; the vendor may still change it."
	}
	return v, nil
}

// weighPassword says that there is nothing to look at.
func (s *Service) weighPassword(_ context.Context, l look) (verdict, error) {
	return verdict{
		result: l.calls[0],
		target: l.op.Target,
		note:   "A password cannot be read. Ask the subuser which one works, then settle this by hand.",
	}, nil
}

// weighDeleted looks whether the target is gone.
func (s *Service) weighDeleted(ctx context.Context, l look) (verdict, error) {
	now, err := s.read(ctx, l.op.Account, l.op.Target)
	if err != nil && !notFound(err) {
		return verdict{}, err
	}
	v := verdict{holder: now, result: l.calls[0], target: l.op.Target, facts: now.facts()}
	switch isGone := notFound(err); {
	case isGone:
		v.result, v.confirmed, v.note = audit.Applied, true, gone(l.op.Target)
		v.certain = l.calls[0] == audit.Applied
	case l.calls[0] == audit.Applied:
		v.note = "The vendor answered that it was deleted, but it is still there."
	case l.late:
		v.result, v.note = audit.NotApplied, "The waiting time is over, and it is still there."
	default:
		v.note = "It is still there; the vendor may still delete it."
	}
	return v, nil
}

// subuserVerdict shows a subuser in a verdict.
func subuserVerdict(v verdict, found directory.Subuser) verdict {
	v.holder = holder{subuser: &found}
	v.facts, v.target.ID = v.holder.facts(), formatID(found.ID)
	return v
}
