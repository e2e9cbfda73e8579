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

// answer is what came of one attempt at a row.
type answer struct {
	result      audit.Result
	open        bool   // the operation waits to be settled
	code        int    // the vendor's
	sentence    string // for people, "" when the result says it all
	trouble     string // a sentence: the reason of a failure that the next row would share; "" for none
	unbegun     bool   // the record has no operation: nothing was sent
	interrupted bool   // this process ends: nothing was sent
	busy        bool   // another operation on the same target is open
	limited     bool   // the vendor's rate limit was met, and nothing was done
}

// pause is how long to wait before the row is tried again; 0 when it is not.
func (a answer) pause(tried int) time.Duration {
	limits := limitPauses()
	switch {
	case a.busy && tried < 2:
		return busyPause
	case a.limited && tried < len(limits):
		return limits[tried]
	default:
		return 0
	}
}

// attempt makes a row's operation. A fault over one row does not end the others.
func (s *Service) attempt(ctx context.Context, r storedRun, row Row) (a answer) {
	defer func() {
		if fault := recover(); fault != nil {
			s.Logger.Error(
				"a fault over one row of a run",
				"run",
				r.ID,
				"row",
				row.N,
				"operation",
				row.OperationID,
				"fault",
				fmt.Sprint(fault),
			)
			a = s.recorded(
				context.WithoutCancel(ctx),
				row.OperationID,
				answer{result: audit.NotSent, sentence: ownFault, trouble: ownFault},
			)
		}
	}()
	out, err := s.act(ctx, r, row)
	switch {
	case err == nil:
		return answerOf(out)
	case ctx.Err() != nil && !isRecorded(err):
		return answer{interrupted: true}
	default:
		return s.stopped(context.WithoutCancel(ctx), row, err)
	}
}

// isRecorded says whether an error of an act speaks of an operation that the record has.
func isRecorded(err error) bool {
	_, repeated := errors.AsType[*operations.Repeated](err)
	return repeated
}

// ownFault is what a row says whose error is none that people can do something about.
const ownFault = "A fault of this console kept it from being sent; the server's log says more."

// act is the row's act.
func (s *Service) act(ctx context.Context, r storedRun, row Row) (operations.Outcome, error) {
	act := operations.Act{
		ID: row.OperationID, Operator: r.Operator, Account: r.Account, Reason: r.Reason, RequestID: r.ID,
		SessionID: r.sessionID, Address: r.address, AddressFrom: r.addressFrom, Run: r.ID, Decided: r.StartedAt,
	}
	switch r.Kind {
	case Delete:
		return s.Acts.DeleteSubuser(ctx, operations.DeleteSubuser{
			Act: act, SubuserID: row.TargetID, Base: idsOf(row.Before), Confirm: row.Login, Warned: r.Warnings,
		})
	case Create:
		password := s.password(r.ID, row.Login)
		if password.Empty() {
			return operations.Outcome{}, errNoPassword // without one the act would make one that nobody is told
		}
		return s.Acts.CreateSubuser(ctx, operations.CreateSubuser{
			Act:          act,
			Login:        row.Login,
			Password:     password,
			Description:  row.Description,
			Roles:        idsOf(row.Roles),
			Offered:      idsOf(row.Roles),
			PasswordMade: true,
		})
	default:
		return s.Acts.ChangeSubuserRoles(ctx, rolesCommand(act, r, row))
	}
}

// errNoPassword says that the password of a row has been forgotten: its run has ended.
var errNoPassword = errors.New("the password is no longer known")

// rolesCommand offers what the row grants and revokes, and ticks what it grants. The login confirms that nobody keeps
// Owner, when that is what the preview said.
func rolesCommand(act operations.Act, r storedRun, row Row) operations.ChangeSubuserRoles {
	c := operations.ChangeSubuserRoles{
		Act:       act,
		SubuserID: row.TargetID,
		Base:      idsOf(row.Before),
		Offered:   slices.Concat(idsOf(row.Grant), idsOf(row.Revoke)),
		Ticked:    idsOf(row.Grant),
	}
	if slices.Contains(r.Warnings, operations.WarnLastOwner) {
		c.Confirm = row.Login
	}
	return c
}

// answerOf is what a finished act says.
func answerOf(out operations.Outcome) answer {
	a := answer{result: out.Result, open: out.Operation.Open || out.Unsaved, code: out.Call.Code}
	sentences := []string{out.Advice, out.Unasked.Sentence()}
	if len(out.KeysAlive) > 0 {
		names := make([]string, 0, len(out.KeysAlive))
		for _, key := range out.KeysAlive {
			names = append(names, cmp.Or(key.Name, key.ID))
		}
		sentences = append(sentences, "Keys that may still work: "+strings.Join(names, ", ")+".")
	}
	a.sentence = strings.TrimSpace(strings.Join(slices.DeleteFunc(sentences, func(s string) bool { return s == "" }), " "))
	a.limited = out.Result == audit.Refused && out.Call.Code == rateLimitCode
	switch {
	case out.Unsaved:
		a.trouble = "The record cannot be written: look at the database and its disk."
	case out.Result == audit.Unknown:
		a.trouble = "The answers were lost, so that nobody knows yet what was done: the operations are looked at again " +
			"until that is known."
	case out.Result == audit.NotSent && out.Call.Method != "", out.Result == audit.Refused && concernsAll(out.Call.Code):
		a.trouble = out.Advice
	}
	return a
}

// concernsAll says whether the vendor refuses for a reason that is not the target's: the key, its roles, the account,
// the number of subusers, or the rate limit.
func concernsAll(code int) bool {
	return slices.Contains([]int{100, 104, 115, 131, 340, 438, 447, 454, 455, 456}, code)
}
