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

// notSentOutcome is the outcome of an item after its operation failed before anything was sent. Each error has
// a sentence; the error's own text is never shown.
func (s *Service) notSentOutcome(ctx context.Context, item Item, err error) itemOutcome {
	o := itemOutcome{result: audit.NotSent, notStarted: true}
	if repeated, ok := errors.AsType[*operations.Repeated](err); ok {
		return s.outcomeFromLog(ctx, repeated.Operation.ID, o)
	}
	if busy, ok := errors.AsType[*operations.Busy](err); ok {
		o.busy = true
		o.message = "Another operation on this " + item.noun() + " is still open: " + busy.Operation.ID + " by " +
			busy.Operation.Actor.Display() + "."
		return o
	}
	if readError, ok := errors.AsType[*directory.ReadError](err); ok {
		o.rateLimited = readError.Kind == directory.RateLimited
		o.message, o.code, o.sharedFailure = readError.Advice, readError.Code, readError.Advice
		if _, ok := errors.AsType[*operations.PrivilegeUnknown](err); ok {
			o.message = "It could not be checked which roles are privileged. " + o.message
		}
		return o
	}
	if o.message = conflictMessage(item, err); o.message != "" {
		return o
	}
	switch {
	case errors.Is(err, directory.ErrNotFound):
		o.message = "The " + item.noun() + " is no longer in the account."
	case errors.Is(err, errNoPassword):
		o.message = "The bulk change ended before this item."
	case errors.Is(err, operations.ErrNoCatalogue):
		o.message = "The account's roles are not known at the moment."
		o.sharedFailure = o.message
	case errors.Is(err, operations.ErrAuditLogUnavailable):
		// The intent may have been committed nevertheless.
		o.message = "Nothing was sent, because the audit log could not be written. Check the database and its disk."
		o.sharedFailure = o.message
		return s.outcomeFromLog(ctx, item.OperationID, o)
	case errors.Is(err, context.DeadlineExceeded):
		o.message = "Voximplant did not respond in time."
		o.sharedFailure = o.message
	default:
		s.Logger.Error("a bulk item failed", "bulk_id", item.BulkID, "item", item.N, "error", err)
		o.message, o.sharedFailure = internalErrorText, internalErrorText
	}
	return o
}

// conflictMessage returns the message of an item after its target, or its operator's permissions, changed since the
// preview. It returns "" for other errors.
func conflictMessage(item Item, err error) string {
	if _, ok := errors.AsType[*operations.Conflict](err); ok {
		return "The roles were changed since the preview."
	}
	if _, ok := errors.AsType[*operations.FormOutdated](err); ok {
		return "The roles, the keys or the warnings changed since the preview."
	}
	if protected, ok := errors.AsType[*operations.ConsoleKeyProtected](err); ok {
		return protected.Message
	}
	if denied, ok := errors.AsType[*policy.Denied](err); ok {
		if denied.Permission == policy.Privileged {
			return "This concerns a privileged role: only an admin can do it."
		}
		return "The operator that started the bulk change no longer has the permission for this."
	}
	if _, ok := errors.AsType[*policy.StaleSignIn](err); ok {
		return "After a change since the preview, this needs a more recent sign-in. Do it on the " + item.noun() +
			"'s own page."
	}
	wrong, ok := errors.AsType[*operations.Invalid](err)
	if !ok {
		return ""
	}
	if _, confirm := wrong.Fields["confirm"]; confirm && item.descriptor().Deletes {
		return "The name was changed since the preview."
	} else if confirm {
		return "This would revoke Owner from the last subuser that has it. The preview did not warn of that."
	}
	var sentences []string
	for _, sentence := range wrong.Fields {
		sentences = append(sentences, sentence)
	}
	slices.Sort(sentences)
	return strings.Join(sentences, " ")
}

// outcomeFromLog returns the audit log's result of an operation that was perhaps started, and fallback when it was not.
// When the log cannot be read, the item keeps the operation's id and its result is read later.
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
	o := itemOutcome{result: op.Result, open: op.Open, sharedFailure: fallback.sharedFailure}
	if o.result == "" {
		o.result = audit.Unknown
	}
	events, err := s.AuditLog.Events(ctx, id)
	if err != nil {
		return o // only the code is missing
	}
	for _, event := range events {
		for _, call := range event.Calls {
			o.code = call.Code
		}
	}
	return o
}
