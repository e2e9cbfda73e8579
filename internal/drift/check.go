package drift

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
)

// errConflict is the error when the expected state was changed since it was loaded.
var errConflict = errors.New("the expected state was changed meanwhile")

// maxCheckAttempts is how often a comparison is repeated because a finding was accepted meanwhile.
const maxCheckAttempts = 3

// check compares one kind. The first listing becomes the expected state as it is.
func (s *Service) check(ctx context.Context, l directory.Listing, start checkStart, kind access.Kind) (err error) {
	for range maxCheckAttempts {
		if err = s.checkOnce(ctx, l, start, kind); !errors.Is(err, errConflict) {
			return err
		}
	}
	return err
}

func (s *Service) checkOnce(ctx context.Context, l directory.Listing, start checkStart, kind access.Kind) error {
	last, err := s.loadState(ctx, l.Account, kind)
	if err != nil {
		return err
	}
	if last.comparisons != start.comparisons[kind] {
		// Another process has read at the same time. Which of the two saw a row first is not known.
		s.Logger.Info("a listing was skipped: another one was compared while it was read", "kind", kind)
		return nil
	}
	// The audit log is read after the vendor, so it has every own operation with an effect in the listing.
	own, err := s.ownOperationsSince(ctx, last, l.AsOf, start.newestSeq)
	if mismatch, ok := errors.AsType[*audit.Mismatch](err); ok {
		mismatch.Reported = last.stored.Repaired
	}
	if err != nil {
		return s.reportMismatch(ctx, l.Account, kind, err)
	}
	closure := newRoleClosure(l.Catalogue)
	listed := principalsOf(l.Principals[kind], closure)
	if last.version == 0 {
		return s.saveResult(ctx, last, checkResult{asOf: l.AsOf, processedSeq: own.finishedUpTo, expected: listed})
	}
	c := &comparison{
		operations:    own,
		closure:       closure,
		ownersKnown:   l.OwnersKnown,
		knownFindings: map[findingKey]bool{},
		unproven:      s.unprovenFunc(ctx, l.Account),
	}
	for _, f := range last.findings {
		c.knownFindings[f.key()] = true
	}
	expected := applyOwnOperations(kind, last.expected, listed, own.finished, closure, l.OwnersKnown)
	if err := c.run(expected, listed); err != nil {
		return err
	}
	return s.saveResult(ctx, last, s.mergeFindings(ctx, last, l.AsOf, c))
}

// mergeFindings merges the findings with the earlier ones. Of the earlier ones that are not found again, the deferred
// ones stay as they are, and the others have ended.
func (s *Service) mergeFindings(ctx context.Context, last state, asOf time.Time, c *comparison) checkResult {
	previous := map[findingKey]Finding{}
	for _, f := range last.findings {
		previous[f.key()] = f
	}
	result := checkResult{
		asOf:         asOf,
		processedSeq: c.operations.finishedUpTo,
		processed: slices.ContainsFunc(c.operations.finished, func(o ownOperation) bool {
			return o.op.LastSeq > last.processedSeq
		}),
		expected: c.expected,
	}
	for _, f := range c.findings {
		f.Account, f.FirstSeen, f.LastUnchanged = last.account, asOf, last.asOf
		if old, known := previous[f.key()]; known {
			f.FirstSeen, f.LastUnchanged, f.VendorHistory = old.FirstSeen, old.LastUnchanged, old.VendorHistory
			delete(previous, f.key())
		}
		f.setID()
		result.findings = append(result.findings, f)
	}
	for k := range c.deferred {
		delete(previous, k)
	}
	result.ended = slices.Collect(maps.Values(previous))
	s.addVendorHistory(ctx, asOf, result.findings)
	return result
}

const (
	// maxAbsenceReads is how many absences one comparison checks by id. When all of them are confirmed, the listing is
	// trusted for the others.
	maxAbsenceReads = 50
	// absenceReadTimeout limits how long that takes.
	absenceReadTimeout = 30 * time.Second
)

// unprovenFunc returns the function with which a comparison checks an appearance or an absence.
func (s *Service) unprovenFunc(ctx context.Context, account int64) func(FindingType, access.Ref) (bool, error) {
	asked, allGone, until := 0, true, s.Now().Add(absenceReadTimeout)
	return func(findingType FindingType, ref access.Ref) (bool, error) {
		if findingType == Gone && asked >= maxAbsenceReads && allGone {
			return false, nil
		}
		readCtx, cancel := context.WithDeadline(ctx, until)
		defer cancel()
		unproven, err := s.unproven(readCtx, account, findingType, ref)
		if findingType == Gone {
			asked, allGone = asked+1, allGone && !unproven
		}
		return unproven, err
	}
}

// unproven reports whether an appearance or an absence proves nothing. A principal that a listing lacks may exist. A
// principal that we deleted comes from an old listing, because the vendor does not use an id twice.
func (s *Service) unproven(ctx context.Context, account int64, findingType FindingType, ref access.Ref) (bool, error) {
	if findingType == Appeared {
		deleted, err := s.AuditLog.WasDeleted(ctx, account, audit.Target{Ref: ref}, operations.DeletingActions()...)
		if err != nil {
			return false, fmt.Errorf("searching the audit log for the deletion of %s %s: %w", ref.Kind, ref.ID, err)
		}
		return deleted, nil
	}
	_, err := s.Directory.ByID(ctx, account, ref)
	return !errors.Is(err, directory.ErrNotFound), nil // any other error proves nothing
}
