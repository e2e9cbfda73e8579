package operations

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"io"
	"strings"

	"github.com/voxwarden/voxwarden/internal/directory"
)

// idLength is how many characters an operation id has: 128 random bits in base 32.
const idLength = 26

// NewID makes an operation id, to be drawn into a form.
func (s *Service) NewID() string {
	random := make([]byte, 16)
	if _, err := io.ReadFull(s.Rand, random); err != nil {
		// The system's source of randomness does not fail; a program without one must not go on.
		panic(fmt.Sprintf("reading random bytes: %v", err))
	}
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(random))
}

// validID says whether a string can be an operation id.
func validID(id string) bool {
	return len(id) == idLength && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz234567") == ""
}

// tagOf derives the mark of what an operation creates. It is short enough for a description and long enough
// (50 bits) that nobody else's text ends in it by chance.
func tagOf(id string) string {
	sum := sha256.Sum256([]byte("voxwarden mark " + id))
	return base32.StdEncoding.EncodeToString(sum[:])[:directory.TagLength]
}
