package session

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"fmt"

	"github.com/gorilla/securecookie"

	"github.com/voxwarden/voxwarden/internal/config"
)

// newCodecs makes a codec for each configured key, which seals values with AES-256 and HMAC-SHA-256. The first
// one seals, all of them open. Both keys of a codec are derived from the configured one, so that a person has to
// make only one random text.
func newCodecs(keys []config.Secret) ([]securecookie.Codec, error) {
	if len(keys) == 0 {
		keys = []config.Secret{config.NewSecret(rand.Text() + rand.Text())}
	}
	var codecs []securecookie.Codec
	for _, key := range keys {
		authentication, err := hkdf.Key(sha256.New, []byte(key.Reveal()), nil, "voxwarden session authentication", 32)
		if err != nil {
			return nil, fmt.Errorf("deriving a session key: %w", err)
		}
		encryption, err := hkdf.Key(sha256.New, []byte(key.Reveal()), nil, "voxwarden session encryption", 32)
		if err != nil {
			return nil, fmt.Errorf("deriving a session key: %w", err)
		}
		// Neither age nor length is the codec's business: the table knows how old a session is, and holds it
		// whatever its length.
		codecs = append(codecs, securecookie.New(authentication, encryption).MaxAge(0).MaxLength(0))
	}
	return codecs, nil
}
