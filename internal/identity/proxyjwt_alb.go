package identity

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/time/rate"
)

const (
	albKeyMaxAge        = time.Hour        // an older key is fetched again
	albMissingKeyMaxAge = 5 * time.Minute  // for this time a key id without a key is not fetched again
	albFetchInterval    = 10 * time.Second // between two fetches, after the first albFetchBurst
	albFetchBurst       = 5
	albMaxCachedKeys    = 256 // a region has a handful of keys at a time
)

// albKeyID is the format of AWS's key ids. The id in an assertion becomes part of an address, so nothing else is
// accepted: no dots, slashes or escapes.
var albKeyID = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// albKeys are the keys of the AWS load balancers of a region. Each is published as PEM at its own address.
type albKeys struct {
	base    string // address of a key without its id
	fetcher keyFetcher
	now     func() time.Time
	logger  *slog.Logger
	limit   *rate.Limiter

	mu    sync.Mutex // guards cache
	cache map[string]albKey

	fetchMu sync.Mutex // held during a fetch, so that many requests for one key cause one fetch
}

// albKey is the result of a fetch. key is nil when the server has no key with this id.
type albKey struct {
	key       *ecdsa.PublicKey
	fetchedAt time.Time
}

func newALBKeys(base string, o ProxyJWTOptions) *albKeys {
	return &albKeys{
		base:    base,
		fetcher: newKeyFetcher(o),
		now:     o.Now,
		logger:  o.Logger,
		limit:   rate.NewLimiter(rate.Every(albFetchInterval), albFetchBurst),
		cache:   map[string]albKey{},
	}
}

// key returns the key that an assertion names. It fetches the key if it is unknown or too old.
func (k *albKeys) key(ctx context.Context, token *jwt.Token) (any, error) {
	id, _ := token.Header["kid"].(string)
	if !albKeyID.MatchString(id) {
		return nil, &Refused{Reason: "the assertion names a key id that is not in AWS's format"}
	}
	known, ok := k.cached(id)
	if !ok || !k.fresh(known) {
		k.fetchMu.Lock()
		defer k.fetchMu.Unlock()
		var err error
		if known, err = k.refresh(ctx, id); err != nil {
			return nil, err
		}
	}
	if known.key == nil {
		return nil, &Refused{Reason: "the assertion names a key that the region's key server does not have"}
	}
	return known.key, nil
}

// refresh fetches a key, unless another request just did. If the key server cannot be reached, a known key stays in use
// until keySetMaxStale. The caller holds fetchMu.
func (k *albKeys) refresh(ctx context.Context, id string) (albKey, error) {
	known, ok := k.cached(id)
	if ok && k.fresh(known) {
		return known, nil
	}
	now := k.now()
	err := errors.New("too many unknown key ids")
	if k.limit.AllowN(now, 1) {
		var key *ecdsa.PublicKey
		if key, err = k.fetch(ctx, id); err == nil {
			return k.store(id, albKey{key: key, fetchedAt: now}), nil
		}
		k.logger.WarnContext(ctx, "fetching a key of the load balancer failed", "error", err)
	}
	if ok && known.key != nil && now.Sub(known.fetchedAt) < keySetMaxStale {
		return known, nil
	}
	return albKey{}, fmt.Errorf("%w: no key to verify the assertion: %w", ErrUnavailable, err)
}

// fetch returns a key, or nil when the server has none with this id: S3 sends 403 instead of 404.
func (k *albKeys) fetch(ctx context.Context, id string) (*ecdsa.PublicKey, error) {
	body, status, err := k.fetcher.get(ctx, k.base+id)
	switch {
	case status == http.StatusNotFound || status == http.StatusForbidden:
		return nil, nil
	case err != nil:
		return nil, err
	}
	block, _ := pem.Decode(body)
	if block == nil {
		return nil, errors.New("the key is not PEM")
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("parsing the key: %w", err)
	}
	key, ok := parsed.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("the key is not an ES256 key")
	}
	return key, nil
}

func (k *albKeys) fresh(known albKey) bool {
	if known.key == nil {
		return k.now().Sub(known.fetchedAt) < albMissingKeyMaxAge
	}
	return k.now().Sub(known.fetchedAt) < albKeyMaxAge
}

func (k *albKeys) cached(id string) (albKey, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	known, ok := k.cache[id]
	return known, ok
}

// store adds a result to the cache, after removing those that are too old. If too many are left, they are for made-up
// key ids, and the cache is cleared: fetching the real keys again is cheap.
func (k *albKeys) store(id string, result albKey) albKey {
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
	k.cache[id] = result
	return result
}
