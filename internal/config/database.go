package config

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// setDatabase takes a file of SQLite, or a database of PostgreSQL. Whatever is wrong with it, no part of it is quoted,
// since it holds a password.
func setDatabase(c *Config, value string) error {
	scheme, rest, _ := strings.Cut(value, ":")
	switch {
	case scheme == "postgres" || scheme == "postgresql":
		if err := checkPostgres(value); err != nil {
			return err
		}
	case scheme != "sqlite" || rest == "":
		return valueError("must be sqlite: and a path, such as sqlite:voxwarden.db, or " +
			"postgres://user:password@host:port/name.")
	}
	c.Database = NewSecret(value)
	return nil
}

// DatabaseURL reads the database's setting alone, for commands that need no other. It fails with Problems.
func DatabaseURL(environ []string) (Secret, error) {
	r := newEnvReader(environ)
	var c Config
	for _, s := range Settings() {
		if s.Name == "DATABASE_URL" {
			r.apply(&c, s)
		}
	}
	c, err := finish(c, r)
	return c.Database, err
}

// checkPostgres looks at what can be seen without the server. Signs in a password that have a meaning in an address are
// what goes wrong most.
func checkPostgres(value string) error {
	u, err := url.Parse(value)
	const escape = " Write every sign of its password that is neither letter nor digit as % and two hexadecimal " +
		"digits, such as %23 for #."
	switch {
	case err != nil:
		return valueError("cannot be read as an address." + escape)
	case u.Opaque != "" || !strings.HasPrefix(value, u.Scheme+"://"):
		return valueError("must begin with postgres://, such as postgres://user:password@host:port/name.")
	case strings.Contains(value, "#"):
		return valueError("has a # in it, after which an address ends." + escape)
	case strings.Trim(u.Path, "/") == "" && !u.Query().Has("dbname"):
		return valueError(
			"names no database: it ends in / and the database's name, such as postgres://user:password@host:port/name.",
		)
	case u.Hostname() == "" && !u.Query().Has("host"):
		return valueError(
			"names no host. For a socket, write its folder behind the name, such as postgres://user@/name?host=/run/postgresql.",
		)
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return valueError("must have a port number from 1 to 65535." + escape)
		}
	}
	return nil
}

// databaseWithoutTLS says whether what is sent to the database, the password too, may travel over a network for
// others to read.
func (c Config) databaseWithoutTLS() bool {
	u, err := url.Parse(c.Database.Reveal())
	if err != nil || u.Scheme == "sqlite" {
		return false
	}
	host := u.Hostname()
	if given := u.Query().Get("host"); given != "" {
		host = given
	}
	return !loopbackHost(host) && !strings.HasPrefix(host, "/") &&
		!slices.Contains([]string{"require", "verify-ca", "verify-full"}, u.Query().Get("sslmode"))
}
