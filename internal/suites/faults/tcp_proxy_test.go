package faults

import (
	"net"
	"sync"
	"testing"
	"time"
)

// linkState is what a tcpProxy does with connections.
type linkState int

const (
	linkUp      linkState = iota
	linkReset             // ends all connections, and each new one, with a reset
	linkSilent            // keeps connections and forwards nothing, like a network that drops packets
	linkDelayed           // forwards each piece of data after linkDelay
)

// linkDelay is the delay of linkDelayed.
const linkDelay = 20 * time.Millisecond

// tcpProxy is a network between a console and a server that can fail. When it works again it forwards what waited, as
// TCP does.
type tcpProxy struct {
	listener net.Listener
	dial     func() (net.Conn, error)

	mu      sync.Mutex
	state   linkState
	changed chan struct{} // closed at the next change of state
	open    map[net.Conn]bool
}

// startTCPProxy listens on a loopback address. The network is "tcp" or "unix".
func startTCPProxy(t *testing.T, network, address string) *tcpProxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &tcpProxy{
		listener: listener,
		dial:     func() (net.Conn, error) { return net.Dial(network, address) },
		changed:  make(chan struct{}),
		open:     map[net.Conn]bool{},
	}
	go p.accept()
	t.Cleanup(func() {
		_ = listener.Close()
		p.set(linkReset)
	})
	return p
}

// address returns the host and port to connect to.
func (p *tcpProxy) address() string { return p.listener.Addr().String() }

// set changes the state of the network.
func (p *tcpProxy) set(state linkState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state = state
	close(p.changed)
	p.changed = make(chan struct{})
	if state == linkReset {
		p.resetAll()
	}
}

// cut ends all connections once.
func (p *tcpProxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.resetAll()
}

// resetAll ends all connections. The lock must be held.
func (p *tcpProxy) resetAll() {
	for conn := range p.open {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // a reset instead of a normal end
		}
		_ = conn.Close()
		delete(p.open, conn)
	}
}

func (p *tcpProxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.serve(client)
	}
}

func (p *tcpProxy) serve(client net.Conn) {
	if !p.add(client) {
		return
	}
	defer p.remove(client)
	server, err := p.dial()
	if err != nil || !p.add(server) {
		return
	}
	defer p.remove(server)
	var directions sync.WaitGroup
	directions.Go(func() { p.forward(server, client) })
	directions.Go(func() { p.forward(client, server) })
	directions.Wait()
}

// add reports whether a new connection stays open.
func (p *tcpProxy) add(conn net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[conn] = true
	if p.state == linkReset {
		p.resetAll()
		return false
	}
	return true
}

func (p *tcpProxy) remove(conn net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = conn.Close()
	delete(p.open, conn)
}

// forward copies data until one of the connections ends, and then ends both.
func (p *tcpProxy) forward(to, from net.Conn) {
	defer p.remove(to)
	defer p.remove(from)
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		p.awaitLink()
		if _, writeErr := to.Write(buffer[:n]); err != nil || writeErr != nil {
			return
		}
	}
}

// awaitLink waits until the network forwards data.
func (p *tcpProxy) awaitLink() {
	for {
		p.mu.Lock()
		state, changed := p.state, p.changed
		p.mu.Unlock()
		switch state {
		case linkSilent:
			<-changed
		case linkDelayed:
			<-time.After(linkDelay)
			return
		default:
			return
		}
	}
}
