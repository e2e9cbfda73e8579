package store_test

import (
	"bytes"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// A commit without a reply has happened or not, and Write finds out which.
func TestCommitWithoutReply(t *testing.T) {
	t.Parallel()
	address := storetest.EmptyPostgres(t)
	direct := storetest.Open(t, address)
	proxy := storetest.NewProxy(t, address)
	db := storetest.Open(t, proxy.Address)
	atCommit := func(verdict storetest.Verdict) {
		proxy.Inspect(func(data []byte) storetest.Verdict {
			if bytes.Contains(data, []byte("commit\x00")) {
				return verdict
			}
			return storetest.Forward
		})
	}
	insert := func(hash string) error {
		return db.Write(t.Context(), func(tx *sql.Tx) error {
			_, err := tx.ExecContext(t.Context(), insertSession, hash)
			return err
		})
	}
	atCommit(storetest.DropReply)
	if err := insert("done"); err != nil || countSessions(t, direct) != 1 {
		t.Errorf("a committed transaction: %v, %d rows", err, countSessions(t, direct))
	}
	atCommit(storetest.Drop)
	err := insert("never arrived")
	if err == nil || errors.Is(err, store.ErrUnknownCommit) || countSessions(t, direct) != 1 {
		t.Errorf("a transaction that was not committed: %v, %d rows", err, countSessions(t, direct))
	}
	db.SetCommitTimeout(300 * time.Millisecond)
	atCommit(storetest.DropReply)
	proxy.Refuse(true)
	if err := insert("not known"); !errors.Is(err, store.ErrUnknownCommit) {
		t.Errorf("a server that cannot be reached: %v", err)
	}
}
