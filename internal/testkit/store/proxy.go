package store

import (
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
)

// Verdict is what a Proxy does with data from a client.
type Verdict int

// The verdicts.
const (
	Forward   Verdict = iota
	Drop              // the data do not reach the server, and the connection is closed
	DropReply         // the data reach the server, and the connection is closed in place of its reply
)

// Proxy is a proxy between the console and PostgreSQL, which can fail as a network does.
type Proxy struct {
	// Address is the address of the database through the proxy.
	Address string
	server  string // the path of the server's socket

	mu      sync.Mutex
	thawed  *sync.Cond
	frozen  bool
	refuses bool
	inspect func(fromClient []byte) Verdict
	open    map[net.Conn]bool // both ends of all connections
}

// NewProxy returns a proxy to the database at an address of this package.
func NewProxy(t testing.TB, address string) *Proxy {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	const socket = ".s.PGSQL.5432"
	p := &Proxy{server: filepath.Join(query.Get("host"), socket), open: map[net.Conn]bool{}}
	p.thawed = sync.NewCond(&p.mu)
	dir := t.TempDir()
	listener, err := net.Listen("unix", filepath.Join(dir, socket))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = listener.Close()
		p.Thaw()
		p.Cut()
	})
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serve(client)
		}
	}()
	query.Set("host", dir)
	u.RawQuery = query.Encode()
	p.Address = u.String()
	return p
}

// Freeze stops forwarding, on connections that are open and on new ones, without closing any.
func (p *Proxy) Freeze() { p.set(func() { p.frozen = true }) }

// Thaw forwards again, what was held back first.
func (p *Proxy) Thaw() { p.set(func() { p.frozen = false }) }

// Refuse closes new connections at once, until it is called with false.
func (p *Proxy) Refuse(refuse bool) { p.set(func() { p.refuses = refuse }) }

// Inspect calls inspect with all data from clients. nil forwards everything.
func (p *Proxy) Inspect(inspect func(fromClient []byte) Verdict) {
	p.set(func() { p.inspect = inspect })
}

func (p *Proxy) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	p.thawed.Broadcast()
}

// Cut closes all connections.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.open {
		_ = conn.Close()
	}
}

// track adds or removes an end of a connection.
func (p *Proxy) track(conn net.Conn, open bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if delete(p.open, conn); open {
		p.open[conn] = true
	}
}

// waitThawed waits while the proxy is frozen.
func (p *Proxy) waitThawed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.frozen {
		p.thawed.Wait()
	}
}

// serve copies data in both directions until one end closes the connection.
func (p *Proxy) serve(client net.Conn) {
	defer client.Close()
	p.track(client, true)
	defer p.track(client, false)
	p.waitThawed()
	p.mu.Lock()
	refuses := p.refuses
	p.mu.Unlock()
	server, err := net.Dial("unix", p.server)
	if err != nil {
		return
	}
	defer server.Close()
	if refuses {
		return
	}
	p.track(server, true)
	defer p.track(server, false)
	dropReply, replied := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(replied)
		defer client.Close()
		_ = p.copy(client, server, func([]byte) bool {
			select {
			case <-dropReply:
				return false
			default:
				return true
			}
		})
	}()
	_ = p.copy(server, client, func(data []byte) bool {
		p.mu.Lock()
		inspect := p.inspect
		p.mu.Unlock()
		verdict := Forward
		if inspect != nil {
			verdict = inspect(data)
		}
		if verdict == DropReply {
			close(dropReply)
			_, _ = server.Write(data)
			<-replied
		}
		return verdict == Forward
	})
}

// copy forwards data until a connection is closed or forward returns false.
func (p *Proxy) copy(to, from net.Conn, forward func(data []byte) bool) error {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return err
		}
		p.waitThawed()
		if !forward(buffer[:n]) {
			return nil
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return err
		}
	}
}
