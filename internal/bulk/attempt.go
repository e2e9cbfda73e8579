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

// itemOutcome is what came of one attempt at a row.
type itemOutcome struct {
	result        audit.Result
	open          bool   // the operation waits to be settled
	code          int    // the vendor's
	message       string // for people, "" when the result says it all
	sharedFailure string // a sentence: the reason of a failure that the next row would share; "" for none
	notStarted    bool   // the record has no operation: nothing was sent
	interrupted   bool   // this process ends: nothing was sent
	busy          bool   // another operation on the same target is open
	rateLimited   bool   // the vendor's rate limit was met, and nothing was done
}

// wait is how long to wait before the row is tried again; 0 when it is not.
func (a itemOutcome) retryDelay(attempts int) time.Duration {
	limits := rateLimitDelays()
	switch {
	case a.busy && attempts < 2:
		return busyRetryDelay
	case a.rateLimited && attempts < len(limits):
		return limits[attempts]
	default:
		return 0
	}
}

// attempt makes a row's operation. A fault over one row does not end the others.
func (s *Service) attempt(ctx context.Context, r storedChange, item Item) (a itemOutcome) {
	defer func() {
		if fault := recover(); fault != nil {
			s.Logger.Error(
				"a fault over one row of a run",
				"run",
				r.ID,
				"row",
				item.N,
				"operation",
				item.OperationID,
				"fault",
				fmt.Sprint(fault),
			)
			a = s.outcomeFromLog(
				context.WithoutCancel(ctx),
				item.OperationID,
				itemOutcome{result: audit.NotSent, message: internalErrorText, sharedFailure: internalErrorText},
			)
		}
	}()
	out, err := s.execute(ctx, r, item)
	switch {
	case err == nil:
		return outcomeOf(out)
	case ctx.Err() != nil && !isRepeated(err):
		return itemOutcome{interrupted: true}
	default:
		return s.notSentOutcome(context.WithoutCancel(ctx), item, err)
	}
}

// isRepeated says whether an error of an act speaks of an operation that the record has.
func isRepeated(err error) bool {
	_, repeated := errors.AsType[*operations.Repeated](err)
	return repeated
}

// internalErrorText is what a row says whose error is none that people can do something about.
const internalErrorText = "A fault of this console kept it from being sent; the server's log says more."

// request is the row's act.
func (s *Service) execute(ctx context.Context, r storedChange, item Item) (operations.Outcome, error) {
	request := operations.Request{
		ID: item.OperationID, Operator: r.Operator, Account: r.Account, Reason: r.Reason, RequestID: r.ID,
		SessionID: r.sessionID, Address: r.address, AddressFrom: r.addressFrom, BulkID: r.ID, DecidedAt: r.StartedAt,
	}
	switch r.Kind {
	case Delete:
		return s.Operations.DeleteSubuser(ctx, operations.DeleteSubuser{
			Request: request, SubuserID: item.TargetID, Base: idsOf(item.Before), Confirm: item.Login, Warned: r.Warnings,
		})
	case Create:
		password := s.password(r.ID, item.Login)
		if password.Empty() {
			return operations.Outcome{}, errNoPassword // without one the act would make one that nobody is told
		}
		return s.Operations.CreateSubuser(ctx, operations.CreateSubuser{
			Request:           request,
			Login:             item.Login,
			Password:          password,
			Description:       item.Description,
			Roles:             idsOf(item.Roles),
			Offered:           idsOf(item.Roles),
			PasswordGenerated: true,
		})
	default:
		return s.Operations.ChangeSubuserRoles(ctx, rolesCommand(request, r, item))
	}
}

// errNoPassword says that the password of a row has been forgotten: its run has ended.
var errNoPassword = errors.New("the password is no longer known")

// rolesCommand offers what the row grants and revokes, and ticks what it grants. The login confirms that nobody keeps
// Owner, when that is what the preview said.
func rolesCommand(request operations.Request, r storedChange, item Item) operations.ChangeSubuserRoles {
	c := operations.ChangeSubuserRoles{
		Request:   request,
		SubuserID: item.TargetID,
		Base:      idsOf(item.Before),
		Offered:   slices.Concat(idsOf(item.Grant), idsOf(item.Revoke)),
		Ticked:    idsOf(item.Grant),
	}
	if slices.Contains(r.Warnings, operations.WarnLastOwner) {
		c.Confirm = item.Login
	}
	return c
}

// outcomeOf is what a finished act says.
func outcomeOf(out operations.Outcome) itemOutcome {
	a := itemOutcome{result: out.Result, open: out.Operation.Open || out.Unsaved, code: out.Call.Code}
	sentences := []string{out.Advice, out.UnrequestedChanges.Message()}
	if len(out.RemainingKeys) > 0 {
		names := make([]string, 0, len(out.RemainingKeys))
		for _, key := range out.RemainingKeys {
			names = append(names, cmp.Or(key.Name, key.ID))
		}
		sentences = append(sentences, "Keys that may still work: "+strings.Join(names, ", ")+".")
	}
	a.message = strings.TrimSpace(strings.Join(slices.DeleteFunc(sentences, func(s string) bool { return s == "" }), " "))
	a.rateLimited = out.Result == audit.Refused && operations.IsRateLimit(out.Call.Code)
	switch {
	case out.Unsaved:
		a.sharedFailure = "The record cannot be written: look at the database and its disk."
	case out.Result == audit.Unknown:
		a.sharedFailure = "The answers were lost, so that nobody knows yet what was done: the operations are looked " +
			"at again " +
			"until that is known."
	case out.Result == audit.NotSent && out.Call.Method != "",
		out.Result == audit.Refused && operations.AffectsEveryTarget(out.Call.Code):
		a.sharedFailure = out.Advice
	}
	return a
}
