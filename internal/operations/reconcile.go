package operations

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// sourceReading is the source of an event that the reconciler wrote, as opposed to an operator.
const sourceReading = "reading"

// How often open operations are read.
const (
	reconcileInterval  = 5 * time.Second  // between passes
	attemptMin         = 15 * time.Second // between two readings for one operation, growing with its age
	attemptMax         = 10 * time.Minute
	secondReadDelay    = 2 * time.Second // between the two readings that must agree
	lateEvidencePeriod = 2 * time.Hour   // how long operations that were not applied are read again
)

// setAbsent evaluates a reading that does not show the effect of the first call, whether that is unanswered or was
// reported as successful. This is where an unknown operation becomes not applied: once the deadline has passed, which
// is ReconcileAfter after the call's token expired or its answer came (see pendingCalls). Until then the vendor may
// still commit the call. A second reading must agree, see secondReadAgrees. evaluateRoles applies the same rule to each
// call of a role change, and evaluateCreatedSubuser to a login that carries the tag of another operation. found is what
// the reading shows, late is what the vendor may still do; both become the note.
func (e *evaluation) setAbsent(input evaluationInput, found, late string) {
	if e.contradicted = input.calls[0] == audit.Applied; e.contradicted {
		found = "Voximplant reported success, but " + found
	} else {
		found = strings.ToUpper(found[:1]) + found[1:]
	}
	if input.deadlinePassed {
		e.result, e.note = audit.NotApplied, found+", and the waiting time has passed."
		return
	}
	e.result, e.note = audit.Unknown, found+". Voximplant may still "+late+"."
}

// reconcileJob is the name of the job for Exclusive. It is part of the lock's key.
const reconcileJob = "settle"

// Run reconciles open operations, at once and then periodically, until the context ends. Of the replicas that share a
// database, one makes a pass at a time.
func (s *Service) Run(ctx context.Context) {
	for {
		s.reconcileIfLeader(ctx)
		if wait(ctx, reconcileInterval) != nil {
			return
		}
	}
}

// reconcileIfLeader makes a pass unless another replica is making one: the vendor's rate limit holds for all of them
// together. It guards nothing. A replica that loses the job during a pass does not notice and continues beside its
// successor. Both only read, and the audit log accepts the first event and refuses the second with ErrConflict, because
// the events of an operation are numbered.
func (s *Service) reconcileIfLeader(ctx context.Context) {
	release, ok, err := s.Exclusive(ctx, reconcileJob)
	if err != nil && ctx.Err() == nil {
		s.Logger.Warn("claiming the reconcile job failed", "error", err)
		s.Measure.reconcilePass(true)
	}
	if err != nil || !ok {
		return
	}
	defer release()
	s.ReconcileAll(ctx)
}

// ReconcileAll makes one pass, whatever other replicas do. It reads every open operation that is due, and the ones that
// were not applied or partly applied, for late evidence.
func (s *Service) ReconcileAll(ctx context.Context) {
	failed := true
	defer func() { s.Measure.reconcilePass(failed) }()
	open, err := s.AuditLog.Operations(ctx, audit.Filter{Open: true, Limit: 1000})
	if err != nil {
		s.Logger.Warn("reading open operations failed", "error", err)
		return
	}
	now := s.Now()
	for _, op := range open {
		if s.attempts.due(op.ID, now.Sub(op.CreatedAt), s.earliestDeadline(op).Sub(now)) {
			s.logFailure(ctx, op, s.recoverPanic(func() error {
				_, _, err := s.reconcile(ctx, op)
				return err
			}))
		}
	}
	closed, err := s.AuditLog.ListReopenable(ctx, now.Add(-lateEvidencePeriod))
	if err != nil {
		s.Logger.Warn("reading closed operations failed", "error", err)
		return
	}
	for _, op := range closed {
		if s.attempts.due(op.ID, now.Sub(op.ClosedAt), 0) {
			s.logFailure(ctx, op, s.recoverPanic(func() error { return s.recheck(ctx, op) }))
		}
	}
	s.attempts.sweep()
	s.deadlines.sweep()
	failed = false
}

// recoverPanic turns a panic over one operation into an error, so that the others are still reconciled.
func (s *Service) recoverPanic(fn func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic while reconciling: %v", r)
		}
	}()
	return fn()
}

func (s *Service) logFailure(ctx context.Context, op audit.Operation, err error) {
	if err != nil && ctx.Err() == nil {
		s.Logger.Warn("reconciling failed; it will be tried again", "operation", op.ID, "error", err)
	}
}

// ReconcileNow reads one open operation at once. It returns the operation as it then is, and a note when the reading
// proves nothing. Its errors are those of Show, and those of reading the vendor.
func (s *Service) ReconcileNow(ctx context.Context, o operator.Operator, id string) (audit.Operation, string, error) {
	op, _, err := s.Show(ctx, o, id)
	if err != nil || !op.Open {
		return op, "", err
	}
	return s.reconcile(ctx, op)
}

// reconcile reads an open operation and writes the outcome that this proves. It returns a note when it proves none.
func (s *Service) reconcile(ctx context.Context, op audit.Operation) (audit.Operation, string, error) {
	calls, deadline, err := s.pendingCalls(ctx, op)
	if err != nil || calls == nil {
		return op, "", err
	}
	first, err := s.evaluate(ctx, op, calls, time.Now().After(deadline))
	if err != nil || first.result == audit.Unknown {
		return op, first.note, err
	}
	if agrees, err := s.secondReadAgrees(ctx, op, calls, deadline, first); err != nil || !agrees {
		return op, "Two readings do not agree.", err
	}
	if !first.confirmed && time.Now().Before(deadline) {
		return op, first.note, nil // reported as applied, and not read back yet: there is still time
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

// secondReadAgrees reports whether a second reading, where one is needed, gives the same result.
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
	second, err := s.evaluate(ctx, op, calls, time.Now().After(deadline))
	return err == nil && second.result == first.result, err
}

// recheck reads an operation that was not applied or partly applied again, and reopens it when it was applied after
// all: the vendor may commit late. A later operation on the same target would explain the same reading, so then it
// proves nothing, unless a tag proves which operation created the principal.
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
	note := "A later reading shows that the change was made after all."
	switch {
	case eval.result == audit.Applied:
		// Proven, by the tag if there was a later change.
	case eval.result == audit.PartlyApplied && op.Result == audit.NotApplied && !changedLater:
		note = "A later reading shows that a part of the change was made after all."
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

// pendingCalls returns what is known of each planned call, and the deadline after which no late commit is expected, as
// a time of this process: a clock that is set back or ahead does not move it. An operation without an outcome was cut
// off, so each of its calls may have been sent. No calls means that there is nothing to reconcile: the operation is
// still running, or every call has an answer that no reading contradicted.
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
		if !op.Open && event.Result != audit.Unknown {
			return nil, time.Time{}, nil
		}
		deadline = deadline.Add(s.ReconcileAfter)
		return finalResults(event.Calls), s.deadlines.of(op, deadline, s.Now(), deadline.Sub(event.At)), nil
	}
	if running, err := s.isRunning(ctx, op, events); err != nil || running {
		s.attempts.forget(op.ID) // nothing was read yet
		return nil, time.Time{}, err
	}
	calls := make([]audit.Result, descriptor.plannedCalls(intent))
	for i := range calls {
		calls[i] = audit.Unknown
	}
	length := operationTimeout + voxapi.WriteTokenTTL + s.ReconcileAfter
	return calls, s.deadlines.of(op, op.CreatedAt.Add(length), s.Now(), length), nil
}

// earliestDeadline returns the earliest possible deadline of an operation.
func (s *Service) earliestDeadline(op audit.Operation) time.Time {
	return op.CreatedAt.Add(voxapi.WriteTokenTTL + s.ReconcileAfter)
}
