package operations

import (
	"context"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// plan is an operation before its intent is written.
type plan struct {
	request    Request
	descriptor Descriptor
	target     audit.Target
	tag        string
	intent     Intent
	guard      audit.Guard
}

// execution is what an operation does after its intent is written.
type execution struct {
	steps  []step
	before access.Principal // the outcome contains it when nothing newer was read
	// checkLocked returns why the operation must not continue now that it holds its locks, "" when it may. nil: no
	// check.
	checkLocked func(ctx context.Context, op audit.Operation) string
	// setTargetID sets the id that an answer contained. nil: no answer contains one.
	setTargetID func(op *audit.Operation)
	// unrequestedChanges returns what changed beside what was asked for. nil: that is not checked.
	unrequestedChanges func(after access.Principal) UnrequestedChanges
}

// start writes the intent and executes the operation. An error means that nothing was sent.
func (s *Service) start(ctx context.Context, p plan, exec execution) (Outcome, error) {
	if err := s.requireRecentSignIn(ctx, p, exec); err != nil {
		return Outcome{}, err
	}
	defer s.running.add(p.request.ID)()
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
	return s.execute(ctx, op, p.descriptor, exec), nil
}

// withdraw closes an operation that must not continue. Nothing was sent.
func (s *Service) withdraw(ctx context.Context, op audit.Operation, exec execution, reason string) Outcome {
	return s.writeOutcome(ctx, op, Outcome{Principal: exec.before, Advice: reason}, false, audit.Event{
		Kind:   audit.OutcomeEvent,
		At:     s.Now().UTC(),
		Result: audit.NotSent,
		Note:   reason,
	})
}

// execute sends the steps, reads back and writes the outcome.
func (s *Service) execute(ctx context.Context, op audit.Operation, descriptor Descriptor, exec execution) Outcome {
	calls, lastErr := s.send(ctx, exec.steps)
	out := Outcome{
		Result:    combineResults(finalResults(calls), len(exec.steps)),
		Call:      calls[len(calls)-1],
		Advice:    adviceOf(lastErr),
		Principal: exec.before,
	}
	event := audit.Event{Kind: audit.OutcomeEvent, At: s.Now().UTC(), Result: out.Result, Calls: calls}
	if out.Result == audit.Refused || out.Result == audit.NotSent {
		return s.writeOutcome(ctx, op, out, false, event)
	}
	if exec.setTargetID != nil {
		exec.setTargetID(&op)
		out.Principal.ID = op.Target.ID
	}
	if descriptor.Unreadable {
		out.Unreadable = true
		return s.writeOutcome(ctx, op, out, out.Result == audit.Unknown, event)
	}
	eval, read := s.readBack(ctx, op, descriptor, out.Result, finalResults(calls))
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
	if eval.contradicted {
		out.Contradicted, out.Result = true, audit.Unknown
		event.Result, event.Note = audit.Unknown, eval.note
		return s.writeOutcome(ctx, op, out, true, event)
	}
	if exec.unrequestedChanges != nil && eval.found() {
		out.UnrequestedChanges = exec.unrequestedChanges(eval.principal)
		event.Note = out.UnrequestedChanges.Message()
	}
	return s.conclude(ctx, op, out, event, eval)
}

// conclude closes an operation when the reading confirms it, and otherwise leaves it open to be reconciled.
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
		// One reading alone never proves PartlyApplied; the reconciler reads twice.
		return s.writeOutcome(ctx, op, out, true, event)
	}
	resolution := audit.Event{
		Kind:      audit.ResolutionEvent,
		At:        event.At,
		Result:    eval.result,
		Confirmed: true,
		Source:    sourceReading,
		Facts:     eval.facts,
		Note:      "The answer was lost, but reading shows the result. " + eval.note,
	}
	return s.writeOutcome(ctx, op, out, false, event, resolution)
}

// rejectWrongTarget leaves an operation open when the vendor's answer named a principal that it did not ask for: then
// it is not known what the request did.
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
	out.Principal.ID = op.Target.ID
	again, err := s.evaluate(ctx, op, finalResults(event.Calls), false)
	if err != nil {
		return s.writeOutcome(ctx, op, out, true, event)
	}
	op.Target = again.target
	out.applyEvaluation(again)
	return s.conclude(ctx, op, out, event, again)
}

// listingReadTimeout is how long the operator waits for one reading of a whole listing after an answer was lost.
const listingReadTimeout = 5 * time.Second

// readBack reads at 0, 0.5 and 2 seconds, until the effects show. A creation without an answer is searched in a whole
// listing, so it is read once only; the rest is left to the reconciler. ok is false when nothing could be read.
func (s *Service) readBack(
	ctx context.Context,
	op audit.Operation,
	descriptor Descriptor,
	result audit.Result,
	calls []audit.Result,
) (last evaluation, ok bool) {
	pauses := []time.Duration{0, 500 * time.Millisecond, 1500 * time.Millisecond}
	if result == audit.Unknown && descriptor.Creates {
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

// writeOutcome writes the events, and completes the outcome with the result of the last one.
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
