package audit

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// The kinds of events about facts: rows that the console acts on.
const (
	BulkChangeEvent EventKind = "bulk_change" // a bulk change got another state
	BulkItemEvent   EventKind = "bulk_item"   // an item of a bulk change got a result
	MismatchEvent   EventKind = "mismatch"    // a row did not agree with its event, and was not acted on
)

// BulkState is the state of a bulk change in an event.
type BulkState string

// The states. Only BulkDiscarded has no row.
const (
	BulkDraft     BulkState = "draft"
	BulkRunning   BulkState = "running"
	BulkStopped   BulkState = "stopped"
	BulkDone      BulkState = "done"
	BulkDiscarded BulkState = "discarded" // the draft was never started, and was deleted
)

// BulkChanged is the notice of a new state of a bulk change.
type BulkChanged struct {
	ID         string    `json:"bulk_change"`
	Account    int64     `json:"account"`
	State      BulkState `json:"state"`
	Kind       string    `json:"kind,omitempty"`     // of a draft and a start
	Items      int       `json:"items,omitempty"`    // of a draft and a start: their number
	Content    string    `json:"content,omitempty"`  // of a draft and a start: the digest of what was decided
	RetryOf    string    `json:"retry_of,omitempty"` // of a draft
	Actor      *Actor    `json:"actor,omitempty"`    // nil when the console did it by itself
	Reason     string    `json:"reason,omitempty"`   // of a start
	StopReason string    `json:"stop_reason,omitempty"`
}

// BulkItemDone is the notice of an item's result. An item that was tried again has several.
type BulkItemDone struct {
	ID        string `json:"bulk_change"`
	Item      int    `json:"item"`                // from 1
	Operation string `json:"operation,omitempty"` // "" when no operation was begun
	Result    Result `json:"result"`
	Final     bool   `json:"final"` // the result cannot change any more
	Code      int    `json:"code,omitempty"`
	Message   string `json:"message,omitempty"`
	Retry     bool   `json:"retry,omitempty"` // the item may be tried again with another operation
}

func (BulkChanged) kind() EventKind  { return BulkChangeEvent }
func (BulkItemDone) kind() EventKind { return BulkItemEvent }

func (BulkChanged) rateLimit() (string, func(int) Notice)  { return "", nil }
func (BulkItemDone) rateLimit() (string, func(int) Notice) { return "", nil }

// BulkSubject returns the subject of the events about a bulk change. It is never the id of an operation.
func BulkSubject(id string) string { return bulkPrefix + id }

const bulkPrefix = "bulk/"

// BulkOperationID returns the id of the operation of an item, for each attempt from 0. Because it follows from the
// item, an item that is put back to its state before cannot be sent again: the audit log accepts an id only once.
func BulkOperationID(bulkID string, item, attempt int) string {
	sum := sha256.Sum256([]byte(digestText("bulk operation", bulkID, strconv.Itoa(item), strconv.Itoa(attempt))))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
}

// The states of an item, as in package bulk.
const (
	itemWaiting  = "waiting"
	itemBusy     = "busy"
	itemFinished = "done"
)

// bulkRow is a row of bulk_changes without the lease.
type bulkRow struct {
	id, actorID, operator, kind, state, reason, stopReason, body, retryOf string
	account, createdAt, startedAt, endedAt, bytes, seq                    int64
}

const bulkRowColumns = `id, actor_id, operator, kind, state, reason, stop_reason, body, retry_of, account, created_at,
	started_at, ended_at, bytes, seq`

func scanBulkRow(row interface{ Scan(...any) error }) (b bulkRow, err error) {
	err = row.Scan(
		&b.id, &b.actorID, &b.operator, &b.kind, &b.state, &b.reason, &b.stopReason, &b.body, &b.retryOf, &b.account,
		&b.createdAt, &b.startedAt, &b.endedAt, &b.bytes, &b.seq,
	)
	return b, err
}

// content returns the digest of what an operator decided with a draft or a start: everything but the progress.
func (b bulkRow) content(plan string) string {
	return digestText(
		b.id,
		strconv.FormatInt(b.account, 10),
		b.actorID,
		b.operator,
		b.kind,
		b.reason,
		b.body,
		b.retryOf,
		strconv.FormatInt(b.createdAt, 10),
		strconv.FormatInt(b.startedAt, 10),
		strconv.FormatInt(b.bytes, 10),
		plan,
	)
}

// bulkItemRow is a row of bulk_items.
type bulkItemRow struct {
	bulkID, state, operationID, result, body, message string
	n, code                                           int
	final                                             bool
	seq                                               int64
}

const bulkItemColumns = `bulk_id, n, state, operation_id, result, final, code, body, message, seq`

func scanBulkItemRow(row interface{ Scan(...any) error }) (i bulkItemRow, err error) {
	err = row.Scan(&i.bulkID, &i.n, &i.state, &i.operationID, &i.result, &i.final, &i.code, &i.body, &i.message, &i.seq)
	return i, err
}

// plan returns the digest of the part that the draft set.
func (i bulkItemRow) plan() string {
	state := i.state
	if state == itemBusy || state == itemFinished {
		state = itemWaiting // only such items are sent
	}
	return digestText(i.bulkID, strconv.Itoa(i.n), state, i.body)
}

// planDigest returns the digest of the plans of all items, in their order.
func planDigest(plans []string) string { return digestText(plans...) }

// bulkReplay is what the events say about a bulk change.
type bulkReplay struct {
	id           string
	draftSeq     int64 // 0 without a draft event
	discardedSeq int64 // 0 unless it was discarded
	mismatchSeq  int64 // 0 unless a mismatch was found
	content      BulkChanged
	contentSeq   int64
	state        BulkChanged
	stateSeq     int64
	stateAt      int64
	items        map[int]bulkItemReplay
}

// bulkItemReplay is the newest result of an item.
type bulkItemReplay struct {
	BulkItemDone
	seq     int64
	results int // how many there were
}

// add applies the next event about the bulk change.
func (b *bulkReplay) add(e link) error {
	switch EventKind(e.kind) {
	case BulkChangeEvent:
		var body BulkChanged
		if err := json.Unmarshal([]byte(e.body), &body); err != nil {
			return fmt.Errorf("decoding event %d: %w", e.seq, err)
		}
		b.state, b.stateSeq, b.stateAt = body, e.seq, e.at
		switch body.State {
		case BulkDraft:
			b.draftSeq = e.seq
		case BulkDiscarded:
			b.discardedSeq = e.seq
		}
		if body.Content != "" {
			b.content, b.contentSeq = body, e.seq
		}
	case MismatchEvent:
		b.mismatchSeq = e.seq
	case BulkItemEvent:
		var body BulkItemDone
		if err := json.Unmarshal([]byte(e.body), &body); err != nil {
			return fmt.Errorf("decoding event %d: %w", e.seq, err)
		}
		if b.items == nil {
			b.items = map[int]bulkItemReplay{}
		}
		b.items[body.Item] = bulkItemReplay{BulkItemDone: body, seq: e.seq, results: b.items[body.Item].results + 1}
	}
	return nil
}

// changeMismatch returns how a row of bulk_changes differs from its events, "" when it does not. A row that differed
// once is not trusted again.
func (b *bulkReplay) changeMismatch(row bulkRow, plan string) string {
	ended := int64(0)
	if b.state.State == BulkStopped || b.state.State == BulkDone {
		ended = b.stateAt
	}
	switch {
	case b.draftSeq == 0:
		return "no event drafted it"
	case b.discardedSeq != 0:
		return fmt.Sprintf("event %d discarded it", b.discardedSeq)
	case b.mismatchSeq != 0:
		return fmt.Sprintf("it did not when the console was about to act on it, see event %d", b.mismatchSeq)
	case row.seq != b.stateSeq:
		return fmt.Sprintf("it names event %d, but event %d is the newest about its state", row.seq, b.stateSeq)
	case row.state != string(b.state.State):
		return fmt.Sprintf("event %d set another state", b.stateSeq)
	case row.stopReason != b.state.StopReason || row.endedAt != ended:
		return fmt.Sprintf("event %d set another end", b.stateSeq)
	case row.content(plan) != b.content.Content:
		return fmt.Sprintf("event %d set another content", b.contentSeq)
	}
	return ""
}

// itemMismatch returns how the progress of an item differs from its events, "" when it does not. The id of the
// operation of an item in progress is written before the operation begins, without an event.
func (b *bulkReplay) itemMismatch(row bulkItemRow) string {
	newest, finished := b.items[row.n]
	expected := bulkItemRow{state: row.state}
	if finished {
		expected = bulkItemRow{
			seq:         newest.seq,
			state:       itemFinished,
			operationID: newest.Operation,
			result:      string(newest.Result),
			final:       newest.Final,
			code:        newest.Code,
			message:     newest.Message,
		}
	}
	switch {
	case row.state == itemBusy && (!finished || newest.Retry):
		expected = bulkItemRow{
			seq:         expected.seq,
			state:       itemBusy,
			operationID: BulkOperationID(b.id, row.n, newest.results),
		}
	case row.state == itemFinished && !finished:
		return "no event finished it"
	}
	expected.bulkID, expected.n, expected.body = row.bulkID, row.n, row.body
	switch {
	case row == expected:
		return ""
	case finished:
		return fmt.Sprintf("event %d set another result", newest.seq)
	default:
		return "it has a result, or another operation, without an event"
	}
}
