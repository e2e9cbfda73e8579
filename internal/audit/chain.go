package audit

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
)

// The first byte of the input of a MAC.
const (
	eventVersion      = 1 // an event, first encoding
	checkpointVersion = 2 // a checkpoint, first encoding
	witnessVersion    = 3 // a witness, first encoding
)

// link is a row of events, byte by byte as the database has it.
type link struct {
	seq         int64
	operationID string
	kind        string
	at          int64 // Unix microseconds
	result      string
	confirmed   bool
	body        string
	keyID       string
	mac         []byte

	unreadable bool // set by Verify
}

// chainHead is the end of the chain: the newest event, or the newest checkpoint when there is no event after it.
type chainHead struct {
	seq int64
	mac []byte // 32 bytes, zeros before the genesis event
}

// zeroMAC returns the MAC that the genesis event follows.
func zeroMAC() []byte { return make([]byte, sha256.Size) }

// eventMAC returns the MAC of an event after the event with the MAC previous.
func (key sealKey) eventMAC(previous []byte, e link) []byte {
	confirmed := []byte{0}
	if e.confirmed {
		confirmed[0] = 1
	}
	return key.mac(
		eventVersion,
		previous,
		encodeInt64(e.seq),
		[]byte(e.operationID),
		[]byte(e.kind),
		encodeInt64(e.at),
		[]byte(e.result),
		confirmed,
		[]byte(e.body),
	)
}

// seals reports whether an event follows the event with the MAC previous.
func (key sealKey) seals(previous []byte, e link) bool {
	return hmac.Equal(key.eventMAC(previous, e), e.mac)
}

// checkpointMAC returns the MAC of a checkpoint after the checkpoint previous, which is the zero Checkpoint before the
// first one. It covers every column of previous, so that the newest checkpoint proves all of them.
func (key sealKey) checkpointMAC(previous, c Checkpoint) []byte {
	return key.mac(
		checkpointVersion,
		encodeInt64(previous.Seq),
		previous.mac,
		encodeInt64(previous.At.UnixMicro()),
		[]byte(previous.KeyID),
		previous.seal,
		encodeInt64(c.Seq),
		c.mac,
		encodeInt64(c.At.UnixMicro()),
	)
}

// mac returns the HMAC over a version byte and the fields, each after its length in four bytes. The lengths make the
// input of any two sequences of fields different.
func (key sealKey) mac(version byte, fields ...[]byte) []byte {
	h := hmac.New(sha256.New, key.secret)
	_, _ = h.Write([]byte{version})
	for _, field := range fields {
		_, _ = h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(field)))) // a body is far below 4 GiB
		_, _ = h.Write(field)
	}
	return h.Sum(nil)
}

func encodeInt64(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

// readHead returns the end of the chain. Within Write no other writer can add an event before the transaction ends.
func readHead(ctx context.Context, q querier) (chainHead, error) {
	h := chainHead{mac: zeroMAC()}
	err := q.QueryRowContext(ctx, `SELECT seq, mac FROM events ORDER BY seq DESC LIMIT 1`).Scan(&h.seq, &h.mac)
	if errors.Is(err, sql.ErrNoRows) {
		err = q.QueryRowContext(ctx, `SELECT seq, mac FROM checkpoints ORDER BY seq DESC LIMIT 1`).Scan(&h.seq, &h.mac)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return chainHead{}, fmt.Errorf("reading the newest event: %w", err)
	}
	return h, nil
}

// add appends an event to the chain. It returns the written events: before the first event of a new audit log, that is
// also the genesis event.
func (r *Log) add(ctx context.Context, tx *sql.Tx, e link) (written []link, err error) {
	known := r.memory.head()
	last, err := readHead(ctx, tx)
	if err != nil {
		return nil, err
	}
	if last.seq == 0 {
		first, err := r.begin(ctx, tx, e.at)
		if err != nil {
			return nil, err
		}
		written, last = append(written, first), chainHead{seq: first.seq, mac: first.mac}
	} else if err := r.checkHead(ctx, tx, known, last); err != nil {
		return nil, err
	}
	e, err = r.insert(ctx, tx, last, e)
	return append(written, e), err
}

// insert writes an event after the event last.
func (r *Log) insert(ctx context.Context, tx *sql.Tx, last chainHead, e link) (link, error) {
	key := r.keys[0]
	e.seq, e.keyID = last.seq+1, key.id
	e.mac = key.eventMAC(last.mac, e)
	_, err := tx.ExecContext(
		ctx,
		`INSERT INTO events (seq, operation_id, kind, at, result, confirmed, body, key_id, mac)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		e.seq,
		e.operationID,
		e.kind,
		e.at,
		e.result,
		e.confirmed,
		e.body,
		e.keyID,
		e.mac,
	)
	if err != nil {
		return link{}, fmt.Errorf("writing an event: %w", err)
	}
	return e, nil
}
