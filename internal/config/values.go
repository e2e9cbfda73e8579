package config

import (
	"crypto/x509"
	"os"
	"strconv"
	"strings"
	"time"
)

// wrong is why a value cannot be used. It is the end of a sentence that begins with the variable's name and is
// shown to people as it stands, and says what to do.
type wrong string

// Error implements error.
func (w wrong) Error() string { return string(w) }

// setText takes a value as it is.
func setText(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, value string) error {
		*field(c) = value
		return nil
	}
}

// setList takes values separated by commas. Nothing but commas is not a list: with no privileged role, for one,
// everybody who may change roles could grant them all.
func setList(field func(*Config) *[]string) func(*Config, string) error {
	return func(c *Config, value string) error {
		names := split(value)
		if len(names) == 0 {
			return wrong("names nothing. Give it one name or several, separated by commas, or unset it.")
		}
		*field(c) = names
		return nil
	}
}

// setPeople takes a list of "issuer|subject".
func setPeople(field func(*Config) *[]string) func(*Config, string) error {
	return func(c *Config, value string) error {
		people := split(value)
		if len(people) == 0 {
			return wrong("names nobody. Give it people as issuer|subject, separated by commas, or unset it.")
		}
		for _, person := range people {
			issuer, subject, found := strings.Cut(person, "|")
			if !found || issuer == "" || subject == "" {
				return wrong("must hold people as issuer|subject, separated by commas.")
			}
			*field(c) = append(*field(c), person)
		}
		return nil
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
			return wrong("must be on or off.")
		}
		return nil
	}
}

// setDuration takes a time of at least a second, as Go writes it.
func setDuration(field func(*Config) *time.Duration) func(*Config, string) error {
	return func(c *Config, value string) error {
		d, err := time.ParseDuration(value)
		if err != nil || d < time.Second {
			return wrong("must be a time of at least one second, such as 90s, 30m or 10h.")
		}
		*field(c) = d
		return nil
	}
}

// setRate takes a number of calls a second.
func setRate(c *Config, value string) error {
	rate, err := strconv.ParseFloat(value, 64)
	if err != nil || !(rate > 0 && rate <= 1000) {
		return wrong("must be a number of calls a second above 0 and up to 1000, such as 5.")
	}
	c.VendorRPS = rate
	return nil
}

// setDatabase takes the databases that this version can use.
func setDatabase(c *Config, value string) error {
	scheme, rest, _ := strings.Cut(value, ":")
	switch {
	case scheme == "postgres" || scheme == "postgresql":
		return wrong("names a PostgreSQL database, which is not supported in this version. Use sqlite: and a path.")
	case scheme != "sqlite" || rest == "":
		return wrong("must be sqlite: and a path, such as sqlite:voxwarden.db.")
	}
	c.Database = NewSecret(value)
	return nil
}

// minKeyLength is how many characters a sealing key has at least: 32 of base64 or hex text are 128 bits or more.
const minKeyLength = 32

// setSecretKeys takes one key or several.
func setSecretKeys(c *Config, value string) error {
	keys := split(value)
	if len(keys) == 0 {
		return wrong("holds no key. Make one, for instance with: openssl rand -base64 32.")
	}
	for _, key := range keys {
		if len(key) < minKeyLength {
			return wrong("holds a key of fewer than 32 characters. Make a new one, for instance with: openssl rand -base64 32.")
		}
		c.SecretKeys = append(c.SecretKeys, NewSecret(key))
	}
	return nil
}

// setRootCAs reads certificates to trust beside the system's.
func setRootCAs(c *Config, path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return wrong(cannotRead(path, err))
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(data) {
		return wrong("names a file without a PEM certificate. Give it one that begins with -----BEGIN CERTIFICATE-----.")
	}
	c.RootCAs = pool
	return nil
}

func setLogLevel(c *Config, value string) error {
	switch strings.ToLower(value) {
	case "debug", "info", "warn", "error":
		return c.LogLevel.UnmarshalText([]byte(value))
	}
	return wrong("must be debug, info, warn or error.")
}

func setLogFormat(c *Config, value string) error {
	if value != "json" && value != "text" {
		return wrong("must be json or text.")
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
