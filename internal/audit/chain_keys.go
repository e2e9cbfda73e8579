package audit

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/voxwarden/voxwarden/internal/config"
)

// keyLabel separates the keys of the chain from keys that are derived from the same text for another purpose.
const keyLabel = "voxwarden record chain"

// keyIDLength is the length of a key's id.
const keyIDLength = 8

// sealKey is one key of the chain.
type sealKey struct {
	id     string // the first 8 hexadecimal digits of the SHA-256 of secret
	secret []byte
	age    int // its place in the configuration: 0 for the newest
}

// keyring holds the keys of the chain, newest first. The first one seals, all of them verify.
type keyring []sealKey

// newKeyring derives a key from each configured one. Without any it uses a random key until the process ends.
func newKeyring(keys []config.Secret) (keyring, error) {
	if len(keys) == 0 {
		keys = []config.Secret{config.NewSecret(rand.Text() + rand.Text())}
	}
	var ring keyring
	for _, key := range keys {
		secret, err := hkdf.Key(sha256.New, []byte(key.Reveal()), nil, keyLabel, sha256.Size)
		if err != nil {
			return nil, fmt.Errorf("deriving an audit key: %w", err)
		}
		sum := sha256.Sum256(secret)
		ring = append(ring, sealKey{id: hex.EncodeToString(sum[:])[:keyIDLength], secret: secret, age: len(ring)})
	}
	return ring, nil
}

// find returns the key with an id.
func (ring keyring) find(id string) (sealKey, bool) {
	for _, key := range ring {
		if key.id == id {
			return key, true
		}
	}
	return sealKey{}, false
}
