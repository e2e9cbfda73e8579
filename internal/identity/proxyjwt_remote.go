package identity

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	keySetMaxAge          = 15 * time.Minute // an older set is fetched again, so that retired keys stop counting
	keySetMaxStale        = 24 * time.Hour   // an older set is not used, even if it cannot be fetched again
	unknownKeyRetryDelay  = time.Minute      // between two fetches for key ids that are not in the set
	failedFetchRetryDelay = 10 * time.Second // after a failed fetch
)

// remoteKeys is a key set at an address. It is fetched for the first assertion, when the cached set is too old, and, at
// most once a minute, when an assertion names a key that is not in the set. So a new key is accepted within a minute,
// and any number of made-up key ids causes one fetch a minute.
type remoteKeys struct {
	load    func(ctx context.Context) ([]byte, error)
	now     func() time.Time
	logger  *slog.Logger
	current atomic.Pointer[fetchedKeys]

	fetchMu sync.Mutex // guards the fields below; held during a fetch
	tried   time.Time
	lastErr error // of the last fetch
}

type fetchedKeys struct {
	set       keySet
	fetchedAt time.Time
}

// key returns the key that an assertion names. A request with a known key never waits for a fetch, except the one that
// finds the set too old.
func (k *remoteKeys) key(ctx context.Context, token *jwt.Token) (any, error) {
	current := k.current.Load()
	switch {
	case current == nil || k.now().Sub(current.fetchedAt) >= keySetMaxStale:
		k.fetchMu.Lock()
		current = k.refresh(ctx, current)
		fetchErr := k.lastErr
		k.fetchMu.Unlock()
		if current == nil || k.now().Sub(current.fetchedAt) >= keySetMaxStale {
			return nil, fmt.Errorf("%w: no keys to verify the assertion: %w", ErrUnavailable, fetchErr)
		}
	case k.now().Sub(current.fetchedAt) >= keySetMaxAge && k.fetchMu.TryLock():
		current = k.refresh(ctx, current)
		k.fetchMu.Unlock()
	}
	found, unknown, err := current.set.find(token)
	if !unknown {
		return found, err
	}
	k.fetchMu.Lock()
	current = k.refresh(ctx, current)
	fetchErr := k.lastErr
	k.fetchMu.Unlock()
	found, unknown, err = current.set.find(token)
	if unknown && fetchErr != nil {
		return nil, fmt.Errorf("%w: the key may be new: %w", ErrUnavailable, fetchErr)
	}
	return found, err
}

// refresh fetches the set, unless another request has done so since known was read, or the last fetch is too recent. It
// returns the newest set, or nil if there never was one. The caller holds fetchMu.
func (k *remoteKeys) refresh(ctx context.Context, known *fetchedKeys) *fetchedKeys {
	current, now := k.current.Load(), k.now()
	delay := unknownKeyRetryDelay
	if k.lastErr != nil {
		delay = failedFetchRetryDelay
	}
	if current != known || !k.tried.IsZero() && now.Sub(k.tried) < delay {
		return current
	}
	k.tried = now
	var set keySet
	data, err := k.load(ctx)
	if err == nil {
		set, err = readKeySet(data)
	}
	if k.lastErr = err; err != nil {
		k.logger.WarnContext(ctx, "fetching the keys of the sign-in proxy failed", "error", err, "cached", current != nil)
		return current
	}
	current = &fetchedKeys{set: set, fetchedAt: now}
	k.current.Store(current)
	return current
}
