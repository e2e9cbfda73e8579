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

// Change a MAC of the record is over, as its first byte.
const (
	eventVersion      = 1 // an event, in the first encoding
	checkpointVersion = 2 // a checkpoint, in its first encoding
)

// link is one row of events, as the chain sees it: to the byte as the database has it.
type link struct {
	seq         int64
	operationID string
	kind        string
	at          int64 // unix microseconds
	result      string
	confirmed   bool
	body        string
	keyID       string // "" before the chain
	mac         []byte
}

// chainHead is where the chain ends: the newest event, or the newest checkpoint when nothing followed it.
type chainHead struct {
	seq int64
	mac []byte // 32 bytes, zeros before the first event that is chained
}

// zeroMAC are the MAC before the first event.
func zeroMAC() []byte { return make([]byte, sha256.Size) }

// eventMAC answers the MAC of an event that follows previous.
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

// checkMAC answers the MAC of a checkpoint.
func (key sealKey) checkpointMAC(c Checkpoint) []byte {
	return key.mac(checkpointVersion, encodeInt64(c.Seq), c.mac, encodeInt64(c.At.UnixMicro()))
}

// mac is over a version byte and then each field with its length before it, in four bytes, so that no two sequences of
// fields are the same bytes.
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

// readHead answers where the chain ends. A transaction that may write holds the only writer, so that nobody adds an
// event between this and its own.
func readHead(ctx context.Context, q querier) (chainHead, error) {
	h := chainHead{mac: zeroMAC()}
	var mac []byte
	err := q.QueryRowContext(ctx, `SELECT seq, mac FROM events ORDER BY seq DESC LIMIT 1`).Scan(&h.seq, &mac)
	if errors.Is(err, sql.ErrNoRows) {
		err = q.QueryRowContext(ctx, `SELECT seq, mac FROM checkpoints ORDER BY seq DESC LIMIT 1`).Scan(&h.seq, &mac)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return chainHead{}, fmt.Errorf("reading the newest event: %w", err)
	}
	if len(mac) > 0 {
		h.mac = mac
	}
	return h, nil
}

// add writes the next event of the chain.
func (r *Log) add(ctx context.Context, tx *sql.Tx, e link) (link, error) {
	last, err := readHead(ctx, tx)
	if err != nil {
		return link{}, err
	}
	key := r.keys[0]
	e.seq, e.keyID = last.seq+1, key.id
	e.mac = key.eventMAC(last.mac, e)
	_, err = tx.ExecContext(
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
