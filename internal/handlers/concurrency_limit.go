package handlers

import (
	"context"
	"net/http"
	"sync"
	"time"
)

const (
	// maxConcurrentRequests is how many requests that ask the vendor one person has under way: as many as a browser
	// sends at once.
	maxConcurrentRequests = 6
	// concurrencyWait is how long one more waits for its turn.
	concurrencyWait = 10 * time.Second
)

// concurrencyLimit lets each person have only so many requests under way that ask the vendor. All of them stand in
// one line there, which moves by a few calls a second: whoever filled it would keep everybody else from acting. It is
// safe for concurrent use.
type concurrencyLimit struct {
	mu         sync.Mutex
	semaphores map[string]*operatorSemaphore // by operator; of those alone who have something under way
}

// operationView is what one person has under way, and what waits for that.
type operatorSemaphore struct {
	tokens     chan struct{}
	references int // under way or waiting
}

func newConcurrencyLimit() *concurrencyLimit {
	return &concurrencyLimit{semaphores: map[string]*operatorSemaphore{}}
}

// acquire waits for a person's turn, and answers what ends it. It fails with tooMany, or with the context's error.
func (t *concurrencyLimit) acquire(ctx context.Context, operatorID string) (release func(), err error) {
	semaphore := t.retain(operatorID)
	timer := time.NewTimer(concurrencyWait)
	defer timer.Stop()
	select {
	case semaphore.tokens <- struct{}{}:
		return func() { <-semaphore.tokens; t.release(operatorID, semaphore) }, nil
	case <-timer.C:
		err = &tooManyRequestsError{}
	case <-ctx.Done():
		err = ctx.Err()
	}
	t.release(operatorID, semaphore)
	return nil, err
}

func (t *concurrencyLimit) retain(operatorID string) *operatorSemaphore {
	t.mu.Lock()
	defer t.mu.Unlock()
	semaphore := t.semaphores[operatorID]
	if semaphore == nil {
		semaphore = &operatorSemaphore{tokens: make(chan struct{}, maxConcurrentRequests)}
		t.semaphores[operatorID] = semaphore
	}
	semaphore.references++
	return semaphore
}

func (t *concurrencyLimit) release(operatorID string, semaphore *operatorSemaphore) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if semaphore.references--; semaphore.references == 0 {
		delete(t.semaphores, operatorID)
	}
}

// concurrencyLimited lets a request through when it is its person's turn.
func (a *App) concurrencyLimited(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		release, err := a.concurrencyLimit.acquire(r.Context(), stateOf(r).operator.ID())
		if err != nil {
			return err
		}
		defer release()
		return h(w, r)
	}
}
