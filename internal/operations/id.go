package operations

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"io"
	"strings"

	"github.com/voxwarden/voxwarden/internal/directory"
)

// idLength is the length of an operation id in characters: 128 random bits in base 32.
const idLength = 26

// NewID returns a new operation id, for a form.
func (s *Service) NewID() string {
	random := make([]byte, 16)
	if _, err := io.ReadFull(s.Rand, random); err != nil {
		// The system's source of randomness does not fail; a program without one must not continue.
		panic(fmt.Sprintf("reading random bytes: %v", err))
	}
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(random))
}

// validID reports whether a string has the form of an operation id.
func validID(id string) bool {
	return len(id) == idLength && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz234567") == ""
}

// newTag returns the tag of what an operation creates, "" when tags are off.
func (s *Service) newTag(id string) string {
	if s.NoTags {
		return ""
	}
	return tagOf(id)
}

// tagOf derives a tag from an operation id. It is short enough for a description, and its 50 bits are enough that no
// other text ends in it by chance.
func tagOf(id string) string {
	sum := sha256.Sum256([]byte("voxwarden mark " + id))
	return base32.StdEncoding.EncodeToString(sum[:])[:directory.TagLength]
}
