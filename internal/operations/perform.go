package operations

import (
	"context"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// performance is how an act is carried out once its intent is written.
type performance struct {
	steps []step
	// what was read before, of an act on a subuser; the outcome shows it when nothing newer was read
	before directory.Subuser
	key    directory.Key // likewise, of an act on a key
	// why it must not go on, now that its locks are held; nil or "" when it may
	still func(ctx context.Context, op audit.Operation) string
	learn func(op *audit.Operation) // notes the id that an answer named; nil when none does
	// what changed beside what was asked for; nil when nobody asks
	unasked func(v verdict) Unasked
}

// act begins the operation and performs it. Its errors mean that nothing was sent.
func (s *Service) act(ctx context.Context, p plan, how performance) (Outcome, error) {
	if err := s.recent(ctx, p, how); err != nil {
		return Outcome{}, err
	}
	ctx, cancel, op, err := s.begin(ctx, p)
	if err != nil {
		return Outcome{}, err
	}
	defer cancel()
	if how.still != nil {
		if why := how.still(ctx, op); why != "" {
			return s.withdraw(ctx, op, how, why), nil
		}
	}
	return s.perform(ctx, op, how), nil
}

// withdraw closes an operation of which nothing was sent, since something was found once its locks were held.
func (s *Service) withdraw(ctx context.Context, op audit.Operation, how performance, why string) Outcome {
	return s.closeWith(ctx, op, Outcome{Subuser: how.before, Key: how.key, Advice: why}, false,
		audit.Event{Kind: audit.OutcomeEvent, At: s.Now().UTC(), Result: audit.NotSent, Note: why})
}

// perform sends the steps, reads back what came of them, and records the outcome.
func (s *Service) perform(ctx context.Context, op audit.Operation, how performance) Outcome {
	calls, lastErr := s.send(ctx, how.steps)
	out := Outcome{
		Result:  fold(standing(calls), len(how.steps)),
		Call:    calls[len(calls)-1],
		Advice:  adviceOf(lastErr),
		Subuser: how.before,
		Key:     how.key,
	}
	event := audit.Event{Kind: audit.OutcomeEvent, At: s.Now().UTC(), Result: out.Result, Calls: calls}
	if out.Result == audit.Refused || out.Result == audit.NotSent {
		return s.closeWith(ctx, op, out, false, event)
	}
	if how.learn != nil {
		how.learn(&op)
		out.name(op.Target)
	}
	if !readable(op.Action) {
		out.Unreadable = true
		return s.closeWith(ctx, op, out, out.Result == audit.Unknown, event)
	}
	v, read := s.readBack(ctx, op, out.Result, standing(calls))
	event.At = s.Now().UTC()
	if !read {
		return s.closeWith(ctx, op, out, true, event)
	}
	if out.Result == audit.Applied && v.mistaken {
		return s.disbelieved(ctx, op, out, event, v)
	}
	op.Target = v.target
	out.take(v)
	event.Facts = v.facts
	if how.unasked != nil && v.found() {
		out.Unasked = how.unasked(v)
		event.Note = out.Unasked.Sentence()
	}
	return s.conclude(ctx, op, out, event, v)
}

// conclude closes an operation on what was read, or leaves it open to be settled.
func (s *Service) conclude(ctx context.Context, op audit.Operation, out Outcome, event audit.Event, v verdict) Outcome {
	if out.Result != audit.Unknown {
		event.Confirmed = v.confirmed
		return s.closeWith(ctx, op, out, !v.confirmed, event)
	}
	if v.result != audit.Applied || !v.confirmed || !v.certain {
		// Partly is never settled by one reading alone; settling reads again.
		return s.closeWith(ctx, op, out, true, event)
	}
	settled := audit.Event{
		Kind:      audit.ResolutionEvent,
		At:        event.At,
		Result:    v.result,
		Confirmed: true,
		Source:    byReading,
		Facts:     v.facts,
		Note:      "The answer was lost, but a reading shows it. " + v.note,
	}
	return s.closeWith(ctx, op, out, false, event, settled)
}

// disbelieved leaves an operation open whose answer named something that is not what was asked for: what became of
// the request is not known then.
func (s *Service) disbelieved(
	ctx context.Context,
	op audit.Operation,
	out Outcome,
	event audit.Event,
	v verdict,
) Outcome {
	last := &event.Calls[len(event.Calls)-1]
	last.Result, last.TokenExpires = audit.Unknown, last.SentAt.Add(voxapi.WriteTokenTTL)
	event.Result, event.Note, out.Result, out.Call = audit.Unknown, v.note, audit.Unknown, *last
	op.Target = v.target
	out.name(op.Target)
	again, err := s.weigh(ctx, op, standing(event.Calls), false)
	if err != nil {
		return s.closeWith(ctx, op, out, true, event)
	}
	op.Target = again.target
	out.take(again)
	return s.conclude(ctx, op, out, event, again)
}

// lookLimit is how long somebody waits for one look through a whole listing, when an answer was lost.
const lookLimit = 5 * time.Second

// readBack reads until it shows what was done, at 0, 0.5 and 2 seconds. What was created without an answer must be
// looked for in a whole listing: that is done once, and the rest is left to settling.
func (s *Service) readBack(
	ctx context.Context,
	op audit.Operation,
	result audit.Result,
	calls []audit.Result,
) (last verdict, ok bool) {
	pauses := []time.Duration{0, 500 * time.Millisecond, 1500 * time.Millisecond}
	if result == audit.Unknown && kindOf(op.Action).marked {
		var done context.CancelFunc
		ctx, done = context.WithTimeout(ctx, lookLimit)
		defer done()
		pauses = pauses[:1]
	}
	for _, pause := range pauses {
		if wait(ctx, pause) != nil {
			return last, ok
		}
		now, err := s.weigh(ctx, op, calls, false)
		if err != nil {
			continue
		}
		last, ok = now, true
		if now.confirmed && now.result != audit.Unknown {
			return last, ok
		}
	}
	return last, ok
}

// closeWith writes the events and completes the outcome with what the record now says.
func (s *Service) closeWith(
	ctx context.Context,
	op audit.Operation,
	out Outcome,
	open bool,
	events ...audit.Event,
) Outcome {
	last := events[len(events)-1]
	out.Result, out.Confirmed = last.Result, last.Confirmed
	var written bool
	out.Operation, written = s.record(ctx, op, open, events...)
	out.Unsaved = !written
	return out
}
