package voxsim

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// checkLogin returns the stored form of a login. Published are 5 to 20 characters, a letter first, Latin characters;
// the sentence is cut off there in every source. That digits and underscores are allowed after the first letter is
// inferred: the vendor's own example has an underscore.
func checkLogin(input string) (string, *Refusal) {
	if n := utf8.RuneCountInString(input); n < 5 || n > 20 {
		return "", refuse(codeLoginLength)
	}
	login := strings.ToLower(input)
	for i, c := range login {
		letter := c >= 'a' && c <= 'z'
		later := i > 0 && (c >= '0' && c <= '9' || c == '_')
		if !letter && !later {
			return "", refuse(codeLoginSymbols)
		}
	}
	return login, nil
}

// checkPassword applies the rule for passwords: at least 8 characters, an upper-case and a lower-case Latin letter, a
// digit, a special character, no spaces. The list of special characters is cut off in every source; the simulator
// accepts those of ASCII, so that an accented letter is none.
func (x *invocation) checkPassword(password string) *Refusal {
	var upper, lower, digit, special bool
	for _, c := range password {
		switch {
		case unicode.IsSpace(c):
			if strings.TrimSpace(password) != "" {
				return refuse(codePasswordSpaces)
			}
		case c >= 'A' && c <= 'Z':
			upper = true
		case c >= 'a' && c <= 'z':
			lower = true
		case c >= '0' && c <= '9':
			digit = true
		case c < utf8.RuneSelf:
			special = true
		}
	}
	switch {
	case strings.TrimSpace(password) == "":
		return refuse(cmp.Or(x.variants.PasswordCode, codeEmptyPassword))
	case utf8.RuneCountInString(password) < 8 || !upper || !lower || !digit || !special:
		return refuse(cmp.Or(x.variants.PasswordCode, codePasswordCharacters))
	}
	return nil
}

// longestKeyName is the published maximum, in characters.
const longestKeyName = 50

// keyName returns the optional key_name, which must be neither blank nor too long.
func (x *invocation) keyName() (name string, given bool, refusal *Refusal) {
	name, given = x.params["key_name"]
	switch {
	case !given:
		return "", false, nil
	case strings.TrimSpace(name) == "":
		return "", true, x.missing("key_name")
	case utf8.RuneCountInString(name) > longestKeyName && x.variants.LengthCode == codeTooLong:
		return "", true, refuse(codeTooLong, "key_name", longestKeyName+1)
	case utf8.RuneCountInString(name) > longestKeyName:
		return "", true, refuse(codeLengthExceeded, "key_name", longestKeyName)
	}
	return name, true, nil
}
