package identity_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"maps"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/voxwarden/voxwarden/internal/identity"

	idptest "github.com/voxwarden/voxwarden/internal/testkit/idp"
)

// changedKey returns a key with changes; nil removes a member.
func changedKey(key, changes idptest.Claims) idptest.Claims {
	changed := maps.Clone(key)
	maps.Copy(changed, changes)
	maps.DeleteFunc(changed, func(_ string, v any) bool { return v == nil })
	return changed
}

// secp256k1 returns a key on a curve that the console does not support.
func secp256k1() idptest.Claims {
	number := base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("x", 32)))
	return idptest.Claims{"kty": "EC", "crv": "secp256k1", "kid": "key-2", "use": "sig", "x": number, "y": number}
}

// TestOIDCKeySets signs in with sets that hold the provider's key among others that cannot be read (RFC 7517, section
// 5), and under other names.
func TestOIDCKeySets(t *testing.T) {
	t.Parallel()
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	otherKey := func(valid idptest.Claims) idptest.Claims {
		return changedKey(valid, idptest.Claims{"n": base64.RawURLEncoding.EncodeToString(other.N.Bytes())})
	}
	const signed, refused = true, false
	for name, c := range map[string]struct {
		set    func(valid idptest.Claims) any
		tokens bool // tokens name no key
		want   bool
	}{
		"a curve without support": {
			func(k idptest.Claims) any { return []any{secp256k1(), k} }, false, signed,
		},
		"what is no key": {
			func(k idptest.Claims) any { return []any{7, "x", nil, []any{}, idptest.Claims{}, k} }, false, signed,
		},
		"an unknown type, a secret and an odd name": {
			func(k idptest.Claims) any {
				return []any{
					idptest.Claims{"kty": "??"},
					idptest.Claims{"kty": "oct", "kid": "key-1", "k": "c2VjcmV0"},
					changedKey(k, idptest.Claims{"kid": 7}),
					changedKey(k, idptest.Claims{"n": "!"}),
					changedKey(k, idptest.Claims{"alg": []string{"RS256"}}),
					k,
				}
			}, false, signed,
		},
		"a certificate of empty text": {
			func(k idptest.Claims) any { return []any{changedKey(k, idptest.Claims{"x5c": []string{""}})} }, false, signed,
		},
		"certificates in odd forms": {
			func(k idptest.Claims) any {
				return []any{changedKey(k, idptest.Claims{"x5c": "x", "x5t": 7, "x5u": []any{}, "key_ops": "verify"})}
			}, false, signed,
		},
		"another key of the same name first": {
			func(k idptest.Claims) any { return []any{otherKey(k), k} }, false, signed,
		},
		"another key of the same name last": {
			func(k idptest.Claims) any { return []any{k, otherKey(k)} }, false, signed,
		},
		"an encryption key of the same name": {
			func(k idptest.Claims) any { return []any{changedKey(otherKey(k), idptest.Claims{"use": "enc"}), k} },
			false,
			signed,
		},
		"no names": {
			func(k idptest.Claims) any {
				return []any{changedKey(otherKey(k), idptest.Claims{"kid": nil}), changedKey(k, idptest.Claims{"kid": nil})}
			}, true, signed,
		},
		"tokens without a name": {
			func(k idptest.Claims) any { return []any{changedKey(otherKey(k), idptest.Claims{"kid": "key-2"}), k} },
			true,
			signed,
		},
		"without use and algorithm": {
			func(k idptest.Claims) any { return []any{changedKey(k, idptest.Claims{"use": nil, "alg": nil})} }, false, signed,
		},
		"for encryption": {
			func(k idptest.Claims) any { return []any{changedKey(k, idptest.Claims{"use": "enc"})} }, false, refused,
		},
		"for another algorithm": {
			func(k idptest.Claims) any { return []any{changedKey(k, idptest.Claims{"alg": "PS256"})} }, false, refused,
		},
		"another key alone": {func(k idptest.Claims) any { return []any{otherKey(k)} }, false, refused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f := withForger(t)
			f.KeySet = c.set
			if c.tokens {
				f.IDToken = func(valid idptest.Claims) string { return f.SignWithoutName(valid) }
			}
			s.get("/sign-in")
			if got := s.currentOperator().Authenticated(); got != c.want || s.sessions.count() > 1 {
				t.Errorf("signed in: %t, want %t; %v", got, c.want, s.lastError())
			}
		})
	}
}

// TestOIDCNoUsableKey calls a set without a usable key what it is. The log does not quote the set.
func TestOIDCNoUsableKey(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(valid idptest.Claims) any{
		"no keys":                 func(idptest.Claims) any { return []any{} },
		"null":                    func(idptest.Claims) any { return nil },
		"a curve without support": func(idptest.Claims) any { return []any{secp256k1()} },
		"a secret": func(idptest.Claims) any {
			return []any{idptest.Claims{"kty": "oct", "kid": "key-1", "k": "c2VjcmV0"}}
		},
		"a short key": func(k idptest.Claims) any {
			n := base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("x", 128)))
			return []any{changedKey(k, idptest.Claims{"n": n})}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f := withForger(t)
			f.KeySet = set
			s.get("/sign-in")
			err := s.lastError()
			if _, ok := errors.AsType[*identity.NoUsableKeyError](err); !ok || !errors.Is(err, identity.ErrUnavailable) {
				t.Fatalf("got %v", err)
			}
			if text := err.Error() + s.log.String(); strings.Contains(text, "kty") || strings.Contains(text, "reached") ||
				strings.Count(text, "no usable public key") != 2 {
				t.Errorf("the error and the log say %s", text)
			}
		})
	}
}

// TestOIDCKeyReplaced signs in after the provider replaced its key under the same name, and with a new name: the set is
// fetched again at once.
func TestOIDCKeyReplaced(t *testing.T) {
	t.Parallel()
	newer, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"key-1", "key-2"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f := withForger(t)
			var replaced atomic.Bool
			f.KeySet = func(valid idptest.Claims) any {
				if !replaced.Load() {
					return []any{valid}
				}
				n := base64.RawURLEncoding.EncodeToString(newer.N.Bytes())
				return []any{changedKey(valid, idptest.Claims{"n": n, "kid": name})}
			}
			f.IDToken = func(valid idptest.Claims) string {
				if !replaced.Load() {
					return f.Sign(valid)
				}
				return f.SignWith(jwt.SigningMethodRS256, newer, name, valid)
			}
			for range 2 {
				if s.get("/sign-in"); s.lastError() != nil {
					t.Fatalf("replaced: %t, %v", replaced.Load(), s.lastError())
				}
				replaced.Store(true)
			}
			if f.Hits("/keys") != 2 {
				t.Errorf("the keys were fetched %d times", f.Hits("/keys"))
			}
		})
	}
}

// TestOIDCWithdrawnKey refuses a key that the provider withdrew, after a quarter of an hour.
func TestOIDCWithdrawnKey(t *testing.T) {
	t.Parallel()
	s, f := withForger(t)
	var withdrawn atomic.Bool
	f.KeySet = func(valid idptest.Claims) any {
		if withdrawn.Load() {
			return []any{changedKey(valid, idptest.Claims{"kid": "key-2"})}
		}
		return []any{valid}
	}
	if s.get("/sign-in"); s.lastError() != nil {
		t.Fatal(s.lastError())
	}
	withdrawn.Store(true)
	s.clock.forward(15 * time.Minute)
	s.get("/sign-in")
	s.wantRefused("its key is unknown")
}
