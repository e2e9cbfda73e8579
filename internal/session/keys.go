package session

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/gorilla/securecookie"

	"github.com/voxwarden/voxwarden/internal/config"
)

// The columns whose content is sealed.
const (
	dataColumn  = "data"
	flashColumn = "flash"
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

// seal makes of a value what a column of a row may hold. It opens in that place only, so that whoever can write to
// the table cannot move one person's values to another's row.
func (s *Store) seal(hash, column string, value any) ([]byte, error) {
	sealed, err := securecookie.EncodeMulti(hash+"."+column, value, s.codecs...)
	if err != nil {
		return nil, fmt.Errorf("sealing a session: %w", err)
	}
	return []byte(sealed), nil
}

// open reads into value what seal made, and says whether one of the keys could.
func (s *Store) open(hash, column string, sealed []byte, value any) bool {
	return securecookie.DecodeMulti(hash+"."+column, string(sealed), value, s.codecs...) == nil
}

// hashOf is what the table knows a session by.
func hashOf(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}

// random answers n bytes that nobody can guess.
func random(n int) []byte {
	secret := make([]byte, n)
	_, _ = rand.Read(secret) // never fails: it ends the process instead
	return secret
}
