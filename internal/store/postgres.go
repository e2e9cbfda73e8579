package store

import (
	"cmp"
	"context"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// The limits on a PostgreSQL server. The database address can change them with connect_timeout, application_name,
// lock_timeout, statement_timeout and idle_in_transaction_session_timeout.
const (
	serverConnections  = 12 // per process, beside those of Scan; PostgreSQL's default is 100 for all
	connectTimeout     = 5 * time.Second
	connectionLifetime = 30 * time.Minute // after that a new connection finds a server that has moved
	statementTimeout   = "10s"            // shorter than silenceLimit, so that the connection survives
	idleTimeout        = "20s"            // of a transaction in which nothing happens: it blocks all other writers
	applicationName    = "voxwarden"
)

// openPostgres opens a pool of connections with the given run-time parameters and checks the encoding of the
// database.
func openPostgres(ctx context.Context, databaseURL string, parameters map[string]string) (*DB, error) {
	config, err := postgresConfig(databaseURL)
	if err != nil {
		return nil, err
	}
	maps.Copy(config.RuntimeParams, parameters)
	process := newProcessID()
	prepare := prepareConnection(takeParameters(config.RuntimeParams), process)
	limit := &waitLimit{}
	config.DialFunc = limitDial(config.DialFunc, limit)
	opener := connector{
		Connector: stdlib.GetConnector(
			*config,
			stdlib.OptionAfterConnect(prepare),
			stdlib.OptionShouldPing(func(context.Context, stdlib.ShouldPingParams) bool { return false }),
			stdlib.OptionResetSession(checkConnection),
		),
		timeout: time.Duration(2+len(config.Fallbacks)) * config.ConnectTimeout,
	}
	pool := func(connections int) *sql.DB {
		handle := sql.OpenDB(opener)
		setPoolSize(handle, connections)
		handle.SetConnMaxLifetime(connectionLifetime)
		return handle
	}
	db := newDB(pool(serverConnections), pool(scanConnections))
	db.postgres, db.limit, db.process = true, limit, process
	if err := db.checkSessions(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := db.checkEncoding(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// postgresConfig parses a database address. The parsers' errors may quote the password, so they are replaced where
// they could.
func postgresConfig(databaseURL string) (*pgx.ConnConfig, error) {
	address, err := url.Parse(databaseURL)
	if err != nil {
		return nil, errors.New(
			"the database address cannot be parsed: write each character of the password that is neither a letter nor a " +
				"digit as % and two hexadecimal digits, such as %40 for @",
		)
	}
	config, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		return nil, fmt.Errorf("the database address is not valid: %s", redactPassword(parseReason(err), address))
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
		// With these probes a server that has disappeared is noticed after 30 seconds.
		dialer := &net.Dialer{
			KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 4},
			Timeout:         connectTimeout,
		}
		config.DialFunc = dialer.DialContext
	}
	for name, value := range map[string]string{
		"application_name":                    applicationName,
		"lock_timeout":                        strconv.FormatInt(lockTimeout.Milliseconds(), 10), // in milliseconds
		"statement_timeout":                   statementTimeout,
		"idle_in_transaction_session_timeout": idleTimeout,
		"jit":                                 "off", // compiling a search takes longer than the search
	} {
		config.RuntimeParams[name] = cmp.Or(config.RuntimeParams[name], value)
	}
	return config, nil
}

// parseReason returns what is wrong with an address, without quoting the address.
func parseReason(err error) string {
	if wrong, ok := errors.AsType[*pgconn.ParseConfigError](err); ok {
		_, text, _ := strings.Cut(wrong.Error(), "`: ")
		return cmp.Or(text, "its parameters do not fit together")
	}
	return "its parameters do not fit together"
}

// redactPassword removes the password of an address from a text.
func redactPassword(text string, address *url.URL) string {
	passwords := address.Query()["password"]
	if password, given := address.User.Password(); given {
		passwords = append(passwords, password)
	}
	for _, password := range passwords {
		if password != "" {
			text = strings.ReplaceAll(text, password, "[redacted]")
		}
	}
	return text
}

// takeParameters removes the parameters that can be set on a connection from those with which it starts, and returns
// them. Connection poolers refuse or ignore most parameters at the start; application_name is one that they know.
// options are for the start only.
func takeParameters(atStart map[string]string) map[string]string {
	settable := maps.Clone(atStart)
	delete(settable, "application_name")
	delete(settable, "options")
	for name := range settable {
		delete(atStart, name)
	}
	return settable
}

// prepareConnection returns a function that sets parameters of a new connection, and shows with a lock that the process
// runs. It also turns synchronous_commit on where the server's default is off: a committed intent must survive a power
// cut. Stricter defaults stay.
func prepareConnection(parameters map[string]string, process int32) func(context.Context, *pgx.Conn) error {
	statements := `SELECT set_config('synchronous_commit', 'on', false)
		WHERE current_setting('synchronous_commit') = 'off'; ` + lockProcess(process)
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		statements += `; SELECT set_config(` + quote(name) + `, ` + quote(parameters[name]) + `, false)`
	}
	return func(ctx context.Context, conn *pgx.Conn) error {
		if _, err := conn.PgConn().Exec(ctx, statements).ReadAll(); err != nil {
			return errors.Join(fmt.Errorf("preparing a connection: %w", err), conn.Close(ctx))
		}
		return nil
	}
}

// quote returns a text as a literal of SQL, also on a server with standard_conforming_strings = off.
func quote(text string) string {
	return `E'` + strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(text) + `'`
}

// checkSessions returns ErrTransactionPooling unless each connection has a session of its own. It asks two connections
// in turn which server process serves them. A pooler that gives each transaction any free process gives both the same
// one, or one of them another one later.
func (db *DB) checkSessions(ctx context.Context) error {
	first, err := db.sql.Conn(ctx)
	if _, unknown := errors.AsType[x509.UnknownAuthorityError](err); unknown {
		return fmt.Errorf(
			"opening the database: %w: name a file with the authority's certificate in the parameter sslrootcert of "+
				"VOXWARDEN_DATABASE_URL; VOXWARDEN_CA_FILE is not used for the database",
			err,
		)
	}
	if err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	defer first.Close()
	second, err := db.sql.Conn(ctx)
	if err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	defer func() { _ = discardConn(second) }() // the pool opens another one when it needs it
	var seen [2]string
	for range 2 {
		for i, conn := range []*sql.Conn{first, second} {
			process, err := serverProcess(ctx, conn)
			if err != nil {
				return fmt.Errorf("opening the database: %w", err)
			}
			if seen[i] != "" && seen[i] != process || seen[1-i] == process {
				return ErrTransactionPooling
			}
			seen[i] = process
		}
	}
	return nil
}

// serverProcess returns the number of the server process that serves a connection. It prepares no statement, because
// that fails behind poolers.
func serverProcess(ctx context.Context, conn *sql.Conn) (process string, err error) {
	err = conn.Raw(func(driver any) error {
		results, err := driver.(postgresConn).Conn.Conn().PgConn().Exec(ctx, `SELECT pg_backend_pid()`).ReadAll()
		if err == nil {
			process = string(results[0].Rows[0][0])
		}
		return err
	})
	return process, err
}

// checkEncoding returns an error unless the database stores UTF-8, which names and reasons need.
func (db *DB) checkEncoding(ctx context.Context) error {
	var encoding string
	if err := db.sql.QueryRowContext(ctx, `SELECT current_setting('server_encoding')`).Scan(&encoding); err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	if encoding != "UTF8" {
		return fmt.Errorf("the database has the encoding %s: create it with ENCODING 'UTF8'", encoding)
	}
	return nil
}
