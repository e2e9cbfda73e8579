package identity

import (
	"context"
	"encoding/json"
	"errors"

	jose "github.com/go-jose/go-jose/v4"
)

// watchedKeys verifies the signature of one ID token with the provider's keys, and records how far the library came:
// its errors distinguish a forged token and an unavailable provider only by their text.
type watchedKeys struct {
	keys       *remoteKeys
	algorithms []string
	asked      bool   // the token is well-formed, and its algorithm is accepted
	fetchErr   error  // fetching the keys failed; wraps ErrUnavailable
	verified   []byte // the claims, after the signature was verified
}

// errWrongSignature means that no key of the provider verifies the signature.
var errWrongSignature = errors.New("no key of the provider verifies the signature")

// VerifySignature implements oidc.KeySet. If no known key verifies the signature, it fetches the keys again: a provider
// may have replaced one under the same name. A token without a key id is verified with all keys (OpenID Connect Core
// 1.0, section 10.1).
func (k *watchedKeys) VerifySignature(ctx context.Context, raw string) ([]byte, error) {
	k.asked = true
	var algorithms []jose.SignatureAlgorithm
	for _, algorithm := range k.algorithms {
		algorithms = append(algorithms, jose.SignatureAlgorithm(algorithm))
	}
	token, err := jose.ParseSigned(raw, algorithms)
	if err != nil || len(token.Signatures) != 1 {
		return nil, errWrongSignature // the library has refused such a token before
	}
	current, err := k.await(ctx, func() (*fetchedKeys, error) { return k.keys.known(ctx) })
	if err != nil {
		return nil, err
	}
	if k.verify(token, current.set) {
		return withoutDistributedClaims(k.verified)
	}
	newer, err := k.await(ctx, func() (*fetchedKeys, error) { return k.keys.newer(ctx, current) })
	switch {
	case newer != nil && newer != current && k.verify(token, newer.set):
		return withoutDistributedClaims(k.verified)
	case err != nil:
		return nil, err
	default:
		return nil, errWrongSignature
	}
}

// verify sets the claims of a token if one of the keys verifies its signature.
func (k *watchedKeys) verify(token *jose.JSONWebSignature, set keySet) bool {
	header := token.Signatures[0].Header
	for _, key := range set.suitable(header.KeyID, header.Algorithm) {
		if payload, err := token.Verify(key.Key); err == nil {
			k.verified = payload
			return true
		}
	}
	return false
}

// await returns the keys, or an error at the end of ctx: a fetch goes on for other requests. It records the error.
func (k *watchedKeys) await(ctx context.Context, get func() (*fetchedKeys, error)) (*fetchedKeys, error) {
	type result struct {
		keys *fetchedKeys
		err  error
	}
	done := make(chan result, 1)
	go func() {
		keys, err := get()
		done <- result{keys, err}
	}()
	select {
	case <-ctx.Done():
		k.fetchErr = unavailable("the provider's keys", ctx.Err())
		return nil, k.fetchErr
	case got := <-done:
		k.fetchErr = got.err
		return got.keys, got.err
	}
}

// withoutDistributedClaims removes the references to claims at other sources from a token's payload. The library
// refuses a token in which they are incomplete, and Entra ID sends _claim_names without _claim_sources.
func withoutDistributedClaims(payload []byte) ([]byte, error) {
	var claims map[string]json.RawMessage
	if err := json.Unmarshal(payload, &claims); err != nil {
		return nil, errors.New("the claims are malformed")
	}
	delete(claims, "_claim_names")
	delete(claims, "_claim_sources")
	return json.Marshal(claims)
}
