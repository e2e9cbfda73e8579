package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// What the console allows itself on a PostgreSQL server. An address may say otherwise, by its own connect_timeout and
// by parameters of these names.
const (
	serverConnections  = 12 // of each process; PostgreSQL itself allows 100 in all
	connectTimeout     = 5 * time.Second
	connectionLifetime = 30 * time.Minute // so that it finds a server that has moved
	statementTimeout   = "30s"
	abandonedTimeout   = "60s" // of a transaction whose process says nothing more: it has the writer
	applicationName    = "voxwarden"
)

// openPostgres opens a pool of connections, each with these parameters, and uses one to see that the database can hold
// what the console writes.
func openPostgres(ctx context.Context, databaseURL string, parameters map[string]string) (*DB, error) {
	config, err := postgresConfig(databaseURL)
	if err != nil {
		return nil, err
	}
	maps.Copy(config.RuntimeParams, parameters)
	handle := sql.OpenDB(stdlib.GetConnector(*config, stdlib.OptionAfterConnect(durable)))
	handle.SetMaxOpenConns(serverConnections)
	handle.SetMaxIdleConns(serverConnections)
	handle.SetConnMaxLifetime(connectionLifetime)
	db := newDB(handle)
	db.postgres = true
	if err := db.checkEncoding(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// postgresConfig reads an address. The reasons that the parsers give may quote what stands around a mistake, which may
// be the password: where they could, a sentence of ours stands instead.
func postgresConfig(databaseURL string) (*pgx.ConnConfig, error) {
	address, err := url.Parse(databaseURL)
	if err != nil {
		return nil, errors.New(
			"the database address cannot be read: write every sign of the password that is neither letter nor digit as % and " +
				"its two hexadecimal digits",
		)
	}
	config, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		return nil, fmt.Errorf("the database address cannot be used: %s", withoutPassword(reason(err), address))
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
		// A server that has vanished without a word is noticed after half a minute.
		dialer := &net.Dialer{
			KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 4},
			Timeout:         connectTimeout,
		}
		config.DialFunc = dialer.DialContext
	}
	for name, value := range map[string]string{
		"application_name":                    applicationName,
		"statement_timeout":                   statementTimeout,
		"idle_in_transaction_session_timeout": abandonedTimeout,
	} {
		config.RuntimeParams[name] = cmp.Or(config.RuntimeParams[name], value)
	}
	return config, nil
}

// reason is what is wrong with an address, without the address.
func reason(err error) string {
	if wrong, ok := errors.AsType[*pgconn.ParseConfigError](err); ok {
		_, text, _ := strings.Cut(wrong.Error(), "`: ")
		return cmp.Or(text, "its parts do not fit together")
	}
	return "its parts do not fit together"
}

func withoutPassword(text string, address *url.URL) string {
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

// durable makes a connection wait until what it commits is on the disk, where the server's default is not to: a
// committed intent must survive a power cut. Stricter defaults than that stay.
func durable(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(
		ctx,
		`SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'`,
	)
	if err != nil {
		return fmt.Errorf("preparing a connection: %w", err)
	}
	return nil
}

// checkEncoding refuses a database that cannot hold every name and reason.
func (db *DB) checkEncoding(ctx context.Context) error {
	var encoding string
	if err := db.sql.QueryRowContext(ctx, `SELECT current_setting('server_encoding')`).Scan(&encoding); err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	if encoding != "UTF8" {
		return fmt.Errorf("the database has the encoding %s: make one with ENCODING 'UTF8'", encoding)
	}
	return nil
}
