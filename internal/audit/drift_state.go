package audit

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
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
