package handlers

import (
	"context"
	"net/http"
	"sync"
	"time"
)

const (
	// underWay is how many requests that ask the vendor one person has under way: as many as a browser sends at once.
	underWay = 6
	// turnWait is how long one more waits for its turn.
	turnWait = 10 * time.Second
)

// turns lets each person have only so many requests under way that ask the vendor. All of them stand in one line
// there, which moves by a few calls a second: whoever filled it would keep everybody else from acting. It is safe for
// concurrent use.
type turns struct {
	mu    sync.Mutex
	lines map[string]*line // by operator; of those alone who have something under way
}

// line is what one person has under way, and what waits for that.
type line struct {
	places chan struct{}
	there  int // under way or waiting
}

func newTurns() *turns { return &turns{lines: map[string]*line{}} }

// take waits for a person's turn, and answers what ends it. It fails with tooMany, or with the context's error.
func (t *turns) take(ctx context.Context, who string) (end func(), err error) {
	l := t.join(who)
	timer := time.NewTimer(turnWait)
	defer timer.Stop()
	select {
	case l.places <- struct{}{}:
		return func() { <-l.places; t.leave(who, l) }, nil
	case <-timer.C:
		err = &tooMany{}
	case <-ctx.Done():
		err = ctx.Err()
	}
	t.leave(who, l)
	return nil, err
}

func (t *turns) join(who string) *line {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.lines[who]
	if l == nil {
		l = &line{places: make(chan struct{}, underWay)}
		t.lines[who] = l
	}
	l.there++
	return l
}

func (t *turns) leave(who string, l *line) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l.there--; l.there == 0 {
		delete(t.lines, who)
	}
}

// inTurn lets a request through when it is its person's turn.
func (a *App) inTurn(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		end, err := a.turns.take(r.Context(), visitOf(r).operator.ID())
		if err != nil {
			return err
		}
		defer end()
		return h(w, r)
	}
}
