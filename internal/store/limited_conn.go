package store

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// ErrSilent is returned when PostgreSQL has sent nothing for too long while the console waited for it. The connection
// is closed, and the statement may have been executed.
var ErrSilent = errors.New("the database did not respond in time")

// silenceLimit is how long the console waits for PostgreSQL to send or accept anything. The server's own limits are
// shorter, so a server that works always responds earlier: see statementTimeout.
const silenceLimit = 12 * time.Second

// waitLimit is how long the connections of a DB wait for the server. It is safe for concurrent use.
type waitLimit struct {
	max       atomic.Int64 // a time.Duration, 0 for no limit
	suspended atomic.Int32 // transactions without a limit that are in progress
}

// deadline returns the time until which a read or a write may wait, the zero time for no limit.
func (l *waitLimit) deadline(now time.Time) time.Time {
	limit := time.Duration(l.max.Load())
	if limit == 0 || l.suspended.Load() > 0 {
		return time.Time{}
	}
	return now.Add(limit)
}

// suspend lifts the limit until the returned function is called.
func (l *waitLimit) suspend() (resume func()) {
	l.suspended.Add(1)
	return func() { l.suspended.Add(-1) }
}

// limitedConn is a connection to PostgreSQL in which no read and no write waits longer than the limit, whatever
// context the statement has: commits and rollbacks, for example, have none of their own. pgx sets a deadline when a
// context ends; the earlier of the two counts.
type limitedConn struct {
	net.Conn
	limit *waitLimit

	mu       sync.Mutex
	deadline time.Time // set by pgx, the zero time for none
	usedAt   time.Time // of the newest successful read
}

// SetDeadline implements net.Conn.
func (c *limitedConn) SetDeadline(deadline time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = deadline
	return c.Conn.SetDeadline(deadline)
}

// Read implements net.Conn.
func (c *limitedConn) Read(p []byte) (int, error) {
	limited, err := c.setLimit(c.SetReadDeadline)
	if err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(p)
	if err == nil {
		c.mu.Lock()
		c.usedAt = time.Now()
		c.mu.Unlock()
	}
	return n, c.silent(err, limited)
}

// Write implements net.Conn.
func (c *limitedConn) Write(p []byte) (int, error) {
	limited, err := c.setLimit(c.SetWriteDeadline)
	if err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(p)
	return n, c.silent(err, limited)
}

// setLimit sets the deadline of a read or a write. limited is false when the deadline is the one of pgx.
func (c *limitedConn) setLimit(set func(time.Time) error) (limited bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	deadline := c.limit.deadline(time.Now())
	if limited = !deadline.IsZero() && (c.deadline.IsZero() || deadline.Before(c.deadline)); !limited {
		deadline = c.deadline
	}
	return limited, set(deadline)
}

// silent returns ErrSilent in place of the error of a deadline that limitedConn has set. pgx would take a timeout for
// the end of a context and keep the connection in some cases.
func (c *limitedConn) silent(err error, limited bool) error {
	if !limited || !errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.deadline.IsZero() && !c.deadline.After(time.Now()) {
		return err // the context ended during the read
	}
	return ErrSilent
}

// idle returns how long nothing was received.
func (c *limitedConn) idle() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Since(c.usedAt)
}

// peek looks at an idle connection without waiting: unread reports whether the server has sent something, such as the
// notice of its shutdown. It returns an error when the connection is closed.
func (c *limitedConn) peek() (unread bool, err error) {
	socket, ok := c.Conn.(syscall.Conn)
	if !ok {
		return false, nil
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return false, fmt.Errorf("looking at a connection: %w", err)
	}
	var received int
	var readErr error
	// Control, unlike Read, does not regard the deadline of an earlier read.
	err = raw.Control(func(descriptor uintptr) {
		received, _, readErr = syscall.Recvfrom(int(descriptor), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	})
	switch {
	case err != nil:
		return false, fmt.Errorf("looking at a connection: %w", err)
	case errors.Is(readErr, syscall.EAGAIN) || errors.Is(readErr, syscall.EINTR):
		return false, nil
	case readErr != nil:
		return false, fmt.Errorf("looking at a connection: %w", readErr)
	case received == 0:
		return false, net.ErrClosed
	}
	return true, nil
}
