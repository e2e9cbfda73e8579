package identity

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

// minRSABits is the shortest RSA key that counts; NIST SP 800-131A allows no shorter ones.
const minRSABits = 2048

// newKeySet makes the keys of a set, from its address or from a file.
func newKeySet(o ProxyJWTOptions) (assertionKeys, error) {
	if o.KeysFile != "" {
		return newKeyFile(o.KeysFile, o.Logger)
	}
	fetcher := newKeyFetcher(o)
	return &remoteKeys{now: o.Now, logger: o.Logger, load: func(ctx context.Context) ([]byte, error) {
		body, _, err := fetcher.get(ctx, o.KeysURL)
		return body, err
	}}, nil
}

// readKeySet reads a JSON Web Key Set (RFC 7517). Keys that are of no use here are left out: unknown kinds, keys for
// encrypting, weak ones, secret ones. A set of which nothing is left is an error.
func readKeySet(data []byte) (keyfunc.Keyfunc, error) {
	var set jwkset.JWKSMarshal
	if err := json.Unmarshal(data, &set); err != nil {
		return nil, fmt.Errorf("the key set is not JSON: %w", err)
	}
	storage, kept := jwkset.NewMemoryStorage(), 0
	for _, marshalled := range set.Keys {
		key, err := jwkset.NewJWKFromMarshal(marshalled, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
		if err != nil {
			continue
		}
		if public, ok := key.Key().(*rsa.PublicKey); ok && public.N.BitLen() < minRSABits {
			continue
		}
		if err := storage.KeyWrite(context.Background(), key); err != nil {
			return nil, fmt.Errorf("keeping a key: %w", err)
		}
		kept++
	}
	if kept == 0 {
		return nil, errors.New("the key set holds no public key that can be used")
	}
	return keyfunc.New(keyfunc.Options{Storage: storage, UseWhitelist: []jwkset.USE{jwkset.UseSig, ""}})
}

// keyNamed finds the key that an assertion names in a set. unknown says that the set has none of that name, which a
// newer set may have. An assertion that names no key is refused: to try all keys would be to guess.
func keyNamed(ctx context.Context, set keyfunc.Keyfunc, token *jwt.Token) (key any, unknown bool, err error) {
	if name, ok := token.Header[jwkset.HeaderKID].(string); !ok || name == "" {
		return nil, false, &Refused{Reason: "the assertion names no key"}
	}
	key, err = set.KeyfuncCtx(ctx)(token)
	switch {
	case err == nil:
		return key, false, nil
	case errors.Is(err, jwkset.ErrKeyNotFound):
		return nil, true, &Refused{Reason: "the assertion names a key that is not in the key set"}
	default:
		return nil, false, &Refused{Reason: "the assertion names a key that is not for signing, or not for its algorithm"}
	}
}
