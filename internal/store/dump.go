package store

import (
	"errors"
	"net/url"
	"slices"
	"strings"
)

// DumpCommand is the command line, for a shell, that writes a PostgreSQL database to a file as pg_restore reads it.
// It has no password: pg_dump takes that from PGPASSWORD or from ~/.pgpass.
func DumpCommand(databaseURL, file string) (string, error) {
	u, err := url.Parse(databaseURL)
	if err != nil || !IsPostgres(databaseURL) {
		return "", errors.New("the database address cannot be read")
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	// What pg_dump does not know it refuses, and our limits are not meant for it.
	query := u.Query()
	for name := range query {
		if !slices.Contains(libpq(), name) {
			query.Del(name)
		}
	}
	u.RawQuery = query.Encode()
	return "(umask 077 && pg_dump --format=custom --no-owner --no-privileges --file=" + shellWord(
		file,
	) + " --dbname=" + shellWord(
		u.String(),
	) + ")", nil
}

// libpq are the parameters of an address that say where a database is and how to get there, by their names in
// PostgreSQL's documentation ("Parameter Key Words"); none of them is a secret.
func libpq() []string {
	return []string{
		"host", "hostaddr", "port", "dbname", "user", "passfile", "service", "channel_binding",
		"connect_timeout", "target_session_attrs",
		"sslmode", "sslrootcert", "sslcert", "sslkey", "sslsni", "krbsrvname", "gsslib",
	}
}

// shellWord quotes a text for a shell.
func shellWord(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
