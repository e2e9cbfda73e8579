package config

import (
	"encoding/pem"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// setDatabase accepts a SQLite file or a PostgreSQL database. Its errors never quote the value, because it may contain
// a password.
func setDatabase(c *Config, value string) error {
	scheme, path, _ := strings.Cut(value, ":")
	switch {
	case scheme == "postgres" || scheme == "postgresql":
		value = socketAsParameter(value)
		if err := checkPostgres(value); err != nil {
			return err
		}
		if err := c.checkDatabaseFiles(value); err != nil {
			return err
		}
	case scheme != "sqlite" || path == "":
		return valueError(
			"must be sqlite: and a path, such as sqlite:voxwarden.db, or postgres://user:password@host:port/name.",
		)
	case strings.Contains(path, "?"):
		return valueError(
			"contains a ?. A SQLite database has no options: write only sqlite: and the path, such as sqlite:voxwarden.db.",
		)
	case path == ":memory:" || strings.HasPrefix(path, "file:"):
		return valueError("must name a file: sqlite: and the path, such as sqlite:voxwarden.db.")
	}
	c.Database = NewSecret(value)
	return nil
}

// socketHost matches a PostgreSQL address with the folder of a Unix socket as the host, in the form of libpq:
// postgres://user@%2Frun%2Fpostgresql:5432/name.
var socketHost = regexp.MustCompile(
	`^(postgres(?:ql)?://(?:[^/?#]*@)?)(%2[Ff][^/?#:@]*)(?::([0-9]+))?(/[^?#]*)?(?:\?(.*))?$`,
)

// socketAsParameter returns the address with the folder of a Unix socket as the parameter host, because net/url, with
// which pgx parses addresses too, refuses a slash in the host. It returns other addresses unchanged.
func socketAsParameter(value string) string {
	parts := socketHost.FindStringSubmatch(value)
	if parts == nil {
		return value
	}
	parameters := "host=" + parts[2]
	if parts[3] != "" {
		parameters += "&port=" + parts[3]
	}
	if parts[5] != "" {
		parameters += "&" + parts[5]
	}
	return parts[1] + parts[4] + "?" + parameters
}

// DatabaseURL returns DATABASE_URL without reading other settings. The error is a *Problems.
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

// checkPostgres checks an address without connecting to the server. The most frequent mistake is a password with
// characters that have a meaning in an address.
func checkPostgres(value string) error {
	u, err := url.Parse(value)
	const escape = " Write every character of the password that is not a letter or digit as % and two hexadecimal " +
		"digits, such as %23 for #."
	switch {
	case err != nil:
		return valueError("is not a valid address." + escape)
	case u.Opaque != "" || !strings.HasPrefix(value, u.Scheme+"://"):
		return valueError("must begin with postgres://, such as postgres://user:password@host:port/name.")
	case strings.Contains(value, "#"):
		return valueError("contains a #, at which an address ends." + escape)
	case strings.Trim(u.Path, "/") == "" && !u.Query().Has("dbname"):
		return valueError(
			"has no database name. End it with / and the name, such as postgres://user:password@host:port/name.",
		)
	case u.Hostname() == "" && !u.Query().Has("host"):
		return valueError(
			"has no host. For a socket, write its folder after the name, such as postgres://user@/name?host=/run/postgresql.",
		)
	}
	// The first is the password of the example in docs/database.md.
	if password, _ := u.User.Password(); password == "PASSWORD" || example(password) {
		return valueError("contains the password of an example. Use the password of the database.")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return valueError("must have a port number from 1 to 65535." + escape)
		}
	}
	return nil
}

// checkDatabaseFiles checks the files that the address of a PostgreSQL database names. pgx reads them itself, at once
// when the database is opened.
func (c *Config) checkDatabaseFiles(value string) error {
	u, err := url.Parse(value)
	if err != nil {
		return valueError("is not a valid address.")
	}
	for _, name := range []string{"sslrootcert", "sslcert", "sslkey", "passfile", "servicefile"} {
		path := u.Query().Get(name)
		if path == "" || name == "sslrootcert" && path == "system" {
			continue
		}
		file, err := ownRules().read(path, certificatesLimit)
		if err != nil {
			return valueError("names in " + name + " " + err.Error())
		}
		if int64(len(file.Data)) != file.Info.Size() {
			return valueError("names in " + name + " a file with a byte order mark. Write it without one.")
		}
		if block, _ := pem.Decode(file.Data); name == "sslrootcert" && (block == nil || block.Type != "CERTIFICATE") {
			return valueError("names in sslrootcert a file without a PEM certificate. Download it again.")
		}
		if name == "sslkey" || name == "passfile" {
			c.warnIfReadable("DATABASE_URL", path, file)
		}
	}
	return nil
}

// databaseWithoutTLS reports whether data and password may be sent to the database over a network without TLS.
func (c Config) databaseWithoutTLS() bool {
	u, err := url.Parse(c.Database.Reveal())
	if err != nil || u.Scheme == "sqlite" {
		return false
	}
	host := u.Hostname()
	if given := u.Query().Get("host"); given != "" {
		host = given
	}
	return !loopbackHost(host) && !strings.HasPrefix(host, "/") && u.Query().Get("sslrootcert") != "system" &&
		!slices.Contains([]string{"require", "verify-ca", "verify-full"}, u.Query().Get("sslmode"))
}
