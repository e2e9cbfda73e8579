package identity_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"sync"
	"testing"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"
)

// proxySigner signs assertions.
type proxySigner struct {
	kid    string
	method jwt.SigningMethod
	key    crypto.Signer
}

func ecSigner(t testing.TB, kid string) proxySigner {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return proxySigner{kid: kid, method: jwt.SigningMethodES256, key: key}
}

// sharedRSAKey is generated once, because that takes long.
var sharedRSAKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func rsaSigner(t testing.TB, kid string) proxySigner {
	t.Helper()
	key, err := sharedRSAKey()
	if err != nil {
		t.Fatal(err)
	}
	return proxySigner{kid: kid, method: jwt.SigningMethodRS256, key: key}
}

// sign returns an assertion. head is added to its JOSE header.
func (s proxySigner) sign(t testing.TB, claims jwt.MapClaims, head map[string]any) string {
	t.Helper()
	token := jwt.NewWithClaims(s.method, claims)
	token.Header["kid"] = s.kid
	maps.Copy(token.Header, head)
	signed, err := token.SignedString(s.key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// signPadded returns an assertion like those of AWS load balancers: each part has padding, which is signed too.
func (s proxySigner) signPadded(t testing.TB, claims jwt.MapClaims, head map[string]any) string {
	t.Helper()
	first := map[string]any{"alg": s.method.Alg(), "kid": s.kid, "typ": "JWT"}
	maps.Copy(first, head)
	text := padded(t, first) + "." + padded(t, claims)
	signature, err := s.method.Sign(text, s.key)
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.URLEncoding.EncodeToString(signature)
}

// padded encodes a value as base64 with padding. It adds spaces until the length requires padding.
func padded(t testing.TB, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	for len(data)%3 == 0 {
		data = append(data, ' ')
	}
	return base64.URLEncoding.EncodeToString(data)
}

// keySetOf returns a key set with the public keys of signers.
func keySetOf(t testing.TB, signers ...proxySigner) []byte {
	t.Helper()
	var set jose.JSONWebKeySet
	for _, s := range signers {
		set.Keys = append(set.Keys, s.jwk(s.key.Public()))
	}
	return encodeKeySet(t, set)
}

// privateKeySetOf returns a key set with the private key of a signer.
func privateKeySetOf(t testing.TB, s proxySigner) []byte {
	t.Helper()
	return encodeKeySet(t, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{s.jwk(s.key)}})
}

func (s proxySigner) jwk(key any) jose.JSONWebKey {
	return jose.JSONWebKey{Key: key, KeyID: s.kid, Algorithm: s.method.Alg(), Use: "sig"}
}

func encodeKeySet(t testing.TB, set jose.JSONWebKeySet) []byte {
	t.Helper()
	data, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// pemOf returns the public key of a signer as PEM.
func pemOf(t testing.TB, s proxySigner) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(s.key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}
