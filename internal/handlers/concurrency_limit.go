package handlers

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// concurrencyWait is how long a request beyond a concurrency limit waits.
const concurrencyWait = 10 * time.Second

// concurrencyLimits limit the requests of one kind that are served at the same time.
type concurrencyLimits struct {
	// vendor limits the requests that call the vendor to as many as a browser sends. The vendor takes only a few calls a
	// second, so that one operator could otherwise block all others.
	vendor *concurrencyLimit
	// uploads limits the forms with a file. Reading and checking a file takes up to 50 MiB.
	uploads *concurrencyLimit
	// scans limits the pages that read many rows of the database or of the account. store.DB.Scan limits the searches of
	// the database once more.
	scans *concurrencyLimit
	// exports limits the responses with everything at once. They last as long as the browser reads.
	exports *concurrencyLimit
}

func newConcurrencyLimits() concurrencyLimits {
	return concurrencyLimits{
		vendor:  newConcurrencyLimit(6, 0),
		uploads: newConcurrencyLimit(1, 2),
		scans:   newConcurrencyLimit(1, 4),
		exports: newConcurrencyLimit(1, 8),
	}
}

// concurrencyLimit limits the requests that are served at the same time, those of each operator and all together. It is
// safe for concurrent use.
type concurrencyLimit struct {
	perOperator int
	all         chan struct{} // nil without a limit for all together

	mu         sync.Mutex
	semaphores map[string]*operatorSemaphore // by operator; only of operators with requests in progress
}

// operatorSemaphore counts the requests of one operator.
type operatorSemaphore struct {
	tokens     chan struct{}
	references int // in progress or waiting
}

// newConcurrencyLimit returns a limit for each operator and one for all together, 0 for none.
func newConcurrencyLimit(perOperator, all int) *concurrencyLimit {
	limit := &concurrencyLimit{perOperator: perOperator, semaphores: map[string]*operatorSemaphore{}}
	if all > 0 {
		limit.all = make(chan struct{}, all)
	}
	return limit
}

// acquire waits until one more request of the operator may be served, and returns the function that ends it. It returns
// a *tooManyRequestsError or the error of the context. A request that waits for others of its operator does not count
// for all together.
func (t *concurrencyLimit) acquire(ctx context.Context, operatorID string) (release func(), err error) {
	semaphore := t.retain(operatorID)
	timer := time.NewTimer(concurrencyWait)
	defer timer.Stop()
	if err := take(ctx, timer, semaphore.tokens); err != nil {
		t.release(operatorID, semaphore)
		return nil, err
	}
	if t.all == nil {
		return func() { <-semaphore.tokens; t.release(operatorID, semaphore) }, nil
	}
	if err := take(ctx, timer, t.all); err != nil {
		<-semaphore.tokens
		t.release(operatorID, semaphore)
		return nil, err
	}
	return func() { <-t.all; <-semaphore.tokens; t.release(operatorID, semaphore) }, nil
}

// take waits for a place in a semaphore.
func take(ctx context.Context, timer *time.Timer, tokens chan<- struct{}) error {
	select {
	case tokens <- struct{}{}:
		return nil
	default:
	}
	select {
	case tokens <- struct{}{}:
		return nil
	case <-timer.C:
		return &tooManyRequestsError{atOnce: true}
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t *concurrencyLimit) retain(operatorID string) *operatorSemaphore {
	t.mu.Lock()
	defer t.mu.Unlock()
	semaphore := t.semaphores[operatorID]
	if semaphore == nil {
		semaphore = &operatorSemaphore{tokens: make(chan struct{}, t.perOperator)}
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

// concurrencyLimited calls the handler within a concurrency limit.
func (a *App) concurrencyLimited(h handler, limit *concurrencyLimit) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		release, err := limit.acquire(r.Context(), stateOf(r).operator.ID())
		if err != nil {
			return err
		}
		defer release()
		return h(w, r)
	}
}
