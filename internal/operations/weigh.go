package operations

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// verdict is what one look at the vendor says about an operation.
type verdict struct {
	result    audit.Result // Unknown: it proves nothing yet
	confirmed bool         // the effects were seen
	certain   bool         // one look is enough; else a second one must agree
	target    audit.Target
	note      string
	facts     json.RawMessage
}

// weigh takes one look. late says that the time for a late commit is over.
func (s *Service) weigh(ctx context.Context, op audit.Operation, calls []audit.Result, late bool) (verdict, error) {
	if op.Action == audit.CreateSubuser {
		return s.weighCreate(ctx, op, calls, late)
	}
	return s.weighRoles(ctx, op, calls, late)
}

// weighRoles looks at the roles that the subuser holds.
func (s *Service) weighRoles(ctx context.Context, op audit.Operation, calls []audit.Result, late bool) (verdict, error) {
	intent, err := ReadIntent(op)
	if err != nil {
		return verdict{}, err
	}
	now, err := s.Directory.SubuserByID(ctx, op.Account, parseID(op.Target.ID))
	if errors.Is(err, directory.ErrNotFound) {
		return s.weighGone(op, calls, intent, late), nil
	}
	if err != nil {
		return verdict{}, err
	}
	j := judge(calls, intent.effects(), s.reading(op.Account, now, s.Directory.Catalogue(ctx, op.Account)), late)
	v := verdict{result: j.result, confirmed: j.shown, certain: j.result == audit.Applied, target: op.Target, facts: factsOf(now)}
	v.note = rolesNote(j)
	return v, nil
}

// reading puts beside what a subuser holds what is known of how to read that.
func (s *Service) reading(account int64, now directory.Subuser, c directory.Catalogue) reading {
	return reading{subuser: now, catalogue: c, listsContainers: s.Directory.ListsContainers(account)}
}

// rolesNote says in a sentence what the reading showed.
func rolesNote(j judgement) string {
	switch {
	case j.result == audit.Applied && j.shown:
		return "The roles that were asked for hold."
	case j.result == audit.Applied:
		return "The vendor answered that it was done, but the roles that were asked for do not hold now."
	case j.result == audit.Partly:
		return "A part of what was asked for holds, the rest does not."
	case j.result == audit.Unknown:
		return "What was asked for does not hold at the moment; the vendor may still do it."
	default:
		return "The waiting time is over, and what was asked for does not hold."
	}
}

// weighGone handles a subuser that no longer exists. What the vendor answered still counts; a call whose
// answer was lost leaves no trace to read, so only a person can settle that.
func (s *Service) weighGone(op audit.Operation, calls []audit.Result, intent Intent, late bool) verdict {
	v := verdict{result: fold(calls, len(intent.effects())), target: op.Target, note: "The subuser no longer exists."}
	if !late {
		v.result = audit.Unknown // the reading may be older than the subuser
	}
	return v
}

// weighCreate looks for the subuser: by id when the answer gave one, else by its login and the mark.
func (s *Service) weighCreate(ctx context.Context, op audit.Operation, calls []audit.Result, late bool) (verdict, error) {
	v := verdict{result: audit.Unknown, target: op.Target, note: "No subuser with this login was seen; the vendor may still create it."}
	if op.Target.ID != "" && calls[0] == audit.Applied {
		return s.weighCreated(ctx, op)
	}
	found, ok, complete, err := s.Directory.FindLogin(ctx, op.Account, op.Target.Name, op.Mark)
	switch {
	case err != nil:
		return verdict{}, err
	case ok && op.Mark != "" && found.Mark == op.Mark:
		v.result, v.confirmed, v.certain, v.facts = audit.Applied, true, true, factsOf(found)
		v.target.ID = formatID(found.ID)
		v.note = "The subuser exists and carries this operation's mark."
	case ok && op.Mark != "" && found.Mark != "" && late:
		v.result = audit.NotApplied
		v.note = "A subuser with this login exists, but it carries the mark of another operation."
	case ok:
		v.note = "A subuser with this login exists, but nothing proves that this operation created it."
	case !complete:
		v.note = "The list of subusers could not be read in full, so nothing can be concluded."
	case late:
		v.result = audit.NotApplied
		v.note = "The waiting time is over, and no subuser has this login."
	}
	return v, nil
}

// ours says whether a subuser is the one that a create was for: by the login, or by the mark when the vendor has
// made something else of the login.
func ours(op audit.Operation, s directory.Subuser) bool {
	return strings.EqualFold(s.Login, op.Target.Name) || op.Mark != "" && s.Mark == op.Mark
}

// weighCreated confirms a create that was answered with an id.
func (s *Service) weighCreated(ctx context.Context, op audit.Operation) (verdict, error) {
	intent, err := ReadIntent(op)
	if err != nil {
		return verdict{}, err
	}
	v := verdict{result: audit.Applied, certain: true, target: op.Target}
	now, err := s.Directory.SubuserByID(ctx, op.Account, parseID(op.Target.ID))
	if errors.Is(err, directory.ErrNotFound) {
		v.note = "The vendor answered that it was created, but it does not exist now."
		return v, nil
	}
	if err != nil {
		return verdict{}, err
	}
	if !ours(op, now) {
		v.result, v.note = audit.Unknown, "The id that the vendor answered belongs to "+now.Login+", who is not the subuser of this operation."
		return v, nil
	}
	wanted := effect{grant: idsOf(intent.Grant)}
	v.confirmed, v.facts = wanted.look(s.reading(op.Account, now, s.Directory.Catalogue(ctx, op.Account))) == shown, factsOf(now)
	v.note = "The subuser exists with the roles that were asked for."
	if !v.confirmed {
		v.note = "The subuser exists, but it does not hold all the roles that were asked for."
	}
	return v, nil
}
