package drift

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// errOvertaken says that somebody else has written what is expected since it was read.
var errOvertaken = errors.New("what is expected has changed meanwhile")

// checkTries is how often a comparison is made anew because somebody accepted something meanwhile.
const checkTries = 3

// check compares one kind. The first reading is believed as it is.
func (s *Service) check(ctx context.Context, l directory.Listing, b begun, seen sight) (err error) {
	for range checkTries {
		if err = s.checkOnce(ctx, l, b, seen); !errors.Is(err, errOvertaken) {
			return err
		}
	}
	return err
}

func (s *Service) checkOnce(ctx context.Context, l directory.Listing, b begun, seen sight) error {
	last, err := s.load(ctx, l.Account, seen.kind)
	if err != nil {
		return err
	}
	if last.readings != b.readings[seen.kind] {
		// Another process has read at the same time. Which of the two saw a row first cannot be told.
		s.Logger.Info("a reading was passed over: another one was compared while it was made", "kind", seen.kind)
		return nil
	}
	// What is read of the record comes after the reading of the vendor: whatever that shows of ours is in here.
	ours, err := s.actsSince(ctx, last, l.AsOf, b.seq)
	if err != nil {
		return err
	}
	if last.turn == 0 {
		return s.save(ctx, last, change{asOf: l.AsOf, seq: ours.upTo, next: seen.all})
	}
	c := &comparison{
		kind: seen.kind, acts: ours, within: withinOf(l.Catalogue), ownersKnown: l.OwnersKnown, known: map[key]bool{},
		excused: s.excuses(ctx, l.Account, seen.kind),
	}
	for _, f := range last.findings {
		c.known[f.key()] = true
	}
	if err := c.run(expect(seen.kind, last.expected, ours.done, c.within, c.ownersKnown), seen.all); err != nil {
		return err
	}
	return s.save(ctx, last, s.outcome(ctx, last, l.AsOf, c))
}

// outcome puts the findings beside those of the time before: some are new, some still so, some in doubt and left as
// they were, and the others are over.
func (s *Service) outcome(ctx context.Context, last state, asOf time.Time, c *comparison) change {
	was := map[key]Finding{}
	for _, f := range last.findings {
		was[f.key()] = f
	}
	done := change{asOf: asOf, seq: c.acts.upTo, next: c.next}
	for _, f := range c.found {
		f.Account, f.FirstSeen, f.LastSeen, f.Before = last.account, asOf, asOf, last.asOf
		if old, known := was[f.key()]; known {
			f.FirstSeen, f.Before, f.Told = old.FirstSeen, old.Before, old.Told
			delete(was, f.key())
		}
		f.identify()
		done.findings = append(done.findings, f)
	}
	for k := range c.doubts {
		delete(was, k)
	}
	done.over = slices.Collect(maps.Values(was))
	s.ask(ctx, done.findings)
	return done
}

// What is asked about by id in one comparison.
const (
	// asksMax is how many absences are looked at; when all of these are true, the listing is believed about the others.
	asksMax = 50
	// asksLimit bounds how long that takes.
	asksLimit = 30 * time.Second
)

// excuses is what a comparison asks whether an appearance or an absence proves anything.
func (s *Service) excuses(ctx context.Context, account int64, kind string) func(What, string) (bool, error) {
	asked, allGone, until := 0, true, s.Now().Add(asksLimit)
	return func(what What, id string) (bool, error) {
		if what == Gone && asked >= asksMax && allGone {
			return false, nil
		}
		asking, done := context.WithDeadline(ctx, until)
		defer done()
		excused, err := s.excused(asking, account, kind, what, id)
		if what == Gone {
			asked, allGone = asked+1, allGone && !excused
		}
		return excused, err
	}
}

// excused says whether an appearance or an absence proves nothing: what a listing lacks may be there all the same, and
// ids are not given twice, so what we have seen go and is shown all the same is an old sight.
func (s *Service) excused(ctx context.Context, account int64, kind string, what What, id string) (bool, error) {
	if what == Appeared {
		target := audit.Target{Kind: kind, ID: id}
		gone, err := s.Record.Departed(ctx, account, target, audit.DeleteSubuser, audit.DeleteKey, audit.ReissueSubuser)
		if err != nil {
			return false, fmt.Errorf("asking the record about %s %s: %w", kind, id, err)
		}
		return gone, nil
	}
	var err error
	if kind == audit.KeyTarget {
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
