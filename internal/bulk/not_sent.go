package bulk

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// notSentOutcome is what a row says whose act was stopped before anything was sent: a sentence for each error, never
// the error's own text.
func (s *Service) notSentOutcome(ctx context.Context, item Item, err error) itemOutcome {
	a := itemOutcome{result: audit.NotSent, notStarted: true}
	if repeated, ok := errors.AsType[*operations.Repeated](err); ok {
		return s.outcomeFromLog(ctx, repeated.Operation.ID, a)
	}
	if busy, ok := errors.AsType[*operations.Busy](err); ok {
		a.busy = true
		a.message = "Another operation on the same subuser is not settled yet, that of " + busy.Operation.Actor.Display() +
			": " + busy.Operation.ID + "."
		return a
	}
	if trouble, ok := errors.AsType[*directory.ReadError](err); ok {
		a.rateLimited = trouble.Kind == directory.RateLimited
		a.message, a.code, a.sharedFailure = trouble.Advice, trouble.Code, trouble.Advice
		return a
	}
	if a.message = conflictMessage(err); a.message != "" {
		return a
	}
	switch {
	case errors.Is(err, directory.ErrNotFound):
		a.message = "The subuser is no longer in the account."
	case errors.Is(err, errNoPassword):
		a.message = "The run had ended before its turn came."
	case errors.Is(err, operations.ErrNoCatalogue):
		a.message = "The roles of the account are not known at the moment."
		a.sharedFailure = a.message
	case errors.Is(err, operations.ErrAuditLogUnavailable):
		// The intent may have been committed all the same.
		a.message = "The record could not be written, so nothing was sent. Look at the database and its disk."
		a.sharedFailure = a.message
		return s.outcomeFromLog(ctx, item.OperationID, a)
	case errors.Is(err, context.DeadlineExceeded):
		a.message = "Voximplant did not answer in time."
		a.sharedFailure = a.message
	default:
		s.Logger.Error("a row of a run failed", "run", item.BulkID, "row", item.N, "error", err)
		a.message, a.sharedFailure = internalErrorText, internalErrorText
	}
	return a
}

// conflictMessage is what a row says whose target, or whose operator, is no longer what the preview was drawn from;
// "" for other errors.
func conflictMessage(err error) string {
	if _, ok := errors.AsType[*operations.Conflict](err); ok {
		return "Somebody changed the roles since the preview."
	}
	if _, ok := errors.AsType[*operations.FormOutdated](err); ok {
		return "Something changed since the preview: the roles, the keys, or what has to be warned of."
	}
	if own, ok := errors.AsType[*operations.ConsoleKeyProtected](err); ok {
		return own.Message
	}
	if denied, ok := errors.AsType[*policy.Denied](err); ok {
		if denied.Permission == policy.Privileged {
			return "A privileged role is held or changed here: only an admin may do this."
		}
		return "Who started the run may not do this any more."
	}
	if _, ok := errors.AsType[*policy.StaleSignIn](err); ok {
		return "What has become of it since the preview wants a more recent sign-in than the run was started with. Do it " +
			"on the subuser's own page."
	}
	wrong, ok := errors.AsType[*operations.Invalid](err)
	if !ok {
		return ""
	}
	if _, confirm := wrong.Fields["confirm"]; confirm {
		return "This would take Owner from the last subuser who has it, which the preview did not say."
	}
	var sentences []string
	for _, sentence := range wrong.Fields {
		sentences = append(sentences, sentence)
	}
	slices.Sort(sentences)
	return strings.Join(sentences, " ")
}

// outcomeFromLog is what the record says of an operation that was begun, or perhaps was; else is the answer when it
// was not. When the record cannot be read either, the row keeps the operation's id, and is asked about later.
func (s *Service) outcomeFromLog(ctx context.Context, id string, fallback itemOutcome) itemOutcome {
	op, err := s.AuditLog.Operation(ctx, id)
	switch {
	case errors.Is(err, audit.ErrNotFound):
		fallback.notStarted = true
		return fallback
	case err != nil:
		fallback.notStarted, fallback.open = false, true
		return fallback
	}
	a := itemOutcome{result: op.Result, open: op.Open, sharedFailure: fallback.sharedFailure}
	if a.result == "" {
		a.result = audit.Unknown
	}
	events, err := s.AuditLog.Events(ctx, id)
	if err != nil {
		return a // only the code is missing
	}
	for _, event := range events {
		for _, call := range event.Calls {
			a.code = call.Code
		}
	}
	return a
}
