package bulk

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// reasonMax is how long a reason may be, in characters: as long as that of an act.
const reasonMax = 1000

// Start starts a draft, which only who made it may do: what it says of each row was judged for them. It fails with
// policy.Denied, policy.StaleSignIn, ErrNotFound, Past, or operations.Invalid ("confirm", "warned", "reason", "rows").
func (s *Service) Start(ctx context.Context, request operations.Request, id string, form StartForm) (Started, error) {
	r, err := s.visible(ctx, request.Operator, id)
	if err != nil {
		return Started{}, err
	}
	if err := s.require(request.Operator, r.Kind); err != nil {
		return Started{}, err
	}
	if r.Operator.ID() != request.Operator.ID() {
		return Started{}, &policy.Denied{Permission: policy.BulkStart}
	}
	if r.Change, err = s.count(ctx, r); err != nil {
		return Started{}, err
	}
	if r.State != Draft {
		return Started{}, &StateConflict{Change: r.Change}
	}
	if err := policy.RequireRecentSignIn(request.Operator, r.Privileged, s.Now()); err != nil {
		return Started{}, err
	}
	if problems := s.startProblems(r.Change, form); len(problems) > 0 {
		return Started{}, &operations.Invalid{Fields: problems}
	}
	r.Operator = request.Operator
	r.sessionID = request.SessionID
	r.address = request.Address
	r.addressFrom = request.AddressFrom
	r.Reason, r.State, r.StartedAt = strings.TrimSpace(form.Reason), Running, s.Now().UTC()
	return s.start(ctx, r)
}

// start makes the passwords, if the run needs any, and lets it go. Of two starts of one run, one is Past.
func (s *Service) start(ctx context.Context, r storedChange) (Started, error) {
	started := Started{Change: r.Change}
	if r.Kind == Create {
		var err error
		if started.Passwords, err = s.makePasswords(ctx, r.ID); err != nil {
			return Started{}, err
		}
		if !s.keepPasswords(r.ID, started.Passwords) {
			return Started{}, &StateConflict{Change: r.Change}
		}
	}
	running, err := s.setRunning(ctx, r)
	if err != nil || !running {
		s.forgetPasswords(r.ID)
	}
	switch {
	case err != nil:
		return Started{}, err
	case !running:
		return Started{}, s.stateConflict(ctx, r.ID)
	}
	s.wakeWorker()
	return started, nil
}

// startProblems says what is wrong with the form, by field.
func (s *Service) startProblems(r Change, form StartForm) map[string]string {
	problems := map[string]string{}
	count, confirm := r.Confirmation()
	if count == 0 {
		problems["rows"] = "Nothing can be done: no row of this run can be sent."
	}
	if typed := strings.NewReplacer(" ", "", ",", "", "\u00a0", "", "\u202f", "").Replace(form.Confirm); confirm &&
		typed != strconv.Itoa(count) {
		problems["confirm"] = fmt.Sprintf("Type the number of subusers, %d, to confirm.", count)
	}
	if slices.ContainsFunc(r.Warnings, func(w operations.Warning) bool { return !slices.Contains(form.Warned, w) }) {
		problems["warned"] = "Something must be said first that the page did not say. Read it, then start again."
	}
	switch {
	case s.Operations.RequireReason && strings.TrimSpace(form.Reason) == "":
		problems["reason"] = "Say why: a reason is required here."
	case utf8.RuneCountInString(form.Reason) > reasonMax:
		problems["reason"] = fmt.Sprintf("The reason is too long: at most %d characters are kept.", reasonMax)
	}
	return problems
}

// Stop ends a run after the row under way. Whoever sees a run and may make runs may stop it. It fails with
// policy.Denied, ErrNotFound or Past.
func (s *Service) Stop(ctx context.Context, o operator.Operator, id string) (Change, error) {
	if _, err := s.visible(ctx, o, id); err != nil {
		return Change{}, err
	}
	if err := s.Policy.Require(o, policy.BulkStart); err != nil {
		return Change{}, err
	}
	stopped, err := s.setStopped(ctx, id, "Stopped by "+o.Display()+".")
	switch {
	case err != nil:
		return Change{}, err
	case !stopped:
		return Change{}, s.stateConflict(ctx, id)
	}
	s.forgetPasswords(id)
	s.wakeWorker()
	return s.Show(ctx, o, id)
}

// stateConflict is the error about a run that has gone on meanwhile.
func (s *Service) stateConflict(ctx context.Context, id string) error {
	r, err := s.stored(ctx, id)
	if err != nil {
		return err
	}
	counted, err := s.count(ctx, r)
	if err != nil {
		return err
	}
	return &StateConflict{Change: counted}
}

// wakeWorker tells the loop that there is something to look at.
func (s *Service) wakeWorker() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
