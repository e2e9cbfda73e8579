package lifecycle

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
)

// StartListing is called before an account is read, see [directory.Directory.OnListing]. It returns the function that
// learns from the listing. Errors are logged, and the next listing shows the same.
func (s *Service) StartListing(context.Context, int64) func(context.Context, directory.Listing) {
	return func(ctx context.Context, l directory.Listing) {
		ctx, done := context.WithTimeout(ctx, learnTimeout)
		defer done()
		if err := s.learnFromListing(ctx, l); err != nil {
			s.Logger.Warn("nothing could be learnt from a listing", "error", err)
		}
	}
}

func (s *Service) learnFromListing(ctx context.Context, l directory.Listing) error {
	if l.Account != s.Account {
		return nil
	}
	if err := s.Learn(ctx); err != nil {
		return err
	}
	if err := s.write(ctx, func(k known) []audit.FactRow { return k.fromListing(l) }); err != nil {
		return err
	}
	var doubtful []access.Ref
	if err := s.refresh(ctx, func(k known) { doubtful = k.doubtful(l) }); err != nil {
		return err
	}
	for _, ref := range doubtful[:min(len(doubtful), maxReads)] {
		_, err := s.Directory.ByID(ctx, s.Account, ref) // which calls Read
		if err != nil && !errors.Is(err, directory.ErrNotFound) {
			break // the next listing shows the same
		}
	}
	return s.Learn(ctx)
}

// fromListing returns the facts that a listing shows and that are not known yet: principals that were not seen before,
// and keys that belong to another subuser than before.
func (k known) fromListing(l directory.Listing) (rows []audit.FactRow) {
	for _, kind := range access.Kinds() {
		for _, p := range l.Principals[kind] {
			rows = append(rows, k.fromPrincipal(p, l.AsOf)...)
		}
	}
	return rows
}

// fromPrincipal returns the facts that a reading of a principal shows and that are not known yet.
func (k known) fromPrincipal(p access.Principal, at time.Time) (rows []audit.FactRow) {
	if !k.gone(p.Ref).IsZero() {
		return nil // the reading is older, or doubtful
	}
	if k.find(p.Ref, audit.FirstSeenFact).IsZero() {
		rows = append(rows, row(p.Ref, audit.FirstSeenFact, at))
	}
	if p.BelongsTo == nil {
		return rows
	}
	last, found := k.owner(p.Ref)
	if !found || last.ref() != *p.BelongsTo || last.Login != p.OwnerLogin && p.OwnerLogin != "" {
		rows = append(rows, k.ownerNow(owner{ID: p.BelongsTo.ID, Login: p.OwnerLogin}).row(p.Ref, at))
	}
	return rows
}

// ownerNow returns an owner with when it was found to be gone.
func (k known) ownerNow(o owner) owner {
	o.Until = 0
	if gone := k.gone(o.ref()); !gone.IsZero() {
		o.Until = gone.UnixMicro()
	}
	return o
}

// doubtful returns the principals that a listing shows otherwise than they are known: known ones that it lacks, those
// that keys belonged to, and those that were found to be gone. Reading them by id decides.
func (k known) doubtful(l directory.Listing) []access.Ref {
	listed := map[access.Ref]bool{}
	for _, kind := range access.Kinds() {
		for _, p := range l.Principals[kind] {
			listed[p.Ref] = true
		}
	}
	doubtful := map[access.Ref]bool{}
	for _, ref := range k.proof.Principals() {
		if _, complete := l.Principals[ref.Kind]; !complete {
			continue
		}
		gone := k.gone(ref)
		if listed[ref] != gone.IsZero() && (gone.IsZero() || l.AsOf.Sub(gone) > listingLag) {
			doubtful[ref] = true
		}
		if o, found := k.owner(ref); found && o.Until == 0 && listed[ref] && !listed[o.ref()] {
			doubtful[o.ref()] = true
		}
	}
	return slices.SortedFunc(maps.Keys(doubtful), access.Ref.Compare)
}

// Read remembers a reading by id that may show something new, and makes Run learn from it. It does not wait, see
// [directory.Directory.OnReading].
func (s *Service) Read(account int64, r directory.Reading) {
	if account != s.Account {
		return
	}
	if facts := (*s.facts.Load())[r.Ref]; r.Principal != nil && facts != nil && facts.Gone.IsZero() &&
		(r.Principal.BelongsTo == nil || facts.LastOwner != nil && facts.LastOwner.Ref == *r.Principal.BelongsTo) {
		return
	}
	s.readingsMu.Lock()
	defer s.readingsMu.Unlock()
	if len(s.readings) < maxReadings {
		s.readings[r.Ref] = r
		s.wakeUp()
	}
}

// fromReading returns the facts that a reading by id shows and that are not known yet.
func (k known) fromReading(r directory.Reading) []audit.FactRow {
	gone := k.gone(r.Ref)
	switch {
	case r.Principal == nil:
		return k.fromDeletion(r.Ref, r.At)
	case gone.IsZero():
		return k.fromPrincipal(*r.Principal, r.At)
	case r.At.Sub(gone) <= listingLag:
		return nil // it may have been read before it was deleted
	}
	rows := []audit.FactRow{row(r.Ref, audit.GoneFact, time.Time{})}
	for _, key := range k.keysOf(r.Ref) {
		o, _ := k.owner(key)
		o.Until = 0
		rows = append(rows, o.row(key, r.At))
	}
	return rows
}

// fromDeletion returns the facts that follow when a principal does not exist any more, and that are not known yet.
func (k known) fromDeletion(ref access.Ref, at time.Time) (rows []audit.FactRow) {
	if len(k.proof.Facts(ref)) > 0 && k.gone(ref).IsZero() {
		rows = append(rows, row(ref, audit.GoneFact, at))
	}
	for _, key := range k.keysOf(ref) {
		if o, _ := k.owner(key); o.Until == 0 {
			o.Until = at.UnixMicro()
			rows = append(rows, o.row(key, at))
		}
	}
	return rows
}

// OutcomeFacts returns the facts that the result of an operation sets, see [audit.Log.OnOutcome]. Only a result counts
// that reading has confirmed.
func (s *Service) OutcomeFacts(ctx context.Context, q audit.Querier, op audit.Operation) ([]audit.FactRow, error) {
	descriptor, err := operations.DescriptorOf(op.Action)
	if err != nil || op.Account != s.Account || op.Result != audit.Applied || !op.Confirmed || op.Target.ID == "" ||
		!descriptor.Creates && !descriptor.Deletes {
		return nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.prove(ctx, q); err != nil {
		if _, is := errors.AsType[*audit.Mismatch](err); is {
			return nil, nil // Run reports it; the result must be written
		}
		return nil, err
	}
	return known{s.proof}.fromOperation(op, descriptor, s.Now()), nil
}

// fromOperation returns the facts that an operation sets. A re-issue passes the facts of the former subuser on to the
// new one, except that its keys belonged to the former one.
func (k known) fromOperation(op audit.Operation, d operations.Descriptor, now time.Time) (rows []audit.FactRow) {
	ref, former := op.Target.Ref, access.Ref{Kind: op.Target.Kind, ID: op.Target.FormerID}
	if !d.Creates {
		return k.fromDeletion(ref, now)
	}
	created, seen := op.CreatedAt, op.CreatedAt
	if d.IsReissue() && former.ID != "" {
		rows = k.fromDeletion(former, now)
		created, seen = k.find(former, audit.CreatedFact), k.find(former, audit.FirstSeenFact)
	}
	for fact, at := range map[string]time.Time{audit.CreatedFact: created, audit.FirstSeenFact: seen} {
		if !at.IsZero() {
			rows = append(rows, row(ref, fact, at))
		}
	}
	return rows
}

// Committed publishes the facts that were written with the result of an operation, see [audit.Log.OnOutcome].
func (s *Service) Committed(ctx context.Context) {
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), refreshTimeout)
	defer done()
	if err := s.refresh(ctx, func(known) {}); err != nil {
		s.wakeUp()
	}
}
