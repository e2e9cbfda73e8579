package bulk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
)

// itemOutcome is the result of one attempt at an item.
type itemOutcome struct {
	result        audit.Result
	open          bool   // the operation is not resolved yet
	code          int    // the vendor's error code
	message       string // sentences, "" when the result says it all
	sharedFailure string // a sentence: the reason of a failure that the next item would probably share; "" for none
	notStarted    bool   // the audit log has no such operation: nothing was sent
	interrupted   bool   // this process is shutting down: nothing was sent
	busy          bool   // another operation on the same target is open
	rateLimited   bool   // refused by the vendor's rate limit: nothing was changed
}

// retryDelay returns how long to wait before the item is tried again, 0 when it is not.
func (o itemOutcome) retryDelay(attempts int) time.Duration {
	delays := rateLimitDelays()
	switch {
	case o.busy && attempts < 2:
		return busyRetryDelay
	case o.rateLimited && attempts < len(delays):
		return delays[attempts]
	default:
		return 0
	}
}

// attempt performs an item's operation. A panic affects this item only.
func (s *Service) attempt(ctx context.Context, c storedChange, item Item) (o itemOutcome) {
	defer func() {
		if fault := recover(); fault != nil {
			s.Logger.Error(
				"panic in a bulk item",
				"bulk_id", c.ID,
				"item", item.N,
				"operation", item.OperationID,
				"panic", fmt.Sprint(fault),
			)
			o = s.outcomeFromLog(
				context.WithoutCancel(ctx),
				item.OperationID,
				itemOutcome{result: audit.NotSent, message: internalErrorText, sharedFailure: internalErrorText},
			)
		}
	}()
	out, err := s.execute(ctx, c, item)
	switch {
	case err == nil:
		return outcomeOf(out)
	case ctx.Err() != nil && !isRepeated(err):
		return itemOutcome{interrupted: true}
	default:
		return s.notSentOutcome(context.WithoutCancel(ctx), item, err)
	}
}

// isRepeated reports whether the error names an operation that the audit log has.
func isRepeated(err error) bool {
	_, repeated := errors.AsType[*operations.Repeated](err)
	return repeated
}

// internalErrorText is the message of an item with an error that the operator cannot do anything about.
const internalErrorText = "Not sent because of an internal error. The server log has the details."

// execute performs the item's operation.
func (s *Service) execute(ctx context.Context, c storedChange, item Item) (operations.Outcome, error) {
	request := operations.Request{
		ID:          item.OperationID,
		Operator:    c.Operator,
		Account:     c.Account,
		Reason:      c.Reason,
		RequestID:   c.ID,
		SessionID:   c.SessionID,
		Address:     c.Address,
		AddressFrom: c.AddressFrom,
		BulkID:      c.ID,
		DecidedAt:   c.StartedAt,
	}
	// The console may have got another key since the preview.
	if s.Operations.IsConsoleKey(item.Target) {
		return operations.Outcome{}, &operations.ConsoleKeyProtected{Message: consoleKeyText}
	}
	switch item.descriptor().Verb {
	case operations.VerbDelete:
		command := item.deleteCommand()
		command.Request, command.Warned = request, c.Warnings
		return s.Operations.Delete(ctx, command)
	case operations.VerbCreate:
		command := item.createCommand()
		command.Request, command.Password, command.PasswordGenerated = request, s.password(c.ID, item.Name), true
		if command.Password.Empty() {
			return operations.Outcome{}, errNoPassword // without one the operation would make one that is never shown
		}
		return s.Operations.CreateSubuser(ctx, command)
	case operations.VerbRoles:
		command := item.rolesCommand()
		command.Request = request
		if slices.Contains(c.Warnings, operations.WarnLastOwner) {
			command.Confirm = item.Name
		}
		return s.Operations.ChangeRoles(ctx, command)
	default:
		return operations.Outcome{}, fmt.Errorf("%w %q", operations.ErrUnknownAction, item.Action)
	}
}

// errNoPassword is the error for an item after the end of its bulk change: its password was forgotten.
var errNoPassword = errors.New("the password is no longer known")

// outcomeOf converts the outcome of an operation.
func outcomeOf(out operations.Outcome) itemOutcome {
	o := itemOutcome{result: out.Result, open: out.Operation.Open || out.Unsaved, code: out.Call.Code}
	sentences := []string{out.Advice, out.UnrequestedChanges.Message()}
	if len(out.RemainingKeys) > 0 {
		names := make([]string, 0, len(out.RemainingKeys))
		for _, key := range out.RemainingKeys {
			names = append(names, cmp.Or(key.Name, key.ID))
		}
		sentences = append(sentences, "Keys that may still work: "+strings.Join(names, ", ")+".")
	}
	o.message = strings.TrimSpace(strings.Join(slices.DeleteFunc(sentences, func(s string) bool { return s == "" }), " "))
	o.rateLimited = out.Result == audit.Refused && operations.IsRateLimit(out.Call.Code)
	switch {
	case out.Unsaved:
		o.sharedFailure = "The audit log cannot be written. Check the database and its disk."
	case out.Contradicted:
		o.sharedFailure = "Voximplant reported success, but does not show the changes. The operations are checked again " +
			"until their outcome is known."
	case out.Result == audit.Unknown:
		o.sharedFailure = "Voximplant's responses were lost. The operations are checked again until their outcome is known."
	case out.Result == audit.NotSent && out.Call.Method != "",
		out.Result == audit.Refused && operations.AffectsEveryTarget(out.Call.Code):
		o.sharedFailure = out.Advice
	}
	return o
}
