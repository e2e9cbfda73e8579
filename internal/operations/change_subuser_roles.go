package operations

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// PreviewSubuserRoles says what the change would do, against a fresh reading; nothing is written or sent.
// It fails with Invalid, Conflict, policy.Denied, ErrNoCatalogue, directory.ErrNotFound or a directory.Trouble.
func (s *Service) PreviewSubuserRoles(ctx context.Context, c ChangeSubuserRoles) (Difference, error) {
	form, err := s.SubuserRolesForm(ctx, c.Operator, c.Account, c.SubuserID)
	if err != nil {
		return Difference{}, err
	}
	return s.difference(ctx, c, form)
}

// ChangeSubuserRoles makes the change. Errors as for PreviewSubuserRoles, and Repeated, Foreign, Busy and
// ErrRecord; each means that nothing was sent. What happened after that is in the Outcome.
func (s *Service) ChangeSubuserRoles(ctx context.Context, c ChangeSubuserRoles) (Outcome, error) {
	target := audit.Target{Kind: "subuser", ID: formatID(c.SubuserID)}
	if err := s.Policy.Require(c.Operator, policy.SubusersRoles); err != nil {
		return Outcome{}, err
	}
	if err := s.seenBefore(ctx, c.Act, audit.ChangeSubuserRoles, target); err != nil {
		return Outcome{}, err
	}
	for {
		out, err := s.tryChangeRoles(ctx, c, target)
		if err == nil {
			return out, nil
		}
		// The same form, sent twice at once: what looks like a conflict is our own change.
		if again := s.seenBefore(ctx, c.Act, audit.ChangeSubuserRoles, target); again != nil {
			return Outcome{}, again
		}
		// Another operation on this subuser ended between our reading and our intent: read again. The next
		// reading shows what it did, so that this ends as a conflict unless nothing that matters was changed.
		if !errors.Is(err, audit.ErrOvertaken) {
			return Outcome{}, err
		}
	}
}

// tryChangeRoles makes one attempt from the fresh reading on. It fails with audit.ErrOvertaken when the
// reading was outdated before the intent was written.
func (s *Service) tryChangeRoles(ctx context.Context, c ChangeSubuserRoles, target audit.Target) (Outcome, error) {
	seen, err := s.Record.LastSeq(ctx, c.Account, target)
	if err != nil {
		return Outcome{}, errors.Join(ErrRecord, err)
	}
	readCtx, done := context.WithTimeout(ctx, readingLimit)
	defer done()
	diff, err := s.PreviewSubuserRoles(readCtx, c)
	if err != nil {
		return Outcome{}, err
	}
	if problems := s.rolesProblems(c, diff); len(problems) > 0 {
		return Outcome{}, &Invalid{Fields: problems}
	}
	p := s.planRoles(c, target, diff, seen)
	ctx, cancel, op, err := s.begin(ctx, p)
	if err != nil {
		return Outcome{}, err
	}
	defer cancel()
	takesOwner := slices.Contains(p.guard.Locks, ownersLock)
	if takesOwner && !diff.LastOwner && s.lastOwner(ctx, c.Account, c.SubuserID, diff.RevokeIDs, diff.Catalogue) {
		return s.lostLastOwner(ctx, op, diff.Subuser), nil
	}
	return s.applyRoles(ctx, op, c, p.intent, diff.Subuser), nil
}

// planRoles writes down what is to be done and what must not be touched by others meanwhile.
func (s *Service) planRoles(c ChangeSubuserRoles, target audit.Target, diff Difference, seen int64) plan {
	target.Name = diff.Subuser.Login
	p := plan{act: c.Act, action: audit.ChangeSubuserRoles, target: target}
	p.guard = audit.Guard{Locks: []string{"subuser/" + target.ID}, Seen: &seen}
	p.intent = Intent{
		Login: diff.Subuser.Login, Before: refs(diff.Catalogue, diff.Subuser.DirectIDs()),
		Grant: refs(diff.Catalogue, diff.GrantIDs), Revoke: refs(diff.Catalogue, diff.RevokeIDs),
	}
	if slices.ContainsFunc(p.intent.Revoke, func(r RoleRef) bool { return isOwner(r.Name) }) {
		p.guard.Locks = append(p.guard.Locks, ownersLock)
	}
	return p
}

// difference works out the change: Grant = Ticked ∩ Offered − Base, Revoke = (Offered ∩ Base) − Ticked.
func (s *Service) difference(ctx context.Context, c ChangeSubuserRoles, form RolesForm) (Difference, error) {
	if !form.Catalogue.Known {
		return Difference{}, ErrNoCatalogue
	}
	grant, revoke := c.Change()
	privileged := s.PrivilegedRoles(form.Catalogue)
	if err := s.Policy.MayChange(c.Operator, privileged, form.Subuser.HeldIDs(), slices.Concat(grant, revoke)); err != nil {
		return Difference{}, err
	}
	offered := form.Offered()
	moved := !sameSet(form.Base, c.Base) ||
		slices.ContainsFunc(slices.Concat(grant, revoke), func(id int64) bool { return !slices.Contains(offered, id) })
	if moved {
		return Difference{}, conflict(c, form)
	}
	d := newDifference(form, grant, revoke)
	d.LastOwner = s.lastOwner(ctx, c.Account, c.SubuserID, d.RevokeIDs, form.Catalogue)
	return d, nil
}

// newDifference puts a change beside the roles that are held.
func newDifference(form RolesForm, grant, revoke []int64) Difference {
	d := Difference{Subuser: form.Subuser, Catalogue: form.Catalogue, GrantIDs: grant, RevokeIDs: revoke}
	kept := slices.DeleteFunc(slices.Clone(form.Base), func(id int64) bool { return slices.Contains(revoke, id) })
	d.Grant, d.Revoke, d.Keep = form.Catalogue.Names(grant), form.Catalogue.Names(revoke), form.Catalogue.Names(kept)
	d.Brings, d.Takes = along(form, kept, grant, revoke)
	d.NothingToDo = len(grant)+len(revoke) == 0
	return d
}

// conflict says what the change would do to the roles as they now are, as far as this operator may.
func conflict(c ChangeSubuserRoles, form RolesForm) *Conflict {
	rebased := ChangeSubuserRoles{Base: form.Base, Offered: form.Offered(), Ticked: c.TicksFor(form.Base)}
	grant, revoke := rebased.Change()
	return &Conflict{Then: form.Catalogue.Names(c.Base), Now: form, Diff: newDifference(form, grant, revoke)}
}

// rolesProblems says what is wrong with the form, by field.
func (s *Service) rolesProblems(c ChangeSubuserRoles, d Difference) map[string]string {
	problems := map[string]string{}
	if d.NothingToDo {
		problems["roles"] = "Nothing to change: tick a role to grant it, or untick one to revoke it."
	}
	if d.LastOwner && !strings.EqualFold(strings.TrimSpace(c.Confirm), d.Subuser.Login) {
		problems["confirm"] = "Type the login " + d.Subuser.Login + " to confirm that no subuser will have Owner any more."
	}
	if problem := s.reasonProblem(c.Reason); problem != "" {
		problems["reason"] = problem
	}
	return problems
}

// applyRoles sends the calls, reads back and records the outcome.
func (s *Service) applyRoles(ctx context.Context, op audit.Operation, c ChangeSubuserRoles, intent Intent, before directory.Subuser) Outcome {
	var lastErr error
	var steps []step
	planned := intent.effects()
	for _, e := range planned {
		steps = append(steps, s.rolesStep(c.Account, c.SubuserID, e, &lastErr))
	}
	calls := s.send(ctx, steps)
	out := Outcome{Result: fold(results(calls), len(steps)), Call: calls[len(calls)-1], Advice: adviceOf(lastErr), Subuser: before}
	event := audit.Event{Kind: audit.OutcomeEvent, Result: out.Result, Calls: calls}
	if out.Result == audit.Refused || out.Result == audit.NotSent {
		event.At = s.Now().UTC()
		return s.closeWith(ctx, op, out, false, event)
	}
	catalogue := s.Directory.Catalogue(ctx, c.Account)
	after, read := readBack(ctx, func(ctx context.Context) (directory.Subuser, error) {
		return s.Directory.SubuserByID(ctx, c.Account, c.SubuserID)
	}, func(now directory.Subuser) bool {
		j := judge(results(calls), planned, s.reading(c.Account, now, catalogue), false)
		return j.shown && j.result != audit.Unknown
	})
	event.At = s.Now().UTC()
	if !read {
		return s.closeWith(ctx, op, out, true, event)
	}
	out.Subuser, out.Read = after, true
	event.Facts = factsOf(after)
	out.Unasked = unasked(before, after, intent, catalogue)
	event.Note = out.Unasked.Sentence()
	j := judge(results(calls), planned, s.reading(c.Account, after, catalogue), false)
	if out.Result != audit.Unknown {
		event.Confirmed = j.shown
		return s.closeWith(ctx, op, out, !j.shown, event)
	}
	if j.result != audit.Applied || !j.shown {
		// Partly is never settled by one reading alone; settling reads again.
		return s.closeWith(ctx, op, out, true, event)
	}
	settled := audit.Event{
		Kind: audit.SettledEvent, At: event.At, Result: j.result, Confirmed: true, By: byReading, Facts: event.Facts,
		Note: "The answer was lost, but the roles that were asked for hold.",
	}
	return s.closeWith(ctx, op, out, false, event, settled)
}

// rolesStep is the call for one effect; it leaves its error where the advice is taken from.
func (s *Service) rolesStep(account, id int64, e effect, lastErr *error) step {
	if len(e.revoke) > 0 {
		return step{method: "RemoveSubUserRoles", send: func(ctx context.Context) error {
			*lastErr = s.Writer.RemoveSubUserRoles(ctx, account, id, e.revoke, false)
			return *lastErr
		}}
	}
	return step{method: "SetSubUserRoles", send: func(ctx context.Context) error {
		*lastErr = s.Writer.SetSubUserRoles(ctx, account, id, e.grant)
		return *lastErr
	}}
}

// closeWith writes the events and completes the outcome with what the record now says.
func (s *Service) closeWith(ctx context.Context, op audit.Operation, out Outcome, open bool, events ...audit.Event) Outcome {
	last := events[len(events)-1]
	out.Result, out.Confirmed = last.Result, last.Confirmed
	var written bool
	out.Operation, written = s.record(ctx, op, open, events...)
	out.Unsaved = !written
	return out
}

// factsOf is what a reading showed, for the record.
func factsOf(s directory.Subuser) json.RawMessage {
	roles := make([]RoleRef, 0, len(s.Roles))
	for _, r := range s.Roles {
		if r.Direct {
			roles = append(roles, RoleRef{ID: r.ID, Name: r.Name})
		}
	}
	facts, err := json.Marshal(Facts{SubuserID: s.ID, Roles: roles})
	if err != nil {
		return nil // a struct of numbers and strings encodes
	}
	return facts
}

// sameSet compares two lists of ids without their order.
func sameSet(a, b []int64) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(slices.Compact(a), slices.Compact(b))
}
