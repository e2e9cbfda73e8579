package operations

import (
	"crypto/rand"
	"fmt"
	"io"
	"math/big"
	"strings"
	"unicode/utf8"

	"github.com/voxwarden/voxwarden/internal/config"
)

// The vendor's password rule: at least eight characters, with an upper-case and a lower-case letter, a digit and a
// special character; no spaces.
const (
	passwordMin     = 8
	generatedLength = 20
	// Generated passwords contain no characters that are easily confused: I, l, 1, O, 0.
	upperLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
	lowerLetters = "abcdefghijkmnopqrstuvwxyz"
	digits       = "23456789"
	specials     = "!#$%*+-=?@_"
)

// NewPassword returns a random password that meets the vendor's rule.
func (s *Service) NewPassword() (config.Secret, error) {
	text, err := newPassword(s.Rand)
	return config.NewSecret(text), err
}

// passwordFor returns the typed password, or a generated one when none was typed.
func (s *Service) passwordFor(typed config.Secret) (password config.Secret, generated bool, err error) {
	if !typed.Empty() {
		return typed, false, nil
	}
	password, err = s.NewPassword()
	return password, true, err
}

// newPassword returns a password that meets the rule: one character of each class, the rest of any, in a random order.
// It begins with a letter, so that no spreadsheet takes it for a formula.
func newPassword(random io.Reader) (string, error) {
	classes := []string{upperLetters, lowerLetters, digits, specials}
	all := strings.Join(classes, "")
	letters := make([]byte, 0, generatedLength)
	for i := range generatedLength {
		from := all
		if i < len(classes) {
			from = classes[i]
		}
		n, err := rand.Int(random, big.NewInt(int64(len(from))))
		if err != nil {
			return "", fmt.Errorf("generating a password: %w", err)
		}
		letters = append(letters, from[n.Int64()])
	}
	for i := len(letters) - 1; i > 1; i-- { // the first keeps its place
		n, err := rand.Int(random, big.NewInt(int64(i)))
		if err != nil {
			return "", fmt.Errorf("generating a password: %w", err)
		}
		j := 1 + n.Int64()
		letters[i], letters[j] = letters[j], letters[i]
	}
	return string(letters), nil
}

// passwordProblem returns how a typed password breaks the vendor's rule, "" when it does not.
func passwordProblem(password string) string {
	var missing []string
	need := func(ok bool, what string) {
		if !ok {
			missing = append(missing, what)
		}
	}
	need(utf8.RuneCountInString(password) >= passwordMin, "at least 8 characters")
	need(
		strings.ContainsFunc(password, func(r rune) bool { return r >= 'A' && r <= 'Z' }),
		"an upper-case letter (A to Z)",
	)
	need(strings.ContainsFunc(password, func(r rune) bool { return r >= 'a' && r <= 'z' }), "a lower-case letter (a to z)")
	need(strings.ContainsFunc(password, func(r rune) bool { return r >= '0' && r <= '9' }), "a digit")
	need(strings.ContainsFunc(password, isSpecial), "a special character such as ! # % or ?")
	if strings.ContainsAny(password, " \t\r\n") {
		return "The password must not contain spaces."
	}
	if len(missing) == 0 {
		return ""
	}
	return "The password still needs " + join(missing) + "."
}

// isSpecial reports whether a character is neither letter, digit nor space.
func isSpecial(r rune) bool {
	letter := r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
	return !letter && r > ' ' && r < 0x7f
}

// join returns "a, b and c".
func join(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
