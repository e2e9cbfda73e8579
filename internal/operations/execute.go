package operations

import (
	"context"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// execution is how an act is carried out once its intent is written.
type execution struct {
	descriptor Descriptor // of the plan's action
	steps      []step
	// what was read before, of an act on a subuser; the outcome shows it when nothing newer was read
	subuserBefore directory.Subuser
	keyBefore     directory.Key // likewise, of an act on a key
	// why it must not go on, now that its locks are held; nil or "" when it may
	checkLocked func(ctx context.Context, op audit.Operation) string
	setTargetID func(op *audit.Operation) // notes the id that an answer named; nil when none does
	// what changed beside what was asked for; nil when nobody asks
	unrequestedChanges func(v evaluation) UnrequestedChanges
}

// request begins the operation and performs it. Its errors mean that nothing was sent.
func (s *Service) start(ctx context.Context, p plan, exec execution) (Outcome, error) {
	var err error
	if exec.descriptor, err = DescriptorOf(p.action); err != nil {
		return Outcome{}, err
	}
	if err := s.requireRecentSignIn(ctx, p, exec); err != nil {
		return Outcome{}, err
	}
	ctx, cancel, op, err := s.begin(ctx, p)
	if err != nil {
		return Outcome{}, err
	}
	defer cancel()
	if exec.checkLocked != nil {
		if reason := exec.checkLocked(ctx, op); reason != "" {
			return s.withdraw(ctx, op, exec, reason), nil
		}
	}
	return s.execute(ctx, op, exec), nil
}

// withdraw closes an operation of which nothing was sent, since something was found once its locks were held.
func (s *Service) withdraw(ctx context.Context, op audit.Operation, exec execution, reason string) Outcome {
	return s.writeOutcome(ctx, op, Outcome{Subuser: exec.subuserBefore, Key: exec.keyBefore, Advice: reason}, false,
		audit.Event{Kind: audit.OutcomeEvent, At: s.Now().UTC(), Result: audit.NotSent, Note: reason})
}

// execute sends the steps, reads back what came of them, and records the outcome.
func (s *Service) execute(ctx context.Context, op audit.Operation, exec execution) Outcome {
	calls, lastErr := s.send(ctx, exec.steps)
	out := Outcome{
		Result:  combineResults(finalResults(calls), len(exec.steps)),
		Call:    calls[len(calls)-1],
		Advice:  adviceOf(lastErr),
		Subuser: exec.subuserBefore,
		Key:     exec.keyBefore,
	}
	event := audit.Event{Kind: audit.OutcomeEvent, At: s.Now().UTC(), Result: out.Result, Calls: calls}
	if out.Result == audit.Refused || out.Result == audit.NotSent {
		return s.writeOutcome(ctx, op, out, false, event)
	}
	if exec.setTargetID != nil {
		exec.setTargetID(&op)
		out.setTargetID(op.Target)
	}
	if exec.descriptor.Unreadable {
		out.Unreadable = true
		return s.writeOutcome(ctx, op, out, out.Result == audit.Unknown, event)
	}
	eval, read := s.readBack(ctx, op, exec.descriptor.Creates, out.Result, finalResults(calls))
	event.At = s.Now().UTC()
	if !read {
		return s.writeOutcome(ctx, op, out, true, event)
	}
	if out.Result == audit.Applied && eval.wrongTarget {
		return s.rejectWrongTarget(ctx, op, out, event, eval)
	}
	op.Target = eval.target
	out.applyEvaluation(eval)
	event.Facts = eval.facts
	if exec.unrequestedChanges != nil && eval.found() {
		out.UnrequestedChanges = exec.unrequestedChanges(eval)
		event.Note = out.UnrequestedChanges.Message()
	}
	return s.conclude(ctx, op, out, event, eval)
}

// conclude closes an operation on what was read, or leaves it open to be settled.
func (s *Service) conclude(
	ctx context.Context,
	op audit.Operation,
	out Outcome,
	event audit.Event,
	eval evaluation,
) Outcome {
	if out.Result != audit.Unknown {
		event.Confirmed = eval.confirmed
		return s.writeOutcome(ctx, op, out, !eval.confirmed, event)
	}
	if eval.result != audit.Applied || !eval.confirmed || !eval.certain {
		// Partly is never settled by one reading alone; settling reads again.
		return s.writeOutcome(ctx, op, out, true, event)
	}
	resolution := audit.Event{
		Kind:      audit.ResolutionEvent,
		At:        event.At,
		Result:    eval.result,
		Confirmed: true,
		Source:    sourceReading,
		Facts:     eval.facts,
		Note:      "The answer was lost, but a reading shows it. " + eval.note,
	}
	return s.writeOutcome(ctx, op, out, false, event, resolution)
}

// rejectWrongTarget leaves an operation open whose answer named something that is not what was asked for: what became
// of the request is not known then.
func (s *Service) rejectWrongTarget(
	ctx context.Context,
	op audit.Operation,
	out Outcome,
	event audit.Event,
	eval evaluation,
) Outcome {
	last := &event.Calls[len(event.Calls)-1]
	last.Result, last.TokenExpires = audit.Unknown, last.SentAt.Add(voxapi.WriteTokenTTL)
	event.Result, event.Note, out.Result, out.Call = audit.Unknown, eval.note, audit.Unknown, *last
	op.Target = eval.target
	out.setTargetID(op.Target)
	again, err := s.evaluate(ctx, op, finalResults(event.Calls), false)
	if err != nil {
		return s.writeOutcome(ctx, op, out, true, event)
	}
	op.Target = again.target
	out.applyEvaluation(again)
	return s.conclude(ctx, op, out, event, again)
}

// listingReadTimeout is how long somebody waits for one look through a whole listing, when an answer was lost.
const listingReadTimeout = 5 * time.Second

// readBack reads until it shows what was done, at 0, 0.5 and 2 seconds. What was created without an answer must be
// looked for in a whole listing: that is done once, and the rest is left to settling.
func (s *Service) readBack(
	ctx context.Context,
	op audit.Operation,
	creates bool,
	result audit.Result,
	calls []audit.Result,
) (last evaluation, ok bool) {
	pauses := []time.Duration{0, 500 * time.Millisecond, 1500 * time.Millisecond}
	if result == audit.Unknown && creates {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, listingReadTimeout)
		defer cancel()
		pauses = pauses[:1]
	}
	for _, pause := range pauses {
		if wait(ctx, pause) != nil {
			return last, ok
		}
		current, err := s.evaluate(ctx, op, calls, false)
		if err != nil {
			continue
		}
		last, ok = current, true
		if current.confirmed && current.result != audit.Unknown {
			return last, ok
		}
	}
	return last, ok
}

// writeOutcome writes the events and completes the outcome with what the record now says.
func (s *Service) writeOutcome(
	ctx context.Context,
	op audit.Operation,
	out Outcome,
	open bool,
	events ...audit.Event,
) Outcome {
	last := events[len(events)-1]
	out.Result, out.Confirmed = last.Result, last.Confirmed
	var written bool
	out.Operation, written = s.appendEvents(ctx, op, open, events...)
	out.Unsaved = !written
	return out
}
