package identity

import (
	"context"
	"errors"
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

// remoteKeys is a key set at an address. It is fetched for the first token, when the cached set is too old, and, at
// most once in the retry delay, when a token names a key that is not in the set. So a new key is accepted within a
// minute, and any number of made-up key ids causes one fetch a minute.
type remoteKeys struct {
	load        func(ctx context.Context) ([]byte, error)
	now         func() time.Time
	logger      *slog.Logger
	retryDelay  time.Duration // between two fetches, if the first succeeded
	failedDelay time.Duration // after a failed fetch
	current     atomic.Pointer[fetchedKeys]

	fetchMu sync.Mutex // guards the fields below; held during a fetch
	tried   time.Time
	lastErr error // of the last fetch
}

// newRemoteKeys returns the key set at an address. It does not use the network.
func newRemoteKeys(
	fetcher keyFetcher,
	address string,
	retryDelay, failedDelay time.Duration,
	now func() time.Time,
	logger *slog.Logger,
) *remoteKeys {
	load := func(ctx context.Context) ([]byte, error) {
		body, _, err := fetcher.get(ctx, address)
		return body, err
	}
	return &remoteKeys{load: load, now: now, logger: logger, retryDelay: retryDelay, failedDelay: failedDelay}
}

type fetchedKeys struct {
	set       keySet
	fetchedAt time.Time
}

// key returns the keys that an assertion names.
func (k *remoteKeys) key(ctx context.Context, token *jwt.Token) (any, error) {
	current, err := k.known(ctx)
	if err != nil {
		return nil, err
	}
	found, unknown, err := current.set.find(token)
	if !unknown {
		return found, err
	}
	current, fetchErr := k.newer(ctx, current)
	found, unknown, err = current.set.find(token)
	if unknown && fetchErr != nil {
		return nil, fetchErr
	}
	return found, err
}

// known returns the cached set. A request never waits for a fetch, except the first one and the one that finds the set
// too old. The error wraps ErrUnavailable if there is no set.
func (k *remoteKeys) known(ctx context.Context) (*fetchedKeys, error) {
	current := k.current.Load()
	switch {
	case current == nil || k.now().Sub(current.fetchedAt) >= keySetMaxStale:
		k.fetchMu.Lock()
		current = k.refresh(ctx, current)
		fetchErr := k.lastErr
		k.fetchMu.Unlock()
		if current == nil || k.now().Sub(current.fetchedAt) >= keySetMaxStale {
			return nil, keysError(fetchErr)
		}
	case k.now().Sub(current.fetchedAt) >= keySetMaxAge && k.fetchMu.TryLock():
		current = k.refresh(ctx, current)
		k.fetchMu.Unlock()
	}
	return current, nil
}

// newer returns a set that was fetched after current was read, or current itself if the last fetch is too recent. If
// the last fetch failed, it also returns an error that wraps ErrUnavailable.
func (k *remoteKeys) newer(ctx context.Context, current *fetchedKeys) (*fetchedKeys, error) {
	k.fetchMu.Lock()
	defer k.fetchMu.Unlock()
	current = k.refresh(ctx, current)
	if k.lastErr != nil {
		return current, keysError(k.lastErr)
	}
	return current, nil
}

// keysError returns the error for a set that cannot be fetched or used.
func keysError(cause error) error {
	if _, unusable := errors.AsType[*NoUsableKeyError](cause); unusable {
		return cause
	}
	return unavailable("the keys for verifying sign-ins", cause)
}

// refresh fetches the set, unless another request has done so since known was read, or the last fetch is too recent. It
// returns the newest set, or nil if there never was one. The caller holds fetchMu.
func (k *remoteKeys) refresh(ctx context.Context, known *fetchedKeys) *fetchedKeys {
	current, now := k.current.Load(), k.now()
	delay := k.retryDelay
	if k.lastErr != nil {
		delay = k.failedDelay
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
		k.logger.WarnContext(ctx, "fetching the keys for verifying sign-ins failed", "error", err, "cached", current != nil)
		return current
	}
	current = &fetchedKeys{set: set, fetchedAt: now}
	k.current.Store(current)
	return current
}
