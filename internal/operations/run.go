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

// step is one vendor call of an operation. It is sent once.
type step struct {
	method string
	send   func(ctx context.Context) error
	// other is what to ask for instead when the call was refused: the same method with other parameters. nil, or a nil
	// answer, when there is nothing else to ask for.
	other func(ctx context.Context, refused error) func(ctx context.Context) error
}

// plan is an operation that is about to begin.
type plan struct {
	act    Act
	action audit.Action
	target audit.Target
	mark   string
	intent Intent
	guard  audit.Guard
}

// begin commits the intent. From here on the browser's connection no longer matters: the context it returns
// outlives the request and ends with the operation's own limit.
func (s *Service) begin(ctx context.Context, p plan) (context.Context, context.CancelFunc, audit.Operation, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), operationLimit)
	p.intent.Run = p.act.Run
	body, err := json.Marshal(p.intent)
	if err != nil {
		cancel()
		return nil, nil, audit.Operation{}, fmt.Errorf("encoding the intent: %w", err)
	}
	op, err := s.Record.Begin(ctx, audit.Operation{
		ID: p.act.ID, Account: p.act.Account, Action: p.action, Target: p.target, Actor: p.act.Actor(),
		Reason: p.act.Reason, RequestID: p.act.RequestID, Tag: p.mark, Intent: body, CreatedAt: s.Now().UTC(),
	}, p.guard)
	if err == nil {
		return ctx, cancel, op, nil
	}
	cancel()
	if exists, ok := errors.AsType[*audit.DuplicateID](err); ok {
		return nil, nil, op, sameForm(exists.Operation, p.act, p.action, p.target)
	}
	if held, ok := errors.AsType[*audit.Locked](err); ok {
		return nil, nil, op, &Busy{First: held.Operation}
	}
	if errors.Is(err, audit.ErrConflict) {
		return nil, nil, op, err
	}
	s.Logger.Error("the intent could not be written", "operation", p.act.ID, "error", err)
	return nil, nil, op, errors.Join(ErrRecord, err)
}

// seenBefore answers Repeated or Foreign when the form was sent before, so that it is neither judged nor sent again.
func (s *Service) seenBefore(ctx context.Context, a Act, action audit.Action, target audit.Target) error {
	if !validID(a.ID) {
		return &Foreign{}
	}
	op, err := s.Record.Operation(ctx, a.ID)
	switch {
	case err == nil:
		return sameForm(op, a, action, target)
	case errors.Is(err, audit.ErrNotFound):
		return nil
	default:
		return errors.Join(ErrRecord, err)
	}
}

// sameForm says what a second use of an operation id is: the same form sent twice, or somebody else's id.
func sameForm(op audit.Operation, a Act, action audit.Action, target audit.Target) error {
	same := op.Actor.ID() == a.Operator.ID() && op.Account == a.Account && op.Action == action &&
		op.Target.Kind == target.Kind
	if target.ID != "" {
		same = same && (op.Target.ID == target.ID || op.Target.FormerID == target.ID)
	} else {
		same = same && op.Target.Name == target.Name
	}
	switch {
	case same:
		return &Repeated{Operation: op}
	case op.Actor.ID() == a.Operator.ID():
		return &Foreign{First: op}
	default:
		return &Foreign{}
	}
}

// send sends the steps in order and stops at the first that was not applied. It answers the last call's error too.
func (s *Service) send(ctx context.Context, steps []step) (calls []audit.Call, lastErr error) {
	for _, st := range steps {
		var call audit.Call
		call, lastErr = s.call(ctx, st.method, st.send)
		calls = append(calls, call)
		if call.Result == audit.Refused && st.other != nil {
			if other := st.other(ctx, lastErr); other != nil {
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

// call sends one call.
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

// callOf turns the client's error into the record's word. What the client did not classify is unknown.
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

// adviceOf is our sentence on the client's error.
func adviceOf(err error) string {
	if e, ok := errors.AsType[*voxapi.Error](err); ok {
		return e.Advice()
	}
	return ""
}

// record adds events to the operation's story. It tries again for a while, since by now the vendor has been
// asked and the answer is known only here. Its second answer says that it could not.
func (s *Service) record(
	ctx context.Context,
	op audit.Operation,
	open bool,
	events ...audit.Event,
) (audit.Operation, bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordLimit)
	defer cancel()
	for pause := 100 * time.Millisecond; ; pause *= 2 {
		written, err := s.Record.Append(ctx, op, open, events...)
		if err == nil {
			return written, true
		}
		if errors.Is(err, audit.ErrConflict) || wait(ctx, pause) != nil {
			s.Logger.Error("the outcome could not be written; it will be settled by reading", "operation", op.ID, "error", err)
			return written, false
		}
	}
}
