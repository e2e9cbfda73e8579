package audit

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/voxwarden/voxwarden/internal/store"
)

// ReadHead returns the newest event of a database and its time, without checking the chain. found is false when there
// is none.
func ReadHead(ctx context.Context, db *store.DB) (head Head, at time.Time, found bool, err error) {
	return scanHead(db.SQL().QueryRowContext(ctx, `SELECT seq, mac, at FROM events ORDER BY seq DESC LIMIT 1`))
}

// HasEvent reports whether a database has an event with a head's number and MAC.
func HasEvent(ctx context.Context, db *store.DB, head Head) (bool, error) {
	row := db.SQL().QueryRowContext(ctx, `SELECT seq, mac, at FROM events WHERE seq = $1`, head.Seq)
	got, _, found, err := scanHead(row)
	return found && got == head, err
}

func scanHead(row *sql.Row) (head Head, at time.Time, found bool, err error) {
	var mac []byte
	var micros int64
	err = row.Scan(&head.Seq, &mac, &micros)
	if errors.Is(err, sql.ErrNoRows) {
		return Head{}, time.Time{}, false, nil
	}
	if err != nil {
		return Head{}, time.Time{}, false, fmt.Errorf("reading an event: %w", err)
	}
	head.MAC = hex.EncodeToString(mac)
	return head, time.UnixMicro(micros).UTC(), true, nil
}
