package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/voxwarden/voxwarden/internal/config"
)

// checkCheckpoints verifies all checkpoints. The chain begins at the newest one. The key of an older one need not be
// listed any more, since the seal of the next one covers it.
func (v *verifier) checkCheckpoints(ctx context.Context) error {
	previous := firstCheckpoint()
	v.checkpoints = map[int64]bool{}
	err := v.forEachRow(ctx, `SELECT `+checkpointColumns+` FROM checkpoints ORDER BY seq`, nil, func(r *sql.Rows) error {
		c, err := scanCheckpoint(r)
		if err != nil {
			v.addCheckpointFinding(previous.Seq, BadCheckpoint, "The checkpoint after event %d cannot be read.", previous.Seq)
			return nil
		}
		if key, ok := v.keys.find(c.KeyID); ok && !c.sealedBy(key, previous) {
			v.addCheckpointFinding(
				c.Seq,
				BadCheckpoint,
				"The checkpoint at event %d, or one before it, was changed, deleted or forged.",
				c.Seq,
			)
		}
		previous, v.checkpoints[c.Seq] = c, true
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading checkpoints: %w", err)
	}
	if len(v.checkpoints) == 0 {
		return nil
	}
	if _, ok := v.keys.find(previous.KeyID); !ok {
		v.addCheckpointFinding(
			previous.Seq,
			UnknownKey,
			"The checkpoint at event %d is sealed with the key %q, which is not listed.",
			previous.Seq,
			previous.KeyID,
		)
	}
	v.report.Checkpoint = &previous
	v.last = chainHead{seq: previous.Seq, mac: previous.mac}
	return nil
}

func (v *verifier) addCheckpointFinding(seq int64, p Problem, format string, args ...any) {
	v.report.addFinding(Finding{Seq: seq, Problem: p, Text: fmt.Sprintf(format, args...)})
}

// checkBeginning verifies that the chain begins with the genesis event or with a checkpoint, and with nothing else.
func (v *verifier) checkBeginning(e link, addFinding func(Problem, string, ...any)) {
	first := v.report.Events == 0 && v.report.Checkpoint == nil
	switch {
	case EventKind(e.kind) == GenesisEvent && first && e.seq == 1:
		var body LogCreated
		if json.Unmarshal([]byte(e.body), &body) == nil {
			v.report.Log = body.LogID
		}
	case EventKind(e.kind) == GenesisEvent:
		addFinding(ExtraGenesis, "Event %d is a genesis event, but the chain begins before it.", e.seq)
	case first:
		addFinding(NoGenesis, "Event %d is the first one, but it is not a genesis event.", e.seq)
	}
}

// checkPruned notes which event a prune event names as the last one that was deleted.
func (v *verifier) checkPruned(e link, addFinding func(Problem, string, ...any)) {
	var body LogPruned
	if EventKind(e.kind) != PruneEvent {
		return
	}
	switch {
	case json.Unmarshal([]byte(e.body), &body) != nil:
		addFinding(BadCheckpoint, "Event %d, about pruning, cannot be decoded.", e.seq)
	case !v.checkpoints[body.LastSeq]:
		addFinding(BadCheckpoint, "The checkpoint at event %d is missing, which event %d names.", body.LastSeq, e.seq)
	}
	v.pruned = max(v.pruned, body.LastSeq)
}

// checkEmpty verifies that the chain has events, and that the event about the newest checkpoint, which was written
// together with it, is one of them.
func (v *verifier) checkEmpty() {
	c := v.report.Checkpoint
	switch {
	case c == nil && v.report.Events == 0:
		v.report.addFinding(Finding{
			Problem: NoGenesis,
			Text: config.AsCalled(
				"The audit log is empty: the genesis event is missing, which server init wrote. Restore a backup.",
			),
		})
	case c != nil && v.pruned != c.Seq:
		v.report.addFinding(Finding{
			Seq:     c.Seq,
			Problem: Truncated,
			Text:    fmt.Sprintf("No event names the checkpoint at event %d: later events were deleted.", c.Seq),
		})
	}
}
