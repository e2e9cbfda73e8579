package audit

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/voxwarden/voxwarden/internal/config"
)

// keyLabel keeps what is derived for the record apart from what other parts might derive from the same text.
const keyLabel = "voxwarden record chain"

// keyIDLength is how many characters of a derived key's hash name it.
const keyIDLength = 8

// sealKey is one key of the chain.
type sealKey struct {
	id     string // the first 8 characters, in hex, of the SHA-256 of secret
	secret []byte
}

// keyring are the keys of the chain, newest first. The first one seals, all of them verify.
type keyring []sealKey

// newKeyring derives a key from each configured one. Without any it makes one that is gone with the process.
func newKeyring(keys []config.Secret) (keyring, error) {
	if len(keys) == 0 {
		keys = []config.Secret{config.NewSecret(rand.Text() + rand.Text())}
	}
	var ring keyring
	for _, key := range keys {
		secret, err := hkdf.Key(sha256.New, []byte(key.Reveal()), nil, keyLabel, sha256.Size)
		if err != nil {
			return nil, fmt.Errorf("deriving a key of the record: %w", err)
		}
		sum := sha256.Sum256(secret)
		ring = append(ring, sealKey{id: hex.EncodeToString(sum[:])[:keyIDLength], secret: secret})
	}
	return ring, nil
}

// addFinding answers the key of an id.
func (ring keyring) find(id string) (sealKey, bool) {
	for _, key := range ring {
		if key.id == id {
			return key, true
		}
	}
	return sealKey{}, false
}
