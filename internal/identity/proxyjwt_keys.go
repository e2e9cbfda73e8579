package identity

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"
)

// minRSABits is the length of the shortest accepted RSA key (NIST SP 800-131A).
const minRSABits = 2048

// keySet is a JSON Web Key Set: public keys by key id.
type keySet map[string]jose.JSONWebKey

// readKeySet reads a JSON Web Key Set (RFC 7517). It skips keys that cannot verify an assertion: unknown types,
// symmetric keys and short RSA keys. Of a private key it uses the public part. A set without a usable key is an error.
func readKeySet(data []byte) (keySet, error) {
	var raw struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, fmt.Errorf("parsing the key set: %w", err)
	}
	set := keySet{}
	for _, item := range raw.Keys {
		var key jose.JSONWebKey
		if err := json.Unmarshal(item, &key); err != nil {
			continue
		}
		if key = key.Public(); usableKey(key.Key) {
			set[key.KeyID] = key
		}
	}
	if len(set) == 0 {
		return nil, errors.New("the key set has no usable public key")
	}
	return set, nil
}

func usableKey(key any) bool {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return key.N.BitLen() >= minRSABits
	case *ecdsa.PublicKey, ed25519.PublicKey:
		return true
	}
	return false
}

// find returns the key that an assertion names. unknown reports that the set has no key with this id; a newer set may
// have it. An assertion without a key id is refused: trying all keys would be guessing.
func (s keySet) find(token *jwt.Token) (key any, unknown bool, err error) {
	id, ok := token.Header["kid"].(string)
	if !ok || id == "" {
		return nil, false, &Refused{Reason: "the assertion names no key"}
	}
	found, ok := s[id]
	switch {
	case !ok:
		return nil, true, &Refused{Reason: "the assertion names a key that is not in the key set"}
	case found.Use != "" && found.Use != "sig", found.Algorithm != "" && found.Algorithm != token.Method.Alg():
		return nil, false, &Refused{Reason: "the assertion names a key that is not for signing, or not for its algorithm"}
	}
	return found.Key, false, nil
}
