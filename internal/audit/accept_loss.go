package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
)

// LossAccepted is the notice of an admin who accepted that the audit log is not what it was.
type LossAccepted struct {
	Command  string   `json:"by"`
	Person   string   `json:"person"` // as given to the command
	User     string   `json:"user,omitempty"`
	Reason   string   `json:"reason"`
	Lost     []Head   `json:"lost,omitempty"`     // events that a server or the witness knew and that are missing
	End      Head     `json:"end"`                // of the audit log before this event
	Findings []string `json:"findings,omitempty"` // of verifying the chain, sentences
	Witness  string   `json:"witness,omitempty"`  // why the witness could not be used
	Program  string   `json:"program,omitempty"`
}

func (LossAccepted) kind() EventKind                       { return LossAcceptedEvent }
func (LossAccepted) rateLimit() (string, func(int) Notice) { return "", nil }

// warning returns what Verify says about it.
func (n LossAccepted) warning(seq int64) string {
	text := fmt.Sprintf("Event %d: accepted by %s that the audit log is not what it was (%s).", seq, n.Person, n.Reason)
	for _, head := range n.Lost {
		text += fmt.Sprintf(" It ended at event %d, and lacks event %s.", n.End.Seq, head)
	}
	for _, finding := range n.Findings {
		text += " " + finding
	}
	if n.Witness != "" {
		text += " " + n.Witness
	}
	return text
}

// acceptances returns the newest events LossAccepted that are sealed, newest first.
func (r *Log) acceptances(ctx context.Context, q querier) (found []acceptance, err error) {
	links, err := readAcceptances(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, e := range links {
		before, err := placeBefore(ctx, q, e.seq)
		if err != nil {
			return nil, err
		}
		key, known := r.keys.find(e.keyID)
		a := acceptance{link: e}
		if known && key.seals(before.mac, e) && json.Unmarshal([]byte(e.body), &a.LossAccepted) == nil {
			found = append(found, a)
		}
	}
	return found, nil
}

// acceptance is an event LossAccepted.
type acceptance struct {
	link
	LossAccepted
}

// maxAcceptances is how many of them are read; an older one is of no use to a server that still runs.
const maxAcceptances = 20

func readAcceptances(ctx context.Context, q querier) (links []link, err error) {
	rows, err := q.QueryContext(
		ctx,
		`SELECT `+linkColumns+` FROM events WHERE kind = 'loss_accepted' ORDER BY seq DESC LIMIT $1`,
		maxAcceptances,
	)
	if err != nil {
		return nil, fmt.Errorf("reading accepted losses: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if e, err := scanLink(rows); err == nil { // else Verify finds it
			links = append(links, e)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading accepted losses: %w", err)
	}
	return links, nil
}

// isAccepted reports whether the loss of an event was accepted. Only this very event counts, so that an old acceptance
// does not cover a later loss.
func (r *Log) isAccepted(ctx context.Context, q querier, known chainHead) (bool, error) {
	all, err := r.acceptances(ctx, q)
	for _, a := range all {
		for _, head := range a.Lost {
			if head == known.public() {
				return true, nil
			}
		}
	}
	return false, err
}

// ErrNothingLost is returned by AcceptLoss when there is nothing to accept.
var ErrNothingLost = errors.New("the audit log lacks nothing: there is nothing to accept")

// AcceptLoss writes an event that accepts the audit log as it is, and the witness anew. lost are events that servers
// knew, in addition to the one in the witness; each must be missing. n has everything except Lost, End, Witness and
// Program. It returns ErrNothingLost when nothing is missing and n has no findings. Servers that run notice the event
// and write again.
func (r *Log) AcceptLoss(ctx context.Context, lostHeads []Head, n LossAccepted) (LossAccepted, Head, error) {
	if alarm := r.Alarm(); alarm != nil && alarm.Problem == NoWitness {
		n.Witness = alarm.Text
	}
	known := r.memory.head()
	var written link
	err := r.db.Write(ctx, func(tx *sql.Tx) error {
		newest, err := readHead(ctx, tx)
		if err != nil {
			return err
		}
		if newest.seq == 0 {
			return ErrEmptied
		}
		if n.Lost, err = r.missing(ctx, tx, newest, known, lostHeads); err != nil {
			return err
		}
		if len(n.Lost)+len(n.Findings) == 0 && n.Witness == "" {
			return ErrNothingLost
		}
		n.End, n.Program = newest.public(), r.options.Program
		body, err := json.Marshal(n)
		if err != nil {
			return fmt.Errorf("encoding an event: %w", err)
		}
		written, err = r.insert(ctx, tx, newest, link{
			kind: string(LossAcceptedEvent),
			at:   r.options.Now().UnixMicro(),
			body: string(body),
		})
		return err
	})
	if err != nil {
		return n, Head{}, err
	}
	end := chainHead{seq: written.seq, mac: written.mac}
	r.memory.forget(known, end)
	r.logEvents(ctx, written)
	r.alarm.Store(nil)
	return n, end.public(), r.SaveWitness()
}

// missing returns the given events, each of which must be missing, and the known one if it is missing.
func (r *Log) missing(ctx context.Context, q querier, newest, known chainHead, given []Head) (all []Head, err error) {
	for _, head := range given {
		end, err := head.end()
		if err != nil {
			return nil, err
		}
		switch found, err := r.find(ctx, q, end, newest); {
		case err != nil:
			return nil, err
		case found != lost:
			return nil, fmt.Errorf("event %s is not lost: the audit log has it, or its loss was accepted before", head)
		}
		all = append(all, head)
	}
	if found, err := r.find(ctx, q, known, newest); err != nil || found != lost {
		return all, err
	}
	for _, head := range all {
		if head == known.public() {
			return all, nil
		}
	}
	return append(all, known.public()), nil
}

// checkAccepted adds a warning for an accepted loss.
func (v *verifier) checkAccepted(e link) {
	var n LossAccepted
	if EventKind(e.kind) == LossAcceptedEvent && json.Unmarshal([]byte(e.body), &n) == nil {
		v.report.Warnings = append(v.report.Warnings, n.warning(e.seq))
	}
}
