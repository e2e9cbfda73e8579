package handlers

import (
	"context"
	"net/http"
	"sync"
	"time"
)

const (
	// maxConcurrentRequests is the number of requests of one operator that may call the vendor at the same time: as many
	// as a browser sends.
	maxConcurrentRequests = 6
	// concurrencyWait is how long one more request waits.
	concurrencyWait = 10 * time.Second
)

// concurrencyLimit limits the requests of each operator that call the vendor at the same time. The vendor takes only a
// few calls a second, so that one operator could otherwise block all others. It is safe for concurrent use.
type concurrencyLimit struct {
	mu         sync.Mutex
	semaphores map[string]*operatorSemaphore // by operator; only of operators with requests in progress
}

// operatorSemaphore counts the requests of one operator.
type operatorSemaphore struct {
	tokens     chan struct{}
	references int // in progress or waiting
}

func newConcurrencyLimit() *concurrencyLimit {
	return &concurrencyLimit{semaphores: map[string]*operatorSemaphore{}}
}

// acquire waits until the operator may send one more request, and returns the function that ends it. It returns a
// *tooManyRequestsError or the error of the context.
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

// concurrencyLimited calls the handler within the concurrency limit of the operator.
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
