package drift

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
)

// errConflict says that somebody else has written what is expected since it was read.
var errConflict = errors.New("what is expected has changed meanwhile")

// maxCheckAttempts is how often a comparison is made anew because somebody accepted something meanwhile.
const maxCheckAttempts = 3

// check compares one kind. The first reading is believed as it is.
func (s *Service) check(ctx context.Context, l directory.Listing, b checkStart, listed listedKind) (err error) {
	for range maxCheckAttempts {
		if err = s.checkOnce(ctx, l, b, listed); !errors.Is(err, errConflict) {
			return err
		}
	}
	return err
}

func (s *Service) checkOnce(ctx context.Context, l directory.Listing, b checkStart, listed listedKind) error {
	last, err := s.loadState(ctx, l.Account, listed.kind)
	if err != nil {
		return err
	}
	if last.comparisons != b.comparisons[listed.kind] {
		// Another process has read at the same time. Which of the two saw a row first cannot be told.
		s.Logger.Info("a reading was passed over: another one was compared while it was made", "kind", listed.kind)
		return nil
	}
	// Type is read of the record comes after the reading of the vendor: whatever that shows of ours is in here.
	own, err := s.ownOperationsSince(ctx, last, l.AsOf, b.newestSeq)
	if err != nil {
		return err
	}
	if last.version == 0 {
		return s.saveResult(ctx, last, checkResult{asOf: l.AsOf, processedSeq: own.finishedUpTo, expected: listed.principals})
	}
	c := &comparison{
		kind:          listed.kind,
		operations:    own,
		closure:       newRoleClosure(l.Catalogue),
		ownersKnown:   l.OwnersKnown,
		knownFindings: map[findingKey]bool{},
		unproven:      s.unprovenFunc(ctx, l.Account, listed.kind),
	}
	for _, f := range last.findings {
		c.knownFindings[f.key()] = true
	}
	if err := c.run(
		applyOwnOperations(listed.kind, last.expected, own.finished, c.closure, c.ownersKnown),
		listed.principals,
	); err != nil {
		return err
	}
	return s.saveResult(ctx, last, s.mergeFindings(ctx, last, l.AsOf, c))
}

// mergeFindings puts the findings beside those of the time before: some are new, some still so, some in doubt and
// left as they were, and the others are over.
func (s *Service) mergeFindings(ctx context.Context, last state, asOf time.Time, c *comparison) checkResult {
	previous := map[findingKey]Finding{}
	for _, f := range last.findings {
		previous[f.key()] = f
	}
	result := checkResult{asOf: asOf, processedSeq: c.operations.finishedUpTo, expected: c.expected}
	for _, f := range c.findings {
		f.Account, f.FirstSeen, f.LastSeen, f.LastUnchanged = last.account, asOf, asOf, last.asOf
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
	s.addVendorHistory(ctx, result.findings)
	return result
}

// Type is asked about by id in one comparison.
const (
	// maxAbsenceReads is how many absences are looked at; when all of these are true, the listing is believed about the
	// others.
	maxAbsenceReads = 50
	// absenceReadTimeout bounds how long that takes.
	absenceReadTimeout = 30 * time.Second
)

// unprovenFunc is what a comparison asks whether an appearance or an absence proves anything.
func (s *Service) unprovenFunc(
	ctx context.Context,
	account int64,
	kind access.Kind,
) func(FindingType, string) (bool, error) {
	asked, allGone, until := 0, true, s.Now().Add(absenceReadTimeout)
	return func(what FindingType, id string) (bool, error) {
		if what == Gone && asked >= maxAbsenceReads && allGone {
			return false, nil
		}
		readCtx, cancel := context.WithDeadline(ctx, until)
		defer cancel()
		unproven, err := s.unproven(readCtx, account, kind, what, id)
		if what == Gone {
			asked, allGone = asked+1, allGone && !unproven
		}
		return unproven, err
	}
}

// unproven says whether an appearance or an absence proves nothing: what a listing lacks may be there all the same, and
// ids are not given twice, so what we have seen go and is shown all the same is an old sight.
func (s *Service) unproven(
	ctx context.Context,
	account int64,
	kind access.Kind,
	what FindingType,
	id string,
) (bool, error) {
	if what == Appeared {
		target := audit.Target{Ref: access.Ref{Kind: kind, ID: id}}
		deleted, err := s.AuditLog.WasDeleted(ctx, account, target, operations.DeletingActions()...)
		if err != nil {
			return false, fmt.Errorf("asking the record about %s %s: %w", kind, id, err)
		}
		return deleted, nil
	}
	var err error
	if kind == access.Key {
		_, err = s.Directory.KeyByID(ctx, account, id)
	} else {
		number, parseErr := strconv.ParseInt(id, 10, 64)
		if parseErr != nil {
			return false, fmt.Errorf("reading the id of a subuser: %w", parseErr)
		}
		_, err = s.Directory.SubuserByID(ctx, account, number)
	}
	// There, or it cannot be told: not gone, as far as we know.
	return !errors.Is(err, directory.ErrNotFound), nil
}
