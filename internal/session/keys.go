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

// The encrypted columns.
const (
	dataColumn  = "data"
	flashColumn = "flash"
)

// newCodecs returns a codec for each configured key. A codec encrypts with AES-256 and authenticates with
// HMAC-SHA-256; both of its keys are derived from the configured one. The first codec encrypts, all of them decrypt.
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
		// The table has the age of a session, and no limit on its length.
		codec := securecookie.New(authentication, encryption).MaxAge(0).MaxLength(0).SetSerializer(serializer{})
		codecs = append(codecs, codec)
	}
	return codecs, nil
}

// encrypt encrypts a value for a column of a row. It can be decrypted in that place only, so values cannot be moved to
// the row of another operator.
func (s *Store) encrypt(hash, column string, value any) ([]byte, error) {
	encrypted, err := securecookie.EncodeMulti(hash+"."+column, value, s.codecs...)
	if err != nil {
		return nil, fmt.Errorf("encrypting a session: %w", err)
	}
	return []byte(encrypted), nil
}

// decrypt decrypts a column into value and reports whether one of the keys could.
func (s *Store) decrypt(hash, column string, encrypted []byte, value any) bool {
	return securecookie.DecodeMulti(hash+"."+column, string(encrypted), value, s.codecs...) == nil
}

// hashOf returns the hash under which the table stores a session.
func hashOf(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}

// random returns n random bytes.
func random(n int) []byte {
	secret := make([]byte, n)
	_, _ = rand.Read(secret) // it never fails
	return secret
}
