package audit

import "sync"

// headMemory is what a process knows about the audit log, apart from the database. It is safe for concurrent use.
type headMemory struct {
	mu      sync.Mutex
	known   witness
	saved   witness // what the witness contains
	replace bool    // the witness must be written although its head is newer: the loss was accepted
}

// head returns the newest event that is known, with the number 0 for none.
func (m *headMemory) head() chainHead {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.known.head
}

// note remembers an event, unless a newer one is known.
func (m *headMemory) note(h chainHead) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if h.seq > m.known.head.seq {
		m.known.head = h
	}
}

// forget replaces the known event after its loss was accepted, unless another one is known by now. The chain is
// verified anew.
func (m *headMemory) forget(lost, now chainHead) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known.head.equal(lost) {
		m.known, m.replace = witness{head: now}, true
	}
}

// progress returns how far the chain was verified.
func (m *headMemory) progress() progress {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.known.verified
}

// noteVerified remembers the last event that was verified. at is the time when that is the end of the chain, else 0.
func (m *headMemory) noteVerified(last chainHead, at int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known.verified.last = last
	if at != 0 {
		m.known.verified.at = at
	}
}

// unsaved returns what the witness must contain, and whether it does not yet.
func (m *headMemory) unsaved() (known witness, replace, changed bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	known = m.known
	changed = m.replace || !known.head.equal(m.saved.head) || !known.verified.last.equal(m.saved.verified.last) ||
		known.verified.at != m.saved.verified.at
	return known, m.replace, changed && known.head.seq > 0
}

// setSaved notes what the witness contains.
func (m *headMemory) setSaved(w witness) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.saved = w
	if m.known.head.seq >= w.head.seq {
		m.replace = false
	}
}
