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

// sourceReading is who settled, when it was not a person.
const sourceReading = "reading"

// How often open operations are looked at.
const (
	reconcileInterval  = 15 * time.Second // between passes
	attemptMin         = 15 * time.Second // between two readings for one operation, growing with its age
	attemptMax         = 10 * time.Minute
	secondReadDelay    = 2 * time.Second // between the two readings that must agree
	lateEvidencePeriod = 2 * time.Hour   // how long what was settled as not done is looked at again
)

// reconcileJob is the name under which replicas take turns.
const reconcileJob = "settle"

// BulkID settles what is open, at once and then periodically, until the context ends. Of the replicas that share a
// database, one makes a pass at a time.
func (s *Service) Run(ctx context.Context) {
	for {
		s.reconcileIfLeader(ctx)
		if wait(ctx, reconcileInterval) != nil {
			return
		}
	}
}

// reconcileIfLeader makes a pass, unless another replica is making one: the vendor allows all of them together so
// many readings, and what one reads need not be read twice. It is no guard. A replica that has lost the job in
// mid-pass is not told, and goes on beside its successor; both only read, and the record takes the word of the first
// and answers ErrOvertaken to the second, since an operation's events are numbered.
func (s *Service) reconcileIfLeader(ctx context.Context) {
	release, ok, err := s.Exclusive(ctx, reconcileJob)
	if err != nil && ctx.Err() == nil {
		s.Logger.Warn("open operations wait, since the database does not say whose turn it is", "error", err)
	}
	if err != nil || !ok {
		return
	}
	defer release()
	s.ReconcileAll(ctx)
}

// ReconcileAll makes one pass, whatever other replicas do: every open operation that is due, and what was settled as
// not done, for late evidence.
func (s *Service) ReconcileAll(ctx context.Context) {
	open, err := s.AuditLog.Operations(ctx, audit.Filter{Open: true, Limit: 1000})
	if err != nil {
		s.Logger.Warn("open operations could not be read", "error", err)
		return
	}
	now := s.Now()
	for _, op := range open {
		if s.attempts.due(op.ID, now, op.CreatedAt, s.earliestDeadline(op)) {
			s.logFailure(ctx, op, s.recoverPanic(func() error {
				_, _, err := s.reconcile(ctx, op)
				return err
			}))
		}
	}
	closed, err := s.AuditLog.ListReopenable(ctx, now.Add(-lateEvidencePeriod))
	if err != nil {
		s.Logger.Warn("settled operations could not be read", "error", err)
		return
	}
	for _, op := range closed {
		if s.attempts.due(op.ID, now, op.ClosedAt, time.Time{}) {
			s.logFailure(ctx, op, s.recoverPanic(func() error { return s.recheck(ctx, op) }))
		}
	}
	s.attempts.sweep(now)
}

// recoverPanic turns a panic over one operation into an error, so that the others are still settled.
func (s *Service) recoverPanic(fn func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("a fault while settling: %v", r)
		}
	}()
	return fn()
}

// logFailure logs what kept an operation from being settled; it is tried again.
func (s *Service) logFailure(ctx context.Context, op audit.Operation, err error) {
	if err != nil && ctx.Err() == nil {
		s.Logger.Warn("an operation could not be settled yet", "operation", op.ID, "error", err)
	}
}

// ReconcileNow looks at one open operation at an operator's wish. It answers the operation as it then is, and a
// sentence on what was seen when that proves nothing. Its errors are those of Show, and what kept the vendor
// from being read.
func (s *Service) ReconcileNow(ctx context.Context, o operator.Operator, id string) (audit.Operation, string, error) {
	op, err := s.visibleOperation(ctx, o, id)
	if err != nil || !op.Open {
		return op, "", err
	}
	return s.reconcile(ctx, op)
}

// reconcile reads what an open operation is about and appends what that proves, if anything; else it says what it saw.
func (s *Service) reconcile(ctx context.Context, op audit.Operation) (audit.Operation, string, error) {
	calls, deadline, err := s.pendingCalls(ctx, op)
	if err != nil || calls == nil {
		return op, "", err
	}
	first, err := s.evaluate(ctx, op, calls, s.Now().After(deadline))
	if err != nil || first.result == audit.Unknown {
		return op, first.note, err
	}
	if agrees, err := s.secondReadAgrees(ctx, op, calls, deadline, first); err != nil || !agrees {
		return op, "Two readings do not agree.", err
	}
	if op.Result == first.result && !first.confirmed && s.Now().Before(deadline) {
		return op, first.note, nil // answered OK and not seen yet: there is still time
	}
	op.Target = first.target
	written, err := s.AuditLog.Append(ctx, op, false, audit.Event{
		Kind:      audit.ResolutionEvent,
		At:        s.Now().UTC(),
		Result:    first.result,
		Confirmed: first.confirmed,
		Source:    sourceReading,
		Note:      first.note,
		Facts:     first.facts,
	})
	if errors.Is(err, audit.ErrConflict) {
		written, err = s.AuditLog.Operation(ctx, op.ID)
	}
	return written, "", err
}

// secondReadAgrees takes a second look where one is not enough, and says whether it shows the same.
func (s *Service) secondReadAgrees(
	ctx context.Context,
	op audit.Operation,
	calls []audit.Result,
	deadline time.Time,
	first evaluation,
) (bool, error) {
	if first.certain {
		return true, nil
	}
	if err := wait(ctx, secondReadDelay); err != nil {
		return false, err
	}
	second, err := s.evaluate(ctx, op, calls, s.Now().After(deadline))
	return err == nil && second.result == first.result, err
}

// recheck looks whether what was settled as not done, or done in part, has been done after all: the vendor may commit
// late, and an act whose first call had no answer is then done in part. Another operation on the same target in between
// would explain the same sight, so then it says nothing, save where a mark proves whose doing it is.
func (s *Service) recheck(ctx context.Context, op audit.Operation) error {
	calls, deadline, err := s.pendingCalls(ctx, op)
	if err != nil || calls == nil {
		return err
	}
	descriptor, err := DescriptorOf(op.Action)
	if err != nil {
		return err
	}
	changedLater, err := s.AuditLog.HasLaterChange(ctx, op)
	if err != nil || changedLater && !descriptor.Creates {
		return err
	}
	eval, err := s.evaluate(ctx, op, calls, true)
	if err != nil || !eval.confirmed {
		return err
	}
	note := "A later reading contradicts the last word: what was asked for holds after all."
	switch {
	case eval.result == audit.Applied:
	// no mark is on what is gone
	case eval.result == audit.PartlyApplied && op.Result == audit.NotApplied && !changedLater:
		note = "A later reading contradicts the last word: a part of what was asked for holds after all."
	default:
		return nil
	}
	if same, err := s.secondReadAgrees(ctx, op, calls, deadline, eval); err != nil || !same {
		return err
	}
	at := s.Now().UTC()
	op.Target = eval.target
	_, err = s.AuditLog.Append(
		ctx,
		op,
		false,
		audit.Event{Kind: audit.ReopenedEvent, At: at, Result: audit.Unknown, Source: sourceReading, Note: note},
		audit.Event{
			Kind:      audit.ResolutionEvent,
			At:        at,
			Result:    eval.result,
			Confirmed: true,
			Source:    sourceReading,
			Note:      eval.note,
			Facts:     eval.facts,
		},
	)
	return err
}

// pendingCalls says what is known of each call that was planned, and until when a late commit is waited for. An
// operation without an outcome was cut off: each of its calls may have been sent. No calls at all means that
// there is nothing to settle: the operation is still running, or nothing was left without an answer.
func (s *Service) pendingCalls(ctx context.Context, op audit.Operation) ([]audit.Result, time.Time, error) {
	events, err := s.AuditLog.Events(ctx, op.ID)
	if err != nil {
		return nil, time.Time{}, err
	}
	descriptor, err := DescriptorOf(op.Action)
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
		if !op.Open && !hasUnanswered(event.Calls) {
			return nil, time.Time{}, nil
		}
		return finalResults(event.Calls), deadline.Add(s.ReconcileAfter), nil
	}
	if s.Now().Before(op.CreatedAt.Add(orphanAge)) {
		return nil, time.Time{}, nil
	}
	calls := make([]audit.Result, descriptor.plannedCalls(intent))
	for i := range calls {
		calls[i] = audit.Unknown
	}
	return calls, op.CreatedAt.Add(operationTimeout + voxapi.WriteTokenTTL + s.ReconcileAfter), nil
}

// hasUnanswered says whether a call was left without an answer.
func hasUnanswered(calls []audit.Call) bool {
	for _, call := range calls {
		if call.Result == audit.Unknown {
			return true
		}
	}
	return false
}

// earliestDeadline is when an operation's waiting time is over at the earliest, from its age alone.
func (s *Service) earliestDeadline(op audit.Operation) time.Time {
	return op.CreatedAt.Add(voxapi.WriteTokenTTL + s.ReconcileAfter)
}
