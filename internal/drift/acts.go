package drift

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
)

// act is an operation of ours with what it wanted, and what was last read for it.
type act struct {
	op     audit.Operation
	intent operations.Intent
	begun  int64             // its first event
	facts  *operations.Facts // nil when nothing was read
}

// acts are our operations that may explain a difference.
type acts struct {
	done     []act // over, long enough ago for a listing to show it, and not all of it compared before
	doubtful []act // open, or closed a moment ago
	upTo     int64 // the event up to which those that are over count as such: the next comparison goes on from here
}

// actsSince reads the operations that may explain what a reading shows that began at asOf, when an event was the
// newest.
func (s *Service) actsSince(ctx context.Context, last state, asOf time.Time, newest int64) (acts, error) {
	since, from := last.seq, last.asOf
	if last.turn == 0 {
		since, from = newest, asOf // a first reading is believed, save about what was done a moment ago
	}
	if asOf.Before(from) {
		from = asOf // the clock was set back, or another server's is fast
	}
	late := from.Add(-lateCommit)
	ops, err := s.Record.Touching(ctx, last.account, since, late)
	if err != nil {
		return acts{}, err
	}
	all := acts{upTo: upTo(ops, last.seq, newest, asOf)}
	made, err := s.madeSince(ctx, ops, last.seq, all.upTo)
	if err != nil {
		return acts{}, err
	}
	for _, op := range withOthers(ops, made) {
		if !op.Open && (op.Result == audit.Refused || op.Result == audit.NotSent) {
			continue // nothing happened
		}
		intent, err := operations.ReadIntent(op)
		if err != nil {
			return acts{}, err
		}
		a := act{op: op, intent: intent}
		if op.Open || op.LastSeq > all.upTo {
			all.doubtful = append(all.doubtful, a)
			continue
		}
		// What was not confirmed by reading may have happened after the last comparison, too.
		_, isNew := made[bare(op.Target)]
		if isNew || op.LastSeq > last.seq || !a.certain() && op.ClosedAt.After(late) {
			if a.begun, a.facts, err = s.storyOf(ctx, op); err != nil {
				return acts{}, err
			}
			all.done = append(all.done, a)
		}
	}
	// In the order in which they were begun, which is that of the vendor: acts on one target wait for each other. Only
	// what creates may be closed after what was done to its creation.
	slices.SortFunc(all.done, func(a, b act) int { return cmp.Compare(a.begun, b.begun) })
	return all, nil
}

// upTo is the event up to which all was over long enough before a reading for a listing to show it. Up to before,
// that was so at the last comparison already; newest was the newest event when the reading began. How long ago
// something was is asked of the clock. When it says that what came before the reading comes well after it, it was set
// back since, and says nothing.
func upTo(ops []audit.Operation, before, newest int64, asOf time.Time) int64 {
	for _, op := range ops {
		if !op.Open && op.LastSeq > before && op.ClosedAt.Sub(asOf).Abs() < lag {
			newest = min(newest, op.LastSeq-1)
		}
	}
	return newest
}

// madeSince are the targets whose creation was closed since another comparison, up to an event, each with all that
// was done to it: that may have been closed earlier, and is to be looked at now.
func (s *Service) madeSince(
	ctx context.Context,
	ops []audit.Operation,
	since, until int64,
) (map[audit.Target][]audit.Operation, error) {
	made := map[audit.Target][]audit.Operation{}
	for _, op := range ops {
		if !(act{op: op}).creates() || op.Open || op.Target.ID == "" || op.LastSeq <= since || op.LastSeq > until {
			continue
		}
		all, err := s.Record.Operations(
			ctx,
			audit.Filter{Account: op.Account, TargetKind: op.Target.Kind, TargetID: op.Target.ID, Limit: math.MaxInt32},
		)
		if err != nil {
			return nil, err
		}
		made[bare(op.Target)] = all
	}
	return made, nil
}

// withOthers are operations and those on what was made, each once.
func withOthers(ops []audit.Operation, made map[audit.Target][]audit.Operation) []audit.Operation {
	there := map[string]bool{}
	for _, op := range ops {
		there[op.ID] = true
	}
	for _, others := range made {
		for _, op := range others {
			if !there[op.ID] {
				ops = append(ops, op)
			}
		}
	}
	return ops
}

// bare is a target without what changes of it.
func bare(t audit.Target) audit.Target { return audit.Target{Kind: t.Kind, ID: t.ID} }

// storyOf is with which event an operation began, and what was last read for it.
func (s *Service) storyOf(ctx context.Context, op audit.Operation) (begun int64, facts *operations.Facts, err error) {
	events, err := s.Record.Events(ctx, op.ID)
	if err != nil {
		return 0, nil, err
	}
	for _, e := range slices.Backward(events) {
		begun = e.Seq
		if len(e.Facts) == 0 || facts != nil {
			continue
		}
		facts = new(operations.Facts)
		if err := json.Unmarshal(e.Facts, facts); err != nil {
			return 0, nil, fmt.Errorf("decoding what was read for %s: %w", op.ID, err)
		}
	}
	return begun, facts, nil
}

// certain says that an operation is known to have happened, by reading.
func (a act) certain() bool { return a.op.Result == audit.Applied && a.op.Confirmed }

// creates and takes say what an act does to its target as a whole; a re-issue does both.
func (a act) creates() bool {
	return a.op.Action == audit.CreateSubuser || a.op.Action == audit.CreateKey || a.op.Action == audit.ReissueSubuser
}

func (a act) takes() bool {
	return a.op.Action == audit.DeleteSubuser || a.op.Action == audit.DeleteKey || a.op.Action == audit.ReissueSubuser
}

// former is the id that an act takes away: a re-issue has two.
func (a act) former() string {
	if a.op.Target.FormerID != "" {
		return a.op.Target.FormerID
	}
	return a.op.Target.ID
}

// made says whether an act made, or may have made, what a reading shows: by its id, by our mark, or by its name as long
// as its id is not known.
func (a act) made(kind, id string, h holding) bool {
	if !a.creates() || a.op.Target.Kind != kind {
		return false
	}
	switch {
	case a.marked(h):
		return true
	case a.idKnown():
		return a.op.Target.ID == id
	case a.op.Result == audit.Partly && !a.op.Open:
		return false // a re-issue that ended with the deletion
	case kind == audit.KeyTarget:
		return a.intent.Name == h.Name
	default:
		return a.intent.Login == h.Name
	}
}

// surely says that what an act may have made is told by more than its name: by its id or by our mark.
func (a act) surely(h holding) bool { return a.marked(h) || a.idKnown() }

func (a act) marked(h holding) bool { return a.op.Mark != "" && a.op.Mark == h.mark }

// idKnown says whether the id of what an act made is known. Until then a re-issue has that of what it takes away.
func (a act) idKnown() bool {
	return a.op.Target.ID != "" && (a.op.Action != audit.ReissueSubuser || a.op.Target.FormerID != "")
}

// took says whether an act took, or may have taken, something away: itself, or a key along with its subuser, since what
// becomes of those is not published.
func (a act) took(kind, id string, h holding, ownersKnown bool) bool {
	if !a.takes() {
		return false
	}
	return a.op.Target.Kind == kind && a.former() == id || a.alsoTouches(kind, id, h, ownersKnown)
}

// alsoTouches says whether a key is one that an act on a subuser touches along with the subuser, as far as it is known
// whose it is.
func (a act) alsoTouches(kind, id string, h holding, ownersKnown bool) bool {
	if kind != audit.KeyTarget || a.op.Target.Kind != audit.SubuserTarget {
		return false
	}
	if h.Owner != 0 {
		return strconv.FormatInt(h.Owner, 10) == a.former()
	}
	return !ownersKnown || slices.ContainsFunc(a.intent.Keys, func(k operations.KeyRef) bool { return k.ID == id })
}

// changes are the roles that an act gives and takes, of a target with this id.
func (a act) changes(kind, id string, h holding, ownersKnown bool) (grant, revoke []int64) {
	switch {
	case a.made(kind, id, h):
		return ids(append(slices.Clone(a.intent.Grant), a.intent.Before...)), nil
	case a.op.Action == audit.ForceSubuserRoles && a.alsoTouches(kind, id, h, ownersKnown):
		return nil, ids(a.intent.Revoke)
	case a.op.Target.Kind == kind && a.op.Target.ID == id && a.changesRoles():
		return ids(a.intent.Grant), ids(a.intent.Revoke)
	}
	return nil, nil
}

func (a act) changesRoles() bool {
	return a.op.Action == audit.ChangeSubuserRoles || a.op.Action == audit.ForceSubuserRoles ||
		a.op.Action == audit.ChangeKeyRoles
}

// writes says whether an act sets the texts of a target.
func (a act) writes(kind, id string, h holding) bool {
	return a.edits(kind, id) || a.made(kind, id, h)
}

func (a act) edits(kind, id string) bool {
	edits := a.op.Action == audit.EditSubuser || a.op.Action == audit.EditKey
	return edits && a.op.Target.Kind == kind && a.op.Target.ID == id
}

func ids(roles []operations.RoleRef) []int64 {
	all := make([]int64, 0, len(roles))
	for _, r := range roles {
		all = append(all, r.ID)
	}
	return all
}
