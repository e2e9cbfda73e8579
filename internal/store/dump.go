package store

import (
	"errors"
	"net/url"
	"slices"
	"strings"
)

// DumpCommand returns a shell command that writes a PostgreSQL database to a file for pg_restore. The command
// contains no password: pg_dump reads it from PGPASSWORD or from ~/.pgpass.
func DumpCommand(databaseURL, file string) (string, error) {
	u, err := url.Parse(databaseURL)
	if err != nil || !IsPostgres(databaseURL) {
		return "", errors.New("the database address cannot be read")
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	// pg_dump refuses parameters that libpq does not know.
	query := u.Query()
	for name := range query {
		if !slices.Contains(libpqParameters(), name) {
			query.Del(name)
		}
	}
	u.RawQuery = query.Encode()
	return "(umask 077 && pg_dump --format=custom --no-owner --no-privileges --file=" + shellQuote(file) +
		" --dbname=" + shellQuote(u.String()) + ")", nil
}

// libpqParameters returns the connection parameters of libpq that the command may contain, none of them a secret.
// Source: PostgreSQL's documentation, "Parameter Key Words".
func libpqParameters() []string {
	return []string{
		"host", "hostaddr", "port", "dbname", "user", "passfile", "service", "channel_binding",
		"connect_timeout", "target_session_attrs",
		"sslmode", "sslrootcert", "sslcert", "sslkey", "sslsni", "krbsrvname", "gsslib",
	}
}

// shellQuote quotes a text as one word of a POSIX shell.
func shellQuote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
