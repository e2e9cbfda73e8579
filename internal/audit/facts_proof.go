package audit

import (
	"context"
	"crypto/hmac"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
)

// FactsProof is the facts of an account that agree with their events, and the place in the chain up to which these were
// read. It must not be used concurrently.
type FactsProof struct {
	log     *Log
	account int64
	at      place
	newest  int64 // the newest event about facts, 0 for none
	facts   map[access.Ref][]FactRow
}

// ProveFacts reads the facts of an account and compares them with their events. It verifies the MACs of these events,
// that none is missing between them, and the chain from the newest one to the end. q must be a snapshot or a write
// transaction. It returns a *Mismatch when the console must not use the facts.
func (r *Log) ProveFacts(ctx context.Context, q querier, account int64) (*FactsProof, error) {
	p := &FactsProof{log: r, account: account, facts: map[access.Ref][]FactRow{}}
	events, err := r.readFactsEvents(ctx, q, account)
	if err != nil {
		return nil, err
	}
	if _, err := p.add(ctx, q, events); err != nil {
		return nil, err
	}
	if len(events) > 0 {
		last := events[len(events)-1]
		p.at = place{chainHead: chainHead{seq: last.seq, mac: last.mac}, isEvent: true}
	} else if p.at.chainHead, err = readHead(ctx, q); err != nil {
		return nil, err
	}
	_, err = p.Refresh(ctx, q)
	return p, err
}

// Refresh reads the events since the last call, and the facts that they set. It returns the principals with facts that
// may have changed. q must be a snapshot or a write transaction. After an error the proof must not be used any more. A
// *Mismatch also means that events were pruned: then ProveFacts decides.
func (p *FactsProof) Refresh(ctx context.Context, q querier) (changed []access.Ref, err error) {
	var events []link
	p.at, err = p.log.walk(ctx, q, p.at, math.MaxInt64, func(e link) error {
		if e.operationID == FactsSubject(p.account) && EventKind(e.kind) == FactsEvent {
			events = append(events, e)
		}
		return nil
	})
	if err != nil || len(events) == 0 {
		return nil, err
	}
	return p.add(ctx, q, events)
}

// Facts returns the newest rows about a principal, one for each fact.
func (p *FactsProof) Facts(ref access.Ref) []FactRow { return p.facts[ref] }

// Principals returns the principals with facts, in any order.
func (p *FactsProof) Principals() []access.Ref { return slices.Collect(maps.Keys(p.facts)) }

// add adds the facts that the next events have set.
func (p *FactsProof) add(ctx context.Context, q querier, events []link) (changed []access.Ref, err error) {
	rows, err := readFacts(ctx, q, p.account, p.newest)
	if err != nil {
		return nil, err
	}
	pruned, err := prunedUpTo(ctx, q)
	if err != nil {
		return nil, err
	}
	replay := factsReplay{account: p.account, pruned: pruned, newest: p.newest}
	for _, e := range events {
		replay.add(e.seq, e.body)
	}
	if wrong := replay.mismatches(rows); len(wrong) > 0 {
		return nil, factsMismatch(p.account, wrong[0])
	}
	if replay.begunAnew {
		changed, p.facts = p.Principals(), map[access.Ref][]FactRow{}
	}
	for _, e := range replay.events {
		for _, row := range rows[e.seq] {
			p.set(row)
			changed = append(changed, row.Ref)
		}
	}
	p.newest = replay.newest
	return changed, nil
}

// set makes a row the newest one about its fact.
func (p *FactsProof) set(row FactRow) {
	others := slices.DeleteFunc(slices.Clone(p.facts[row.Ref]), func(other FactRow) bool { return other.Fact == row.Fact })
	p.facts[row.Ref] = append(others, row)
}

// readFactsEvents returns the events about the facts of an account, in their order. It returns a *Mismatch when the MAC
// of one is wrong.
func (r *Log) readFactsEvents(ctx context.Context, q querier, account int64) (events []link, err error) {
	query := `SELECT e.seq, e.operation_id, e.kind, e.at, e.result, e.confirmed, e.body, e.key_id, e.mac,
			COALESCE(b.mac, c.mac)
		FROM events e LEFT JOIN events b ON b.seq = e.seq - 1 LEFT JOIN checkpoints c ON c.seq = e.seq - 1
		WHERE e.operation_id = $1 AND e.kind = $2 ORDER BY e.seq`
	err = forEachRow(ctx, q, query, []any{FactsSubject(account), FactsEvent}, func(rows *sql.Rows) error {
		var (
			e        link
			previous []byte
		)
		if err := rows.Scan(&e.seq, &e.operationID, &e.kind, &e.at, &e.result, &e.confirmed, &e.body, &e.keyID, &e.mac,
			&previous); err != nil {
			return err
		}
		key, known := r.keys.find(e.keyID)
		if !known || !hmac.Equal(key.eventMAC(previous, e), e.mac) {
			return mismatchf("Event %d, or the event before it, was changed.", e.seq)
		}
		events = append(events, e)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the events of facts: %w", err)
	}
	return events, nil
}

// factsReplay is what events say about the facts of an account.
type factsReplay struct {
	account   int64
	pruned    int64        // the last event that was pruned
	newest    int64        // the newest event about the facts so far, 0 for none
	begunAnew bool         // one of the events began anew
	events    []factsEvent // since then
	wrong     []string     // events that do not follow each other, or cannot be decoded
}

// factsEvent is an event about facts.
type factsEvent struct {
	FactsChanged
	seq int64
}

// add applies the next event.
func (f *factsReplay) add(seq int64, body string) {
	e := factsEvent{seq: seq}
	if json.Unmarshal([]byte(body), &e.FactsChanged) != nil {
		f.wrong = append(f.wrong, fmt.Sprintf("event %d cannot be decoded", seq))
	}
	if e.Previous != f.newest && (f.newest != 0 || e.Previous > f.pruned) {
		f.wrong = append(f.wrong, fmt.Sprintf("event %d follows event %d, which is missing", seq, e.Previous))
	}
	f.newest = seq
	if e.By != "" {
		f.events, f.begunAnew = nil, true
		return
	}
	f.events = append(f.events, e)
}

// mismatches returns how rows differ from the events, nothing when they do not. rows are all rows that name an event
// after the one from which the replay goes on.
func (f *factsReplay) mismatches(rows map[int64][]FactRow) []string {
	wrong := f.wrong
	named := maps.Clone(rows)
	for _, e := range f.events {
		delete(named, e.seq)
		if len(rows[e.seq]) != e.Facts || factsDigest(f.account, rows[e.seq]) != e.Content {
			wrong = append(wrong, fmt.Sprintf("event %d set others", e.seq))
		}
	}
	for _, seq := range slices.Sorted(maps.Keys(named)) {
		wrong = append(wrong, fmt.Sprintf("some name event %d, which did not set them", seq))
	}
	return wrong
}

// prunedUpTo returns the last event that was pruned, 0 for none.
func prunedUpTo(ctx context.Context, q querier) (seq int64, err error) {
	if err := q.QueryRowContext(ctx, `SELECT COALESCE(MAX(seq), 0) FROM checkpoints`).Scan(&seq); err != nil {
		return 0, fmt.Errorf("reading the newest checkpoint: %w", err)
	}
	return seq, nil
}
