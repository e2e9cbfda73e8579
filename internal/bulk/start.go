package bulk

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// Start starts a draft. Only the operator that drafted it can do that, because its items depend on their permissions.
// It returns *policy.Denied, *policy.StaleSignIn, ErrNotFound, *StateConflict, *operations.Invalid (fields
// "confirm", "warned", "without_roles", "reason" and "rows"), or *audit.Mismatch when the draft was changed in the
// database.
func (s *Service) Start(ctx context.Context, request operations.Request, id string, form StartForm) (Started, error) {
	c, err := s.visible(ctx, request.Operator, id)
	if err != nil {
		return Started{}, err
	}
	if err := s.Policy.Require(request.Operator, policy.BulkStart); err != nil {
		return Started{}, err
	}
	if c.Operator.ID() != request.Operator.ID() {
		return Started{}, &policy.Denied{Permission: policy.BulkStart}
	}
	if c.Change, err = s.count(ctx, c); err != nil {
		return Started{}, err
	}
	if c.State != Draft {
		return Started{}, &StateConflict{Change: c.Change}
	}
	proof, proven, err := s.prove(ctx, id)
	if err != nil {
		return Started{}, err
	}
	proven.Counts = c.Counts
	c = proven
	if err := s.require(request.Operator, c.Change); err != nil {
		return Started{}, err
	}
	if err := policy.RequireRecentSignIn(request.Operator, c.Privileged, s.Now()); err != nil {
		return Started{}, err
	}
	if problems := s.startProblems(c.Change, form); len(problems) > 0 {
		return Started{}, &operations.Invalid{Fields: problems}
	}
	c.Operator = request.Operator
	c.SessionID = request.SessionID
	c.Address = request.Address
	c.AddressFrom = request.AddressFrom
	if err := s.requireSession(ctx, &c); err != nil {
		return Started{}, err
	}
	c.Reason, c.State, c.StartedAt = strings.TrimSpace(form.Reason), Running, s.Now().UTC()
	return s.start(ctx, c, proof, request.Actor())
}

// start generates the passwords, if any are needed, and sets the state. Of two simultaneous starts, one gets a
// *StateConflict.
func (s *Service) start(
	ctx context.Context,
	c storedChange,
	proof *audit.BulkProof,
	actor audit.Actor,
) (Started, error) {
	started := Started{Change: c.Change}
	if c.Kind == Create {
		var err error
		if started.Passwords, err = s.makePasswords(ctx, c.ID); err != nil {
			return Started{}, err
		}
		if !s.keepPasswords(c.ID, started.Passwords) {
			return Started{}, &StateConflict{Change: c.Change}
		}
	}
	running, err := s.setRunning(ctx, c, proof, actor)
	if err != nil || !running {
		s.forgetPasswords(c.ID)
	}
	switch {
	case err != nil:
		return Started{}, s.reportMismatch(ctx, c.ID, err)
	case !running:
		return Started{}, s.stateConflict(ctx, c.ID)
	}
	s.wakeWorker()
	return started, nil
}

// startProblems returns the problems of the form by field.
func (s *Service) startProblems(c Change, form StartForm) map[string]string {
	problems := map[string]string{}
	count, confirm := c.Confirmation()
	if count == 0 {
		problems["rows"] = "No item of this bulk change can be sent."
	}
	typed := strings.NewReplacer(" ", "", ",", "", "\u00a0", "", "\u202f", "").Replace(form.Confirm)
	if confirm && typed != strconv.Itoa(count) {
		problems["confirm"] = fmt.Sprintf("Type the number of %s, %d, to confirm.", plural(c.PrincipalKind), count)
	}
	if slices.ContainsFunc(c.Warnings, func(w operations.Warning) bool { return !slices.Contains(form.Warned, w) }) {
		problems["warned"] = "There is a new warning. Read it, then start again."
	}
	if c.WithoutRoles.Count > 0 && !form.WithoutRoles {
		problems["without_roles"] = "Tick the box to create the subusers without roles, or import a file with their roles."
	}
	problem := operations.ReasonProblem(form.Reason, s.Operations.RequireReason)
	if len(c.PrivilegedGrants) > 0 {
		problem = operations.PrivilegedReasonProblem(form.Reason)
	}
	if problem != "" {
		problems["reason"] = problem
	}
	return problems
}

// Stop stops a bulk change after the item in progress. Every operator that can see it and can start bulk changes can
// stop it. It returns *policy.Denied, ErrNotFound or *StateConflict.
func (s *Service) Stop(ctx context.Context, o operator.Operator, id string) (Change, error) {
	if _, err := s.visible(ctx, o, id); err != nil {
		return Change{}, err
	}
	if err := s.Policy.Require(o, policy.BulkStart); err != nil {
		return Change{}, err
	}
	actor := operations.Request{Operator: o}.Actor()
	stopped, err := s.setStopped(ctx, id, "Stopped by "+o.Display()+".", &actor)
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

// stateConflict returns a *StateConflict with the current state.
func (s *Service) stateConflict(ctx context.Context, id string) error {
	c, err := s.stored(ctx, id)
	if err != nil {
		return err
	}
	counted, err := s.count(ctx, c)
	if err != nil {
		return err
	}
	return &StateConflict{Change: counted}
}

// wakeWorker makes Run check for work at once.
func (s *Service) wakeWorker() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
