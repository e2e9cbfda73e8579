package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// valueError is the problem of a value: the end of a sentence that begins with the variable's name. It also says what
// to do.
type valueError string

// Error implements error.
func (w valueError) Error() string { return string(w) }

// setList accepts values separated by commas. Commas without values are refused: without a privileged role, for
// example, every editor could grant all roles.
func setList(field func(*Config) *[]string) func(*Config, string) error {
	return func(c *Config, value string) error {
		names := split(value)
		if len(names) == 0 {
			return valueError("is empty. Set it to one or more names separated by commas, or unset it.")
		}
		*field(c) = names
		return nil
	}
}

// directoryName matches the beginning of a part of an LDAP distinguished name, such as cn=ops,ou=groups,dc=example.
var directoryName = regexp.MustCompile(`(?i)^(cn|ou|dc|o|uid)=`)

// setGroups accepts a list of groups. It refuses distinguished names: their commas would separate groups, and if the
// proxy separates groups with commas too, every member of the directory would be in the group dc=com.
func setGroups(field func(*Config) *[]string) func(*Config, string) error {
	return func(c *Config, value string) error {
		for _, name := range split(value) {
			if directoryName.MatchString(name) {
				return valueError(fmt.Sprintf(
					"contains %s, a part of an LDAP distinguished name. Its commas would separate groups. Configure the "+
						"sign-in to send short group names, and list those.",
					quoted(name),
				))
			}
		}
		return setList(field)(c, value)
	}
}

// setSwitch accepts on and off, and their synonyms true, yes, 1, false, no and 0.
func setSwitch(field func(*Config) *bool) func(*Config, string) error {
	return func(c *Config, value string) error {
		switch strings.ToLower(value) {
		case "on", "true", "yes", "1":
			*field(c) = true
		case "off", "false", "no", "0":
			*field(c) = false
		default:
			return valueError("must be on or off.")
		}
		return nil
	}
}

// setDuration accepts a time of at least one second, in the syntax of time.ParseDuration.
func setDuration(field func(*Config) *time.Duration) func(*Config, string) error {
	return func(c *Config, value string) error {
		d, err := time.ParseDuration(value)
		if err != nil || d < time.Second {
			return valueError("must be a time of at least one second, such as 90s, 30m or 10h.")
		}
		*field(c) = d
		return nil
	}
}

// setDelay accepts a time of zero or more.
func setDelay(c *Config, value string) error {
	d, err := time.ParseDuration(value)
	if err != nil || d < 0 {
		return valueError("must be a time such as 5s, or 0s.")
	}
	c.ShutdownDelay = d
	return nil
}

// setRate accepts a number of requests per second.
func setRate(c *Config, value string) error {
	rate, err := strconv.ParseFloat(value, 64)
	if err != nil || !(rate > 0 && rate <= 1000) {
		return valueError("must be a number of requests per second above 0 and up to 1000, such as 5.")
	}
	c.VendorRPS = rate
	return nil
}

// minKeyLength is the minimum number of characters of a key: 32 characters of base64 or hex are 128 bits or more.
const minKeyLength = 32

// weakKey is a key that is certainly not random. See checkKeys.
type weakKey struct{ setting, problem string }

// checkKeys reports keys that are not random. A console that only this machine can reach is on trial: there they are
// warnings.
func (r *envReader) checkKeys(c *Config) {
	for _, weak := range c.weakKeys {
		if c.BaseURL != nil && loopbackHost(c.BaseURL.Hostname()) {
			c.valueWarnings = append(c.valueWarnings, Prefix+weak.setting+" "+weak.problem)
		} else {
			r.report(weak.setting, weak.problem)
		}
	}
}

// setKeys accepts one or more keys, separated by commas. checkKeys judges whether they are random. name is that of the
// setting.
func setKeys(name string, field func(*Config) *[]Secret) func(*Config, string) error {
	return func(c *Config, value string) error {
		keys := split(value)
		if len(keys) == 0 {
			return valueError("contains no key. Create one, for example with: openssl rand -base64 32.")
		}
		for _, key := range keys {
			if len(key) < minKeyLength {
				return valueError(
					"contains a key with fewer than 32 characters. Create a new one, for example with: openssl rand -base64 32.",
				)
			}
			if why := notRandom(key); why != "" {
				c.weakKeys = append(c.weakKeys, weakKey{
					setting: name,
					problem: "contains a key that is not random: " + why +
						". Create a new one, for example with: openssl rand -base64 32.",
				})
			}
			*field(c) = append(*field(c), NewSecret(key))
		}
		return nil
	}
}

// minDifferent is the minimum number of different characters in a key. Fewer than 8 of the 16 hexadecimal digits are in
// one of 25 million random keys with 32 digits.
const minDifferent = 8

// notRandom returns why a key is certainly not random, or "". It finds what people write when they have no generator at
// hand; it cannot measure randomness.
func notRandom(key string) string {
	different := map[byte]bool{}
	inOrder := 0
	for i := range len(key) {
		different[key[i]] = true
		if i > 0 && (key[i]-key[i-1]+1) <= 2 { // the same character, the next or the previous one
			inOrder++
		}
	}
	switch {
	case len(different) < minDifferent:
		return "it has fewer than 8 different characters"
	case containsExample(key):
		return "it is an example"
	case inOrder > len(key)*3/4:
		return "its characters are in order"
	case repeats(key):
		return "it repeats a shorter text"
	}
	return ""
}

// repeats reports whether text consists of a text of at most half its length, repeated. The last repetition may be cut
// off.
func repeats(text string) bool {
	for length := 1; length <= len(text)/2; length++ {
		if text[length:] == text[:len(text)-length] {
			return true
		}
	}
	return false
}

// exampleWords returns words of values that documents and templates have in the place of a secret. They are letters and
// digits only: a value is compared without its other characters.
func exampleWords() []string {
	return []string{
		"changeme", "changethis", "changeit", "replaceme", "replacethis", "replacewith", "placeholder", "opensslrand",
		"yoursecret", "yourkey", "yourclientsecret", "yourpassword", "insertyour", "mysecret", "secretkey", "auditkey",
		"clientsecret", "examplekey", "examplesecret", "supersecret", "xxxxxxxx", "atleast32",
	}
}

// containsExample reports whether a key contains words of an example.
func containsExample(key string) bool {
	plain := lettersAndDigits(key)
	return slices.ContainsFunc(exampleWords(), func(word string) bool { return strings.Contains(plain, word) })
}

// example reports whether a secret that another program created consists of words of an example.
func example(secret string) bool { return slices.Contains(exampleWords(), lettersAndDigits(secret)) }

func lettersAndDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

func setLogLevel(c *Config, value string) error {
	switch strings.ToLower(value) {
	case "debug", "info", "warn", "error":
		return c.LogLevel.UnmarshalText([]byte(value))
	}
	return valueError("must be debug, info, warn or error.")
}

func setLogFormat(c *Config, value string) error {
	if value != "json" && value != "text" {
		return valueError("must be json or text.")
	}
	c.LogFormat = value
	return nil
}

// split returns the non-empty parts of a list that is separated by commas.
func split(value string) []string {
	var parts []string
	for part := range strings.SplitSeq(value, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}
