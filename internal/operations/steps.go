package operations

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// step is a vendor call of an operation. It is sent once.
type step struct {
	method string
	send   func(ctx context.Context) error
	// fallback returns the same method with other parameters, to send after a refusal. nil, or a nil result: none.
	fallback func(ctx context.Context, refused error) func(ctx context.Context) error
}

// begin commits the intent, within the time limit of the request. The context that it returns outlives the request and
// ends after operationTimeout.
func (s *Service) begin(
	request context.Context,
	p plan,
) (context.Context, context.CancelFunc, audit.Operation, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(request), operationTimeout)
	if deadline, ok := request.Deadline(); ok {
		ctx = context.WithValue(ctx, requestDeadline{}, deadline)
	}
	p.intent.BulkID = p.request.BulkID
	body, err := json.Marshal(p.intent)
	if err != nil {
		cancel()
		return nil, nil, audit.Operation{}, fmt.Errorf("encoding the intent: %w", err)
	}
	op, err := s.AuditLog.Begin(request, audit.Operation{
		ID:        p.request.ID,
		Account:   p.request.Account,
		Action:    p.descriptor.Action,
		Target:    p.target,
		Actor:     p.request.Actor(),
		Reason:    p.request.Reason,
		RequestID: p.request.RequestID,
		Tag:       p.tag,
		Intent:    body,
		Affected:  p.intent.affected(),
		Roles:     p.intent.roleChanges(p.descriptor),
		CreatedAt: s.Now().UTC(),
	}, p.guard)
	if err == nil {
		return ctx, cancel, op, nil
	}
	cancel()
	if exists, ok := errors.AsType[*audit.DuplicateID](err); ok {
		return nil, nil, op, reuseError(exists.Operation, p.request, p.descriptor.Action, p.target)
	}
	if locked, ok := errors.AsType[*audit.Locked](err); ok {
		return nil, nil, op, &Busy{Operation: locked.Operation}
	}
	if errors.Is(err, audit.ErrConflict) {
		return nil, nil, op, err
	}
	s.Logger.Error("writing the intent failed", "operation", p.request.ID, "error", err)
	return nil, nil, op, errors.Join(ErrAuditLogUnavailable, err)
}

// checkRepeated returns Repeated or IDMismatch when the operation id was used before.
func (s *Service) checkRepeated(ctx context.Context, request Request, action audit.Action, target audit.Target) error {
	if !validID(request.ID) {
		return &IDMismatch{}
	}
	op, err := s.AuditLog.Operation(ctx, request.ID)
	switch {
	case err == nil:
		return reuseError(op, request, action, target)
	case errors.Is(err, audit.ErrNotFound):
		return nil
	default:
		return errors.Join(ErrAuditLogUnavailable, err)
	}
}

// reuseError returns Repeated when the same form was sent twice, and otherwise IDMismatch.
func reuseError(op audit.Operation, request Request, action audit.Action, target audit.Target) error {
	same := op.Actor.ID() == request.Operator.ID() && op.Account == request.Account && op.Action == action &&
		op.Target.Kind == target.Kind
	if target.ID != "" {
		same = same && (op.Target.ID == target.ID || op.Target.FormerID == target.ID)
	} else {
		same = same && op.Target.Name == target.Name
	}
	switch {
	case same:
		return &Repeated{Operation: op}
	case op.Actor.ID() == request.Operator.ID():
		return &IDMismatch{Operation: op}
	default:
		return &IDMismatch{}
	}
}

// send sends the steps in order and stops at the first that was not applied. lastErr is the error of the last call.
func (s *Service) send(ctx context.Context, steps []step) (calls []audit.Call, lastErr error) {
	for _, st := range steps {
		var call audit.Call
		call, lastErr = s.call(ctx, st.method, st.send)
		calls = append(calls, call)
		if call.Result == audit.Refused && st.fallback != nil {
			if other := st.fallback(ctx, lastErr); other != nil {
				call, lastErr = s.call(ctx, st.method, other)
				calls = append(calls, call)
			}
		}
		if call.Result != audit.Applied {
			break
		}
	}
	return calls, lastErr
}

func (s *Service) call(ctx context.Context, method string, send func(ctx context.Context) error) (audit.Call, error) {
	sentAt := s.Now().UTC()
	err := send(ctx)
	call := callOf(method, err)
	call.SentAt, call.Duration = sentAt, s.Now().Sub(sentAt)
	if call.Result == audit.Unknown && call.TokenExpires.IsZero() {
		call.TokenExpires = sentAt.Add(call.Duration + voxapi.WriteTokenTTL)
	}
	return call, err
}

// callOf returns a call for the audit log. An error that the client did not classify makes its result unknown.
func callOf(method string, err error) audit.Call {
	if err == nil {
		return audit.Call{Method: method, Result: audit.Applied}
	}
	call := audit.Call{Method: method, Result: audit.Unknown}
	if e, ok := errors.AsType[*voxapi.Error](err); ok {
		call.Code, call.VendorMessage, call.TokenExpires = e.Code, e.VendorMessage, e.TokenExpires
		switch e.Kind {
		case voxapi.Refused:
			call.Result = audit.Refused
		case voxapi.NotSent:
			call.Result = audit.NotSent
		}
	}
	return call
}

// adviceOf returns what to do about an error of the client, "" when there is no advice.
func adviceOf(err error) string {
	if e, ok := errors.AsType[*voxapi.Error](err); ok {
		return e.Advice()
	}
	return ""
}

// IsRateLimit reports whether a vendor code is the rate limit: the vendor refused the call before it changed anything.
func IsRateLimit(code int) bool { return voxapi.InfoOf(code).IsRateLimit() }

// AffectsEveryTarget reports whether the vendor would refuse the same call for every other principal too, because of
// the console key, the clock or a limit of the account.
func AffectsEveryTarget(code int) bool { return voxapi.InfoOf(code).Scope == voxapi.ScopeEveryRequest }

// NeedsForce reports whether the vendor refused to revoke roles from a subuser because one of its keys has them.
func NeedsForce(code int) bool { return voxapi.InfoOf(code).IsKeysHaveRoles() }

// requestDeadline is the key of the time until which a request should end, in the context of an operation that outlives
// it.
type requestDeadline struct{}

// minAuditLogTimeout is how long writing an outcome is tried at least, however late it is for the request.
const minAuditLogTimeout = 2 * time.Second

// outcomeTimeout returns how long writing an outcome may take.
func outcomeTimeout(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Value(requestDeadline{}).(time.Time); ok {
		return min(auditLogTimeout, max(time.Until(deadline), minAuditLogTimeout))
	}
	return auditLogTimeout
}

// appendEvents writes events of an operation, and reports whether it could. It retries for outcomeTimeout, because only
// this process knows the vendor's answer.
func (s *Service) appendEvents(
	ctx context.Context,
	op audit.Operation,
	open bool,
	events ...audit.Event,
) (audit.Operation, bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), outcomeTimeout(ctx))
	defer cancel()
	for pause := 100 * time.Millisecond; ; pause *= 2 {
		written, err := s.AuditLog.Append(ctx, op, open, events...)
		if err == nil {
			return written, true
		}
		if errors.Is(err, audit.ErrConflict) || wait(ctx, pause) != nil {
			s.Logger.Error("writing the outcome failed; reading will reconcile it", "operation", op.ID, "error", err)
			s.Measure.outcomeNotSaved()
			return written, false
		}
	}
}
