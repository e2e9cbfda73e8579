package identity

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"slices"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"
)

// minRSABits is the length of the shortest accepted RSA key (NIST SP 800-131A).
const minRSABits = 2048

// keySet is a JSON Web Key Set: public keys that verify signatures. Several keys may have the same id.
type keySet []jose.JSONWebKey

// readKeySet reads a JSON Web Key Set. It skips what cannot verify a signature (RFC 7517, section 5): unknown types and
// curves, symmetric keys, short RSA keys, and keys that cannot be read. Of a private key it uses the public part. The
// error is a *NoUsableKeyError if no key is left.
func readKeySet(data []byte) (keySet, error) {
	var raw struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\ufeff")), &raw); err != nil {
		return nil, fmt.Errorf("parsing the key set: %w", err)
	}
	var set keySet
	for _, item := range raw.Keys {
		if key, err := readKey(item); err == nil && usableKey(key.Key) {
			set = append(set, key)
		}
	}
	if len(set) == 0 {
		return nil, &NoUsableKeyError{}
	}
	return set, nil
}

// readKey reads a key from the members that are used. The others, such as certificates (x5c) in an unknown form, do not
// matter.
func readKey(item []byte) (jose.JSONWebKey, error) {
	var used struct {
		Type      json.RawMessage `json:"kty,omitempty"`
		ID        json.RawMessage `json:"kid,omitempty"`
		Use       json.RawMessage `json:"use,omitempty"`
		Algorithm json.RawMessage `json:"alg,omitempty"`
		N         json.RawMessage `json:"n,omitempty"`
		E         json.RawMessage `json:"e,omitempty"`
		Curve     json.RawMessage `json:"crv,omitempty"`
		X         json.RawMessage `json:"x,omitempty"`
		Y         json.RawMessage `json:"y,omitempty"`
	}
	var key jose.JSONWebKey
	if err := json.Unmarshal(item, &used); err != nil {
		return key, err
	}
	data, err := json.Marshal(used)
	if err != nil {
		return key, err
	}
	err = json.Unmarshal(data, &key)
	return key, err
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

// suitable returns the keys with an id that are for signatures with an algorithm; an empty id means any.
func (s keySet) suitable(id, algorithm string) keySet {
	var found keySet
	for _, key := range s {
		if (id == "" || key.KeyID == id) && (key.Use == "" || key.Use == "sig") &&
			(key.Algorithm == "" || key.Algorithm == algorithm) {
			found = append(found, key)
		}
	}
	return found
}

// find returns the keys that an assertion names. unknown reports that the set has no key with this id; a newer set may
// have it. An assertion without a key id is refused: trying all keys would be guessing.
func (s keySet) find(token *jwt.Token) (keys jwt.VerificationKeySet, unknown bool, err error) {
	id, ok := token.Header["kid"].(string)
	if !ok || id == "" {
		return keys, false, &Refused{Reason: "the assertion names no key"}
	}
	if !slices.ContainsFunc(s, func(key jose.JSONWebKey) bool { return key.KeyID == id }) {
		return keys, true, &Refused{Reason: "the assertion names a key that is not in the key set"}
	}
	for _, key := range s.suitable(id, token.Method.Alg()) {
		keys.Keys = append(keys.Keys, key.Key)
	}
	if len(keys.Keys) == 0 {
		return keys, false, &Refused{
			Reason: "the assertion names a key that is not for signing, or not for its algorithm",
		}
	}
	return keys, false, nil
}
