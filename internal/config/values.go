package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// valueError is why a value cannot be used. It is the end of a sentence that begins with the variable's name and is
// shown to people as it stands, and says what to do.
type valueError string

// Error implements error.
func (w valueError) Error() string { return string(w) }

// setList takes values separated by commas. Nothing but commas is not a list: with no privileged role, for one,
// everybody who may change roles could grant them all.
func setList(field func(*Config) *[]string) func(*Config, string) error {
	return func(c *Config, value string) error {
		names := split(value)
		if len(names) == 0 {
			return valueError("names nothing. Give it one name or several, separated by commas, or unset it.")
		}
		*field(c) = names
		return nil
	}
}

// directoryName is how a part of a directory's name for a group begins, cn=admins,ou=groups,dc=example,dc=com.
var directoryName = regexp.MustCompile(`(?i)^(cn|ou|dc|o|uid)=`)

// setGroups takes a list of groups. A directory's long name is not one group here but several, as its commas are
// those of the list, and where the proxy's list is separated by commas too, everybody in the directory is in dc=com.
func setGroups(field func(*Config) *[]string) func(*Config, string) error {
	return func(c *Config, value string) error {
		for _, name := range split(value) {
			if directoryName.MatchString(name) {
				return valueError(
					fmt.Sprintf(
						"has %s, a part of a directory's long name, whose commas would be taken for those between groups. Let the "+
							"sign-in send short names, and list those.",
						quoted(name),
					),
				)
			}
		}
		return setList(field)(c, value)
	}
}

// setSwitch takes on and off, and the ways in which people write them.
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

// setDuration takes a time of at least a second, as Go writes it.
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

// setRate takes a number of calls a second.
func setRate(c *Config, value string) error {
	rate, err := strconv.ParseFloat(value, 64)
	if err != nil || !(rate > 0 && rate <= 1000) {
		return valueError("must be a number of calls a second above 0 and up to 1000, such as 5.")
	}
	c.VendorRPS = rate
	return nil
}

// minKeyLength is how many characters a sealing key has at least: 32 of base64 or hex text are 128 bits or more.
const minKeyLength = 32

// setKeys takes one key or several.
func setKeys(field func(*Config) *[]Secret) func(*Config, string) error {
	return func(c *Config, value string) error {
		keys := split(value)
		if len(keys) == 0 {
			return valueError("holds no key. Make one, for instance with: openssl rand -base64 32.")
		}
		for _, key := range keys {
			if len(key) < minKeyLength {
				return valueError("holds a key of fewer than 32 characters. Make a new one, for instance with: openssl rand " +
					"-base64 32.")
			}
			*field(c) = append(*field(c), NewSecret(key))
		}
		return nil
	}
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

// split takes a list apart at its commas and drops what is empty.
func split(value string) []string {
	var parts []string
	for part := range strings.SplitSeq(value, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}
