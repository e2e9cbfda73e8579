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

// What a commitProxy does with a commit.
const (
	forwardsCommit = iota
	dropsCommit    // the commit does not reach the server
	dropsReply     // the server commits, but its reply is lost
)

// commitProxy is a proxy between the console and PostgreSQL that can close the connection at a commit.
type commitProxy struct {
	server string // the path of the server's socket
	mode   atomic.Int32
	cut    atomic.Bool // no new connection is forwarded
}

// newCommitProxy returns a proxy to the database at an address, and the address of the proxy.
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

// forward copies data in both directions until the proxy closes the connection.
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

// A commit without a reply has happened or not, and Write finds out which.
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
		t.Errorf("a committed transaction: %v, %d rows", err, countSessions(t, direct))
	}
	w.mode.Store(dropsCommit)
	err := insert("never arrived")
	if err == nil || errors.Is(err, store.ErrUnknownCommit) || countSessions(t, direct) != 1 {
		t.Errorf("a transaction that was not committed: %v, %d rows", err, countSessions(t, direct))
	}
	db.SetCommitTimeout(300 * time.Millisecond)
	w.mode.Store(dropsReply)
	w.cut.Store(true)
	if err := insert("not known"); !errors.Is(err, store.ErrUnknownCommit) {
		t.Errorf("a server that cannot be reached: %v", err)
	}
}
