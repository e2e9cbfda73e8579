package operations

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// byReading is who settled, when it was not a person.
const byReading = "reading"

// How often open operations are looked at.
const (
	settlePause  = 15 * time.Second // between passes
	attemptMin   = 15 * time.Second // between two readings for one operation, growing with its age
	attemptMax   = 10 * time.Minute
	secondLook   = 2 * time.Second // between the two readings that must agree
	lateEvidence = 2 * time.Hour   // how long what was settled as not done is looked at again
)

// settleJob is the name under which replicas take turns.
const settleJob = "settle"

// Run settles what is open, at once and then periodically, until the context ends. Of the replicas that share a
// database, one makes a pass at a time.
func (s *Service) Run(ctx context.Context) {
	for {
		s.round(ctx)
		if wait(ctx, settlePause) != nil {
			return
		}
	}
}

// round makes a pass, unless another replica is making one: the vendor allows all of them together so many readings,
// and what one reads need not be read twice. It is no guard. A replica that has lost the job in mid-pass is not told,
// and goes on beside its successor; both only read, and the record takes the word of the first and answers
// ErrOvertaken to the second, since an operation's events are numbered.
func (s *Service) round(ctx context.Context) {
	release, ok, err := s.Exclusive(ctx, settleJob)
	if err != nil && ctx.Err() == nil {
		s.Logger.Warn("open operations wait, since the database does not say whose turn it is", "error", err)
	}
	if err != nil || !ok {
		return
	}
	defer release()
	s.SettleAll(ctx)
}

// SettleAll makes one pass, whatever other replicas do: every open operation that is due, and what was settled as not
// done, for late evidence.
func (s *Service) SettleAll(ctx context.Context) {
	open, err := s.Record.Operations(ctx, audit.Filter{Open: true, Limit: 1000})
	if err != nil {
		s.Logger.Warn("open operations could not be read", "error", err)
		return
	}
	now := s.Now()
	for _, op := range open {
		if s.attempts.due(op.ID, now, op.CreatedAt, s.deadlineGuess(op)) {
			s.note(ctx, op, s.guarded(func() error {
				_, _, err := s.settle(ctx, op)
				return err
			}))
		}
	}
	closed, err := s.Record.ListReopenable(ctx, now.Add(-lateEvidence))
	if err != nil {
		s.Logger.Warn("settled operations could not be read", "error", err)
		return
	}
	for _, op := range closed {
		if s.attempts.due(op.ID, now, op.ClosedAt, time.Time{}) {
			s.note(ctx, op, s.guarded(func() error { return s.recheck(ctx, op) }))
		}
	}
	s.attempts.sweep(now)
}

// guarded turns a panic over one operation into an error, so that the others are still settled.
func (s *Service) guarded(look func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("a fault while settling: %v", r)
		}
	}()
	return look()
}

// note logs what kept an operation from being settled; it is tried again.
func (s *Service) note(ctx context.Context, op audit.Operation, err error) {
	if err != nil && ctx.Err() == nil {
		s.Logger.Warn("an operation could not be settled yet", "operation", op.ID, "error", err)
	}
}

// SettleNow looks at one open operation at an operator's wish. It answers the operation as it then is, and a
// sentence on what was seen when that proves nothing. Its errors are those of Show, and what kept the vendor
// from being read.
func (s *Service) SettleNow(ctx context.Context, o operator.Operator, id string) (audit.Operation, string, error) {
	op, err := s.visible(ctx, o, id)
	if err != nil || !op.Open {
		return op, "", err
	}
	return s.settle(ctx, op)
}

// settle reads what an open operation is about and appends what that proves, if anything; else it says what it saw.
func (s *Service) settle(ctx context.Context, op audit.Operation) (audit.Operation, string, error) {
	calls, deadline, err := s.pending(ctx, op)
	if err != nil || calls == nil {
		return op, "", err
	}
	first, err := s.weigh(ctx, op, calls, s.Now().After(deadline))
	if err != nil || first.result == audit.Unknown {
		return op, first.note, err
	}
	if same, err := s.seenTwice(ctx, op, calls, deadline, first); err != nil || !same {
		return op, "Two readings do not agree.", err
	}
	if op.Result == first.result && !first.confirmed && s.Now().Before(deadline) {
		return op, first.note, nil // answered OK and not seen yet: there is still time
	}
	op.Target = first.target
	written, err := s.Record.Append(ctx, op, false, audit.Event{
		Kind:      audit.ResolutionEvent,
		At:        s.Now().UTC(),
		Result:    first.result,
		Confirmed: first.confirmed,
		Source:    byReading,
		Note:      first.note,
		Facts:     first.facts,
	})
	if errors.Is(err, audit.ErrConflict) {
		written, err = s.Record.Operation(ctx, op.ID)
	}
	return written, "", err
}

// seenTwice takes a second look where one is not enough, and says whether it shows the same.
func (s *Service) seenTwice(
	ctx context.Context,
	op audit.Operation,
	calls []audit.Result,
	deadline time.Time,
	first verdict,
) (bool, error) {
	if first.certain {
		return true, nil
	}
	if err := wait(ctx, secondLook); err != nil {
		return false, err
	}
	second, err := s.weigh(ctx, op, calls, s.Now().After(deadline))
	return err == nil && second.result == first.result, err
}

// recheck looks whether what was settled as not done, or done in part, has been done after all: the vendor may commit
// late, and an act whose first call had no answer is then done in part. Another operation on the same target in between
// would explain the same sight, so then it says nothing, save where a mark proves whose doing it is.
func (s *Service) recheck(ctx context.Context, op audit.Operation) error {
	calls, deadline, err := s.pending(ctx, op)
	if err != nil || calls == nil {
		return err
	}
	overlaid, err := s.Record.HasLaterChange(ctx, op)
	if err != nil || overlaid && !kindOf(op.Action).marked {
		return err
	}
	late, err := s.weigh(ctx, op, calls, true)
	if err != nil || !late.confirmed {
		return err
	}
	note := "A later reading contradicts the last word: what was asked for holds after all."
	switch {
	case late.result == audit.Applied:
	case late.result == audit.PartlyApplied && op.Result == audit.NotApplied && !overlaid: // no mark is on what is gone
		note = "A later reading contradicts the last word: a part of what was asked for holds after all."
	default:
		return nil
	}
	if same, err := s.seenTwice(ctx, op, calls, deadline, late); err != nil || !same {
		return err
	}
	at := s.Now().UTC()
	op.Target = late.target
	_, err = s.Record.Append(
		ctx,
		op,
		false,
		audit.Event{Kind: audit.ReopenedEvent, At: at, Result: audit.Unknown, Source: byReading, Note: note},
		audit.Event{
			Kind:      audit.ResolutionEvent,
			At:        at,
			Result:    late.result,
			Confirmed: true,
			Source:    byReading,
			Note:      late.note,
			Facts:     late.facts,
		},
	)
	return err
}

// pending says what is known of each call that was planned, and until when a late commit is waited for. An
// operation without an outcome was cut off: each of its calls may have been sent. No calls at all means that
// there is nothing to settle: the operation is still running, or nothing was left without an answer.
func (s *Service) pending(ctx context.Context, op audit.Operation) ([]audit.Result, time.Time, error) {
	events, err := s.Record.Events(ctx, op.ID)
	if err != nil {
		return nil, time.Time{}, err
	}
	intent, err := ReadIntent(op)
	if err != nil {
		return nil, time.Time{}, err
	}
	for _, event := range events {
		if event.Kind != audit.OutcomeEvent {
			continue
		}
		deadline := event.At
		for _, call := range event.Calls {
			if call.TokenExpires.After(deadline) {
				deadline = call.TokenExpires
			}
		}
		if !op.Open && !lost(event.Calls) {
			return nil, time.Time{}, nil
		}
		return standing(event.Calls), deadline.Add(s.SettleAfter), nil
	}
	if s.Now().Before(op.CreatedAt.Add(orphanAge)) {
		return nil, time.Time{}, nil
	}
	calls := make([]audit.Result, kindOf(op.Action).calls(intent))
	for i := range calls {
		calls[i] = audit.Unknown
	}
	return calls, op.CreatedAt.Add(operationLimit + voxapi.WriteTokenTTL + s.SettleAfter), nil
}

// lost says whether a call was left without an answer.
func lost(calls []audit.Call) bool {
	for _, call := range calls {
		if call.Result == audit.Unknown {
			return true
		}
	}
	return false
}

// deadlineGuess is when an operation's waiting time is over at the earliest, from its age alone.
func (s *Service) deadlineGuess(op audit.Operation) time.Time {
	return op.CreatedAt.Add(voxapi.WriteTokenTTL + s.SettleAfter)
}
