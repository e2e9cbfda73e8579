package identity

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/time/rate"
)

const (
	albKeyMaxAge        = time.Hour        // after that a key is asked for anew
	albMissingKeyMaxAge = 5 * time.Minute  // for so long a name without a key is not asked for again
	albFetchInterval    = 10 * time.Second // between questions to the key server, after the first albAskAtOnce
	albFetchBurst       = 5
	albMaxCachedKeys    = 256 // names; a region has a handful of keys at a time
)

// albKeys are the keys of the load balancers of a region, each at an address of its own, as PEM.
type albKeys struct {
	base    string // to which a key's name is added
	fetcher keyFetcher
	now     func() time.Time
	logger  *slog.Logger
	limit   *rate.Limiter

	mu    sync.Mutex // guards named
	cache map[string]albKey

	fetchMu sync.Mutex // held during a question, so that many requests with one name ask once
}

// albKey is the answer to a question: a key, or nil when there is none of that name.
type albKey struct {
	key       *ecdsa.PublicKey
	fetchedAt time.Time
}

func newALBKeys(o ProxyJWTOptions) (assertionKeys, error) {
	return &albKeys{
		base: albKeyServer(o.Region), fetcher: newKeyFetcher(o), now: o.Now, logger: o.Logger,
		limit: rate.NewLimiter(rate.Every(albFetchInterval), albFetchBurst), cache: map[string]albKey{},
	}, nil
}

// key finds the key that an assertion names, asking for it when it is not known or was learned long ago.
func (k *albKeys) key(ctx context.Context, token *jwt.Token) (any, error) {
	name, _ := token.Header["kid"].(string)
	if !albKeyName.MatchString(name) {
		return nil, &Refused{Reason: "the assertion names its key in a way that AWS does not"}
	}
	known, ok := k.cached(name)
	if !ok || !k.fresh(known) {
		k.fetchMu.Lock()
		defer k.fetchMu.Unlock()
		var err error
		if known, err = k.refresh(ctx, name); err != nil {
			return nil, err
		}
	}
	if known.key == nil {
		return nil, &Refused{Reason: "the assertion names a key that the region's key server does not have"}
	}
	return known.key, nil
}

// refresh asks for a key, unless somebody else just did. Within a day, a key that is known outlives a key server that
// cannot be asked. The caller holds asking.
func (k *albKeys) refresh(ctx context.Context, name string) (albKey, error) {
	known, ok := k.cached(name)
	if ok && k.fresh(known) {
		return known, nil
	}
	now := k.now()
	err := errors.New("too many keys were asked for")
	if k.limit.AllowN(now, 1) {
		var key *ecdsa.PublicKey
		if key, err = k.fetch(ctx, name); err == nil {
			return k.store(name, albKey{key: key, fetchedAt: now}), nil
		}
		k.logger.WarnContext(ctx, "a key of the load balancer could not be fetched", "error", err)
	}
	if ok && known.key != nil && now.Sub(known.fetchedAt) < keySetMaxStale {
		return known, nil
	}
	return albKey{}, fmt.Errorf("%w: no key to prove an assertion with: %w", ErrUnavailable, err)
}

func (k *albKeys) fresh(known albKey) bool {
	if known.key == nil {
		return k.now().Sub(known.fetchedAt) < albMissingKeyMaxAge
	}
	return k.now().Sub(known.fetchedAt) < albKeyMaxAge
}

func (k *albKeys) cached(name string) (albKey, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	known, ok := k.cache[name]
	return known, ok
}

// store keeps an answer, and first forgets those that count no more. When that leaves too many, made-up names are
// being asked for, and all of them go: the real one costs a question.
func (k *albKeys) store(name string, answer albKey) albKey {
	k.mu.Lock()
	defer k.mu.Unlock()
	for other, known := range k.cache {
		if known.key == nil && !k.fresh(known) || k.now().Sub(known.fetchedAt) >= keySetMaxStale {
			delete(k.cache, other)
		}
	}
	if len(k.cache) >= albMaxCachedKeys {
		clear(k.cache)
	}
	k.cache[name] = answer
	return answer
}
