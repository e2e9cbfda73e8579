package store_test

import (
	"bytes"
	"database/sql"
	"errors"
	"net"
	"net/url"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// What a wire does with a commit.
const (
	forwardsCommit = iota
	dropsCommit    // the commit does not arrive
	dropsReply     // it arrives and is done, and the answer does not come back
)

// commitProxy stands between the console and PostgreSQL, and is cut at a commit when it is told to.
type commitProxy struct {
	server string // the path of its socket
	mode   atomic.Int32
	cut    atomic.Bool // nothing passes any more
}

// newCommitProxy answers a wire to the database of an address, and the address through it.
func newCommitProxy(t *testing.T, address string) (*commitProxy, string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	const socket = ".s.PGSQL.5432"
	w := &commitProxy{server: filepath.Join(query.Get("host"), socket)}
	dir := t.TempDir()
	listener, err := net.Listen("unix", filepath.Join(dir, socket))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go w.forward(client)
		}
	}()
	query.Set("host", dir)
	u.RawQuery = query.Encode()
	return w, u.String()
}

// forward passes on what a client says, and what the server answers, until the wire is cut.
func (w *commitProxy) forward(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("unix", w.server)
	if err != nil || w.cut.Load() {
		return
	}
	defer server.Close()
	var mute atomic.Bool
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		defer client.Close()
		buffer := make([]byte, 64<<10)
		for {
			n, err := server.Read(buffer)
			if err != nil || mute.Load() {
				return
			}
			_, _ = client.Write(buffer[:n])
		}
	}()
	buffer := make([]byte, 64<<10)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			return
		}
		if bytes.Contains(buffer[:n], []byte("commit\x00")) {
			switch w.mode.Load() {
			case dropsCommit:
				return
			case dropsReply:
				mute.Store(true)
				_, _ = server.Write(buffer[:n])
				<-answered
				return
			}
		}
		_, _ = server.Write(buffer[:n])
	}
}

// A commit whose answer is lost has happened or has not, and Write says which.
func TestCommitWithoutReply(t *testing.T) {
	t.Parallel()
	address := storetest.Postgres(t)
	direct := storetest.Open(t, address)
	w, through := newCommitProxy(t, address)
	db := storetest.Open(t, through)
	insert := func(hash string) error {
		return db.Write(t.Context(), func(tx *sql.Tx) error {
			_, err := tx.ExecContext(t.Context(), insertSession, hash)
			return err
		})
	}
	w.mode.Store(dropsReply)
	if err := insert("done"); err != nil || countSessions(t, direct) != 1 {
		t.Errorf("it was done: %v, %d rows", err, countSessions(t, direct))
	}
	w.mode.Store(dropsCommit)
	if err := insert("never arrived"); err == nil || errors.Is(
		err,
		store.ErrUnknownCommit,
	) || countSessions(t, direct) != 1 {
		t.Errorf("it never arrived: %v, %d rows", err, countSessions(t, direct))
	}
	db.SetCommitTimeout(300 * time.Millisecond)
	w.mode.Store(dropsReply)
	w.cut.Store(true)
	if err := insert("nobody knows"); !errors.Is(err, store.ErrUnknownCommit) {
		t.Errorf("nobody is there to ask: %v", err)
	}
}
