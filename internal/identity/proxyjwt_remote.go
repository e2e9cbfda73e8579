package identity

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

const (
	keySetMaxAge          = 15 * time.Minute // after that a set is fetched anew, so that retired keys go
	keySetMaxStale        = 24 * time.Hour   // after that a set that could not be fetched anew counts no more
	unknownKeyRetryDelay  = time.Minute      // between a fetch and the next one for a key that is not in the set
	failedFetchRetryDelay = 10 * time.Second // between a fetch that failed and the next one
)

// remoteKeys is a key set at an address. It is fetched when the first assertion comes, when it has grown old, and, but
// rarely, when an assertion names a key that is not in it: so a new key counts within a minute, and a flood of made-up
// names causes one fetch a minute.
type remoteKeys struct {
	load    func(ctx context.Context) ([]byte, error)
	now     func() time.Time
	logger  *slog.Logger
	current atomic.Pointer[fetchedKeys]

	fetchMu sync.Mutex // guards what follows; held while fetching
	tried   time.Time
	lastErr error // of the last fetch
}

// fetchedKeys is a set as it was fetched.
type fetchedKeys struct {
	set       keyfunc.Keyfunc
	fetchedAt time.Time
}

// key finds the key that an assertion names. Requests whose key is known never wait for a fetch, except the one that
// finds the set old.
func (k *remoteKeys) key(ctx context.Context, token *jwt.Token) (any, error) {
	current := k.current.Load()
	switch {
	case current == nil || k.now().Sub(current.fetchedAt) >= keySetMaxStale:
		k.fetchMu.Lock()
		current = k.refresh(ctx, current)
		failed := k.lastErr
		k.fetchMu.Unlock()
		if current == nil || k.now().Sub(current.fetchedAt) >= keySetMaxStale {
			return nil, fmt.Errorf("%w: no keys to prove an assertion with: %w", ErrUnavailable, failed)
		}
	case k.now().Sub(current.fetchedAt) >= keySetMaxAge && k.fetchMu.TryLock():
		current = k.refresh(ctx, current)
		k.fetchMu.Unlock()
	}
	found, unknown, err := keyNamed(ctx, current.set, token)
	if !unknown {
		return found, err
	}
	k.fetchMu.Lock()
	current = k.refresh(ctx, current)
	failed := k.lastErr
	k.fetchMu.Unlock()
	found, unknown, err = keyNamed(ctx, current.set, token)
	if unknown && failed != nil {
		return nil, fmt.Errorf("%w: the key may be new: %w", ErrUnavailable, failed)
	}
	return found, err
}

// refreshTokens fetches the set, unless somebody else has since seen was read, or it is too soon. It answers the
// newest set there is, nil when there never was one. The caller holds the lock.
func (k *remoteKeys) refresh(ctx context.Context, known *fetchedKeys) *fetchedKeys {
	current, now := k.current.Load(), k.now()
	pause := unknownKeyRetryDelay
	if k.lastErr != nil {
		pause = failedFetchRetryDelay
	}
	if current != known || !k.tried.IsZero() && now.Sub(k.tried) < pause {
		return current
	}
	k.tried = now
	var set keyfunc.Keyfunc
	data, err := k.load(ctx)
	if err == nil {
		set, err = readKeySet(data)
	}
	if k.lastErr = err; err != nil {
		k.logger.WarnContext(ctx, "the keys of the sign-in proxy could not be fetched", "error", err, "held", current != nil)
		return current
	}
	current = &fetchedKeys{set: set, fetchedAt: now}
	k.current.Store(current)
	return current
}
