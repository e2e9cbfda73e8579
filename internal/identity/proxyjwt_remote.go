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
	keysFresh    = 15 * time.Minute // after that a set is fetched anew, so that retired keys go
	keysUsable   = 24 * time.Hour   // after that a set that could not be fetched anew counts no more
	unknownPause = time.Minute      // between a fetch and the next one for a key that is not in the set
	failurePause = 10 * time.Second // between a fetch that failed and the next one
)

// remoteKeys is a key set at an address. It is fetched when the first assertion comes, when it has grown old, and, but
// rarely, when an assertion names a key that is not in it: so a new key counts within a minute, and a flood of made-up
// names causes one fetch a minute.
type remoteKeys struct {
	load   func(ctx context.Context) ([]byte, error)
	now    func() time.Time
	logger *slog.Logger
	held   atomic.Pointer[heldKeys]

	fetching sync.Mutex // guards what follows; held while fetching
	tried    time.Time
	failed   error // of the last fetch
}

// heldKeys is a set as it was fetched.
type heldKeys struct {
	set keyfunc.Keyfunc
	at  time.Time
}

// key finds the key that an assertion names. Requests whose key is known never wait for a fetch, except the one that
// finds the set old.
func (k *remoteKeys) key(ctx context.Context, token *jwt.Token) (any, error) {
	held := k.held.Load()
	switch {
	case held == nil || k.now().Sub(held.at) >= keysUsable:
		k.fetching.Lock()
		held = k.refresh(ctx, held)
		failed := k.failed
		k.fetching.Unlock()
		if held == nil || k.now().Sub(held.at) >= keysUsable {
			return nil, fmt.Errorf("%w: no keys to prove an assertion with: %w", ErrAway, failed)
		}
	case k.now().Sub(held.at) >= keysFresh && k.fetching.TryLock():
		held = k.refresh(ctx, held)
		k.fetching.Unlock()
	}
	found, unknown, err := keyNamed(ctx, held.set, token)
	if !unknown {
		return found, err
	}
	k.fetching.Lock()
	held = k.refresh(ctx, held)
	failed := k.failed
	k.fetching.Unlock()
	found, unknown, err = keyNamed(ctx, held.set, token)
	if unknown && failed != nil {
		return nil, fmt.Errorf("%w: the key may be new: %w", ErrAway, failed)
	}
	return found, err
}

// refresh fetches the set, unless somebody else has since seen was read, or it is too soon. It answers the newest set
// there is, nil when there never was one. The caller holds the lock.
func (k *remoteKeys) refresh(ctx context.Context, seen *heldKeys) *heldKeys {
	held, now := k.held.Load(), k.now()
	pause := unknownPause
	if k.failed != nil {
		pause = failurePause
	}
	if held != seen || !k.tried.IsZero() && now.Sub(k.tried) < pause {
		return held
	}
	k.tried = now
	var set keyfunc.Keyfunc
	data, err := k.load(ctx)
	if err == nil {
		set, err = readKeySet(data)
	}
	if k.failed = err; err != nil {
		k.logger.WarnContext(ctx, "the keys of the sign-in proxy could not be fetched", "error", err, "held", held != nil)
		return held
	}
	held = &heldKeys{set: set, at: now}
	k.held.Store(held)
	return held
}
