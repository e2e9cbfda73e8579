package audit

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// DriftStateEvent is the kind of the events that set what an account is expected to contain.
const DriftStateEvent EventKind = "drift_state"

// DriftChanged is the notice of a new expected state of one kind of principal in an account.
type DriftChanged struct {
	Account      int64  `json:"account"`
	Kind         string `json:"kind"`
	AsOf         int64  `json:"as_of"`         // Unix microseconds, as in drift_checks
	ProcessedSeq int64  `json:"processed_seq"` // as in drift_checks
	Expected     int    `json:"expected"`      // the number of principals
	Findings     int    `json:"findings"`      // the number of open findings
	Content      string `json:"content,omitempty"`
	Decisions    string `json:"decisions,omitempty"` // the digest of the rows of drift_decisions that name this event
	By           string `json:"by,omitempty"`        // the command that began anew: there is no expected state
}

func (DriftChanged) kind() EventKind                       { return DriftStateEvent }
func (DriftChanged) rateLimit() (string, func(int) Notice) { return "", nil }

// DriftSubject returns the subject of the events about the expected state of one kind of principal.
func DriftSubject(account int64, kind string) string {
	return driftPrefix + strconv.FormatInt(account, 10) + "/" + kind
}

const driftPrefix = "drift/"

// DriftResealAfter is how far as_of may be ahead of its event: a comparison that changes nothing else has no event of
// its own until then.
const DriftResealAfter = time.Hour

// DriftExpectedRow is a row of drift_expected.
type DriftExpectedRow struct{ ID, Body string }

// DriftFindingRow is a row of drift_findings.
type DriftFindingRow struct {
	TargetID, Type, ID, Body string
	RoleID, FirstSeen        int64
}

// DriftDecisionRow is a row of drift_decisions without the event that it names.
type DriftDecisionRow struct {
	Account                                                int64
	ID, Kind, TargetID, Type, Body, Outcome, Actor, Reason string
	RoleID, FirstSeen, At                                  int64
}

// DriftState is the expected state of one kind of principal: a row of drift_checks with the rows that belong to it.
type DriftState struct {
	Account                                       int64
	Kind                                          string
	AsOf, Version, ProcessedSeq, Comparisons, Seq int64
	Expected                                      []DriftExpectedRow
	Findings                                      []DriftFindingRow
}

// Content returns the digest of the rows, in an order of their own.
func (s DriftState) Content() string {
	slices.SortFunc(s.Expected, func(a, b DriftExpectedRow) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(s.Findings, func(a, b DriftFindingRow) int {
		return cmp.Or(
			strings.Compare(a.TargetID, b.TargetID),
			strings.Compare(a.Type, b.Type),
			cmp.Compare(a.RoleID, b.RoleID),
		)
	})
	d := newDigest()
	d.add(strconv.FormatInt(s.Account, 10), s.Kind, strconv.Itoa(len(s.Expected)))
	for _, row := range s.Expected {
		d.add(row.ID, row.Body)
	}
	for _, row := range s.Findings {
		d.add(
			row.TargetID,
			row.Type,
			strconv.FormatInt(row.RoleID, 10),
			row.ID,
			strconv.FormatInt(row.FirstSeen, 10),
			row.Body,
		)
	}
	return d.String()
}

// decisionsDigest returns the digest of decisions, in an order of their own; "" for none.
func decisionsDigest(rows []DriftDecisionRow) string {
	if len(rows) == 0 {
		return ""
	}
	digests := make([]string, 0, len(rows))
	for _, row := range rows {
		digests = append(digests, digestText(
			strconv.FormatInt(row.Account, 10),
			row.ID,
			row.Kind,
			row.TargetID,
			row.Type,
			strconv.FormatInt(row.RoleID, 10),
			strconv.FormatInt(row.FirstSeen, 10),
			row.Body,
			row.Outcome,
			row.Actor,
			row.Reason,
			strconv.FormatInt(row.At, 10),
		))
	}
	slices.Sort(digests)
	return digestText(digests...)
}

// AddDriftState appends the event of an expected state and the decisions that are made with it. It returns the number
// of the event, which drift_checks and the decisions must name.
func (tx *Tx) AddDriftState(
	ctx context.Context,
	s DriftState,
	decisions []DriftDecisionRow,
	at time.Time,
) (seq int64, err error) {
	return tx.Add(ctx, DriftSubject(s.Account, s.Kind), DriftChanged{
		Account:      s.Account,
		Kind:         s.Kind,
		AsOf:         s.AsOf,
		ProcessedSeq: s.ProcessedSeq,
		Expected:     len(s.Expected),
		Findings:     len(s.Findings),
		Content:      s.Content(),
		Decisions:    decisionsDigest(decisions),
	}, at)
}

// DriftProof is an expected state that agrees with its event.
type DriftProof struct {
	DriftState
	Sealed   DriftChanged // the event; zero when nothing was compared yet
	Repaired bool         // a mismatch was reported since
}

// ProveDrift reads an expected state and compares it with its event, and verifies the chain from that event to the end.
// q must be a snapshot or a write transaction. It returns a *Mismatch when the console must not act on the state.
func (r *Log) ProveDrift(ctx context.Context, q querier, account int64, kind string) (p DriftProof, err error) {
	var newest sql.NullInt64
	if err := q.QueryRowContext(
		ctx,
		`SELECT MAX(seq) FROM events WHERE operation_id = $1 AND kind = $2`,
		DriftSubject(account, kind),
		DriftStateEvent,
	).Scan(&newest); err != nil {
		return p, fmt.Errorf("reading the events of the expected state: %w", err)
	}
	reported := false
	if newest.Valid {
		from, err := placeBefore(ctx, q, newest.Int64)
		if err != nil {
			return p, err
		}
		_, err = r.walk(ctx, q, from, math.MaxInt64, func(e link) error {
			if e.operationID != DriftSubject(account, kind) {
				return nil
			}
			reported = EventKind(e.kind) == MismatchEvent
			if EventKind(e.kind) == DriftStateEvent {
				return json.Unmarshal([]byte(e.body), &p.Sealed)
			}
			return nil
		})
		if mismatch, ok := errors.AsType[*Mismatch](err); ok {
			mismatch.Reported = reported
			return p, mismatch
		}
		if err != nil {
			return p, err
		}
	}
	if p.DriftState, err = readDriftState(ctx, q, account, kind); err != nil {
		return p, err
	}
	if wrong := p.DriftState.mismatch(p.Sealed, newest.Int64); wrong != "" {
		return p, &Mismatch{Text: driftMismatchText(account, kind, wrong), Reported: reported}
	}
	p.Repaired = reported
	return p, nil
}

func driftMismatchText(account int64, kind, wrong string) string {
	return fmt.Sprintf(
		"The expected state of the %ss of account %d does not agree with its events: %s.",
		kind,
		account,
		wrong,
	)
}

// mismatch returns how a state differs from the newest event about it, "" when it does not. Version and Comparisons
// only order the writers.
func (s DriftState) mismatch(sealed DriftChanged, seq int64) string {
	empty := s.Seq == 0 && s.Version == 0 && len(s.Expected)+len(s.Findings) == 0
	ahead := s.AsOf - sealed.AsOf
	switch {
	case sealed.Content == "" && empty:
		return ""
	case sealed.Content == "":
		return "no event set it"
	case empty:
		return fmt.Sprintf("event %d set it, but it is missing", seq)
	case s.Seq != seq:
		return fmt.Sprintf("it names event %d, but event %d is the newest about it", s.Seq, seq)
	case s.ProcessedSeq != sealed.ProcessedSeq:
		return fmt.Sprintf("event %d set another processed event", seq)
	case ahead < 0 || ahead > DriftResealAfter.Microseconds() || s.Version < 1 || s.Comparisons < 1:
		return fmt.Sprintf("event %d set another time of comparison", seq)
	case s.Content() != sealed.Content:
		return fmt.Sprintf("event %d set other principals or findings", seq)
	}
	return ""
}

// readDriftState reads an expected state, which is empty when nothing was compared yet. It returns a *Mismatch for a
// row that cannot be read.
func readDriftState(ctx context.Context, q querier, account int64, kind string) (DriftState, error) {
	s := DriftState{Account: account, Kind: kind}
	for _, part := range []struct {
		query string
		scan  func(rows *sql.Rows) error
	}{
		{
			`SELECT as_of, version, processed_seq, comparisons, seq FROM drift_checks WHERE account = $1 AND kind = $2`,
			func(rows *sql.Rows) error {
				return rows.Scan(&s.AsOf, &s.Version, &s.ProcessedSeq, &s.Comparisons, &s.Seq)
			},
		},
		{
			`SELECT id, body FROM drift_expected WHERE account = $1 AND kind = $2 ORDER BY id`,
			func(rows *sql.Rows) error {
				var row DriftExpectedRow
				err := rows.Scan(&row.ID, &row.Body)
				s.Expected = append(s.Expected, row)
				return err
			},
		},
		{
			`SELECT target_id, type, role_id, id, first_seen, body FROM drift_findings WHERE account = $1 AND kind = $2`,
			func(rows *sql.Rows) error {
				var row DriftFindingRow
				err := rows.Scan(&row.TargetID, &row.Type, &row.RoleID, &row.ID, &row.FirstSeen, &row.Body)
				s.Findings = append(s.Findings, row)
				return err
			},
		},
	} {
		if err := readDriftRows(ctx, q, part.query, part.scan, account, kind); err != nil {
			return s, err
		}
	}
	return s, nil
}

func readDriftRows(
	ctx context.Context,
	q querier,
	query string,
	scan func(rows *sql.Rows) error,
	account int64,
	kind string,
) error {
	rows, err := q.QueryContext(ctx, query, account, kind)
	if err != nil {
		return fmt.Errorf("reading the expected state: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if scan(rows) != nil {
			return &Mismatch{Text: driftMismatchText(account, kind, unreadable)}
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading the expected state: %w", err)
	}
	return nil
}

// driftKey identifies an expected state.
type driftKey struct {
	account int64
	kind    string
}

// driftKeys returns the expected states that have rows or events.
func driftKeys(ctx context.Context, q querier) (keys []driftKey, err error) {
	rows, err := q.QueryContext(ctx, `SELECT account, kind FROM drift_checks
		UNION SELECT account, kind FROM drift_expected UNION SELECT account, kind FROM drift_findings`)
	if err != nil {
		return nil, fmt.Errorf("reading expected states: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var key driftKey
		if err := rows.Scan(&key.account, &key.kind); err != nil {
			return nil, fmt.Errorf("reading expected states: %w", err)
		}
		keys = append(keys, key)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading expected states: %w", err)
	}
	return keys, nil
}

// ResetDrift deletes the expected states of all accounts, so that the next listing becomes the expected one. It returns
// how many there were. Decisions stay.
func (r *Log) ResetDrift(ctx context.Context, command string) (states int, err error) {
	err = r.Write(ctx, func(tx *Tx) error {
		subjects := map[driftKey]bool{}
		keys, err := driftKeys(ctx, tx)
		if err != nil {
			return err
		}
		sealed, err := sealedDriftStates(ctx, tx)
		if err != nil {
			return err
		}
		for _, key := range keys {
			subjects[key] = true
		}
		for key, e := range sealed {
			subjects[key] = subjects[key] || e.Content != ""
		}
		for _, table := range []string{"drift_checks", "drift_expected", "drift_findings"} {
			if _, err := tx.ExecContext(ctx, `DELETE FROM `+table); err != nil {
				return fmt.Errorf("deleting the expected state: %w", err)
			}
		}
		states = 0
		for key, begun := range subjects {
			if !begun {
				continue
			}
			states++
			n := DriftChanged{Account: key.account, Kind: key.kind, By: command}
			if _, err := tx.Add(ctx, DriftSubject(key.account, key.kind), n, r.options.Now()); err != nil {
				return err
			}
		}
		return nil
	})
	return states, err
}

// sealedState is the newest event about an expected state.
type sealedState struct {
	DriftChanged
	seq int64
}

// sealedDriftStates returns the newest event of each expected state.
func sealedDriftStates(ctx context.Context, q querier) (map[driftKey]sealedState, error) {
	rows, err := q.QueryContext(ctx, `SELECT seq, body FROM events WHERE kind = $1 ORDER BY seq`, DriftStateEvent)
	if err != nil {
		return nil, fmt.Errorf("reading the events of expected states: %w", err)
	}
	defer rows.Close()
	states := map[driftKey]sealedState{}
	for rows.Next() {
		var (
			s    sealedState
			body string
		)
		if err := rows.Scan(&s.seq, &body); err != nil {
			return nil, fmt.Errorf("reading the events of expected states: %w", err)
		}
		if json.Unmarshal([]byte(body), &s.DriftChanged) == nil { // else its MAC is wrong
			states[driftKey{s.Account, s.Kind}] = s
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the events of expected states: %w", err)
	}
	return states, nil
}

// keepDriftStates repeats the events of expected states up to an event that are about to be pruned. An event that was
// changed is not repeated, so that verify finds its state.
func (r *Log) keepDriftStates(ctx context.Context, tx *sql.Tx, until int64) (written []link, err error) {
	keys, err := driftKeys(ctx, tx)
	if err != nil {
		return nil, err
	}
	sealed, err := sealedDriftStates(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		s, found := sealed[key]
		if !found || s.seq > until {
			continue
		}
		from, err := placeBefore(ctx, tx, s.seq)
		if err != nil {
			return nil, err
		}
		if _, err := r.walk(ctx, tx, from, s.seq, func(link) error { return nil }); err != nil {
			continue
		}
		s.Decisions = "" // they are pruned
		added := &Tx{Tx: tx, log: r}
		seq, err := added.Add(ctx, DriftSubject(key.account, key.kind), s.DriftChanged, r.options.Now())
		if err != nil {
			return nil, err
		}
		written = append(written, added.written...)
		if _, err := tx.ExecContext(
			ctx,
			`UPDATE drift_checks SET seq = $1 WHERE account = $2 AND kind = $3 AND seq = $4`,
			seq,
			key.account,
			key.kind,
			s.seq,
		); err != nil {
			return nil, fmt.Errorf("keeping an expected state: %w", err)
		}
	}
	return written, nil
}
