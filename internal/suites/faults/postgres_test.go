package faults

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver of other clients

	"github.com/voxwarden/voxwarden/internal/testkit/process"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// The role and the database of the console.
const consoleRole = "voxwarden"

// postgresRows are the faults of a PostgreSQL database and the network before it.
func postgresRows() []row {
	link := func(name string, state linkState) row {
		return row{
			fault: name, ready: notReady,
			begin: func(w *world) { w.dbLink.set(state) },
			end:   func(w *world) { w.dbLink.set(linkUp) },
		}
	}
	// statements is a fault that a superuser makes and ends with statements.
	statements := func(name, begin, end string) row {
		return row{
			fault: name, ready: notReady,
			begin: func(w *world) { w.admin(begin) },
			end:   func(w *world) { w.admin(end) },
		}
	}
	frozen := row{
		fault: "server frozen", ready: notReady, sample: true,
		begin: func(w *world) { w.server.Signal(w, syscall.SIGSTOP) },
		end:   func(w *world) { w.server.Signal(w, syscall.SIGCONT) },
	}
	stopped := row{
		fault: "server stopped: immediate", ready: notReady,
		begin: func(w *world) { w.server.Stop(w) },
		end:   func(w *world) { w.server.Start(w) },
	}
	silent := link("network drops packets", linkSilent)
	locked := row{
		fault: "table events locked", ready: notReady,
		begin: func(w *world) { w.holdLock(`LOCK TABLE events IN ACCESS EXCLUSIVE MODE`) },
		end:   func(w *world) { w.exec(w.other, "ROLLBACK") },
	}
	rows := []row{
		{
			fault: "server stopped: fast", ready: notReady, sample: true,
			begin: func(w *world) { w.server.StopFast(w) },
			end:   func(w *world) { w.server.Start(w) },
		},
		stopped,
		{
			fault: "server restarted", ready: either,
			begin: func(w *world) { w.server.StopFast(w); w.server.Start(w) },
			end:   func(*world) {},
		},
		frozen,
		{
			fault: "connections ended once", ready: ready,
			begin: func(w *world) { w.admin(endConnections) },
			end:   func(*world) {},
		},
		{
			fault: "a server process killed", ready: either,
			begin: func(w *world) { w.killServerProcess() },
			end:   func(*world) {},
		},
		link("network resets connections", linkReset),
		silent,
		{
			fault: "network slow", ready: ready,
			begin: func(w *world) { w.dbLink.set(linkDelayed) },
			end:   func(w *world) { w.dbLink.set(linkUp) },
		},
		locked,
		{
			fault: "table sessions locked", ready: notReady,
			begin: func(w *world) { w.holdLock(`LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE`) },
			end:   func(w *world) { w.exec(w.other, "ROLLBACK") },
		},
		{
			fault: "writers' lock held", ready: notReady,
			begin: func(w *world) { w.holdLock(fmt.Sprintf(`SELECT pg_advisory_xact_lock(%d)`, 0x766f7877)) },
			end:   func(w *world) { w.exec(w.other, "ROLLBACK") },
		},
		statements(
			"read-only",
			`ALTER SYSTEM SET default_transaction_read_only = on; SELECT pg_reload_conf()`,
			`ALTER SYSTEM RESET default_transaction_read_only; SELECT pg_reload_conf()`,
		),
		{
			fault: "disk full", ready: notReady, sample: true,
			prepare: func(w *world) { w.moveToSmallDisk() },
			begin:   func(w *world) { w.fillDisk(0) },
			end:     func(w *world) { w.emptyDisk() },
		},
		statements(
			"role loses its rights",
			`REVOKE INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public FROM voxwarden`,
			`GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO voxwarden`,
		),
		statements(
			"role loses INSERT on events",
			`REVOKE INSERT ON events FROM voxwarden`,
			`GRANT INSERT ON events TO voxwarden`,
		),
		statements("role may not sign in", `ALTER ROLE voxwarden NOLOGIN; `+endConnections, `ALTER ROLE voxwarden LOGIN`),
		{
			fault: "password changed", ready: notReady,
			prepare: func(w *world) {
				w.admin(`ALTER ROLE voxwarden PASSWORD 'first'`)
				w.server.RequirePassword(w, consoleRole)
				w.password = "first"
			},
			begin: func(w *world) { w.admin(`ALTER ROLE voxwarden PASSWORD 'second'; ` + endConnections) },
			end:   func(w *world) { w.admin(`ALTER ROLE voxwarden PASSWORD 'first'`) },
		},
		{
			fault: "no connections left", ready: notReady,
			prepare: func(w *world) {
				w.maintain(`ALTER SYSTEM SET max_connections = 30`)
				w.server.StopFast(w)
				w.server.Start(w)
			},
			begin: func(w *world) { w.closeAll = w.useUpConnections() },
			end:   func(w *world) { w.closeAll() },
		},
		statements(
			"table events renamed",
			`ALTER TABLE events RENAME TO events_moved`,
			`ALTER TABLE events_moved RENAME TO events`,
		),
		{
			fault: "database renamed", ready: notReady,
			begin: func(w *world) {
				w.dbLink.set(linkReset)
				w.maintain(endConnections, `ALTER DATABASE voxwarden RENAME TO moved`)
				w.dbLink.set(linkUp)
			},
			end: func(w *world) { w.maintain(`ALTER DATABASE moved RENAME TO voxwarden`) },
		},
		{
			fault: "synchronous standby missing", ready: notReady,
			begin: func(w *world) {
				w.admin(`ALTER SYSTEM SET synchronous_standby_names = 'missing'; SELECT pg_reload_conf()`)
			},
			end: func(w *world) { w.admin(`ALTER SYSTEM RESET synchronous_standby_names; SELECT pg_reload_conf()`) },
		},
		{
			fault: "failover to an older copy, and back", ready: notReady,
			early: func(w *world) { w.server.KeepCopy(w) },
			begin: func(w *world) { w.server.FailOver(w) },
			end:   func(w *world) { w.server.FailOver(w) },
		},
		{
			fault: "failover to an older copy", ready: notReady, repair: "server audit accept", lossy: true,
			advice: "server audit accept",
			early:  func(w *world) { w.server.KeepCopy(w) },
			begin:  func(w *world) { w.server.FailOver(w) },
			end: func(w *world) {
				w.command("audit", "accept", "-by", "Anna Berg", "-reason", "the standby was behind", "-head", w.loggedHead())
			},
		},
	}
	for _, r := range []row{frozen, stopped, silent, locked} {
		r.fault, r.stop, r.sample = r.fault+", SIGTERM", true, false
		rows = append(rows, r)
	}
	for i := range rows {
		rows[i].engine = postgres
	}
	return rows
}

// endConnections ends the console's connections.
const endConnections = `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'voxwarden'`

// prepareDatabase prepares a folder for a SQLite database, or starts a PostgreSQL server with an empty database that
// the console reaches through dbLink.
func (w *world) prepareDatabase() {
	if w.row.engine == sqlite {
		w.folder = process.FolderFor(w, w.uid)
		return
	}
	w.server = storetest.NewServer(w)
	w.maintain(
		`CREATE ROLE voxwarden LOGIN`,
		`CREATE DATABASE voxwarden OWNER voxwarden ENCODING 'UTF8' TEMPLATE template0`,
	)
	w.dbLink = startTCPProxy(w.T, "unix", w.server.Socket())
}

// database returns the address of the database for the console.
func (w *world) database() string {
	if w.row.engine == sqlite {
		return "sqlite:" + w.path()
	}
	return fmt.Sprintf("postgres://voxwarden:%s@%s/voxwarden?sslmode=disable", w.password, w.dbLink.address())
}

// maintain runs statements as the superuser outside the console's database, each in a transaction of its own.
func (w *world) maintain(statements ...string) {
	for _, statement := range statements {
		w.server.Admin(w, statement)
	}
}

// superuser returns connections to the console's database as the superuser.
func (w *world) superuser() *sql.DB {
	db, err := sql.Open("pgx", w.server.Address(consoleRole))
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = db.Close() })
	return db
}

// admin runs statements as the superuser in the console's database. Several are separated by semicolons; ALTER SYSTEM
// allows no transaction, so each runs on its own.
func (w *world) admin(statements string) {
	db := w.superuser()
	defer db.Close()
	for statement := range strings.SplitSeq(statements, "; ") {
		if _, err := db.ExecContext(w.Context(), statement); err != nil {
			w.Fatalf("%s: %v", statement, err)
		}
	}
}

// holdLock begins a transaction of another client that holds a lock.
func (w *world) holdLock(statement string) {
	conn, err := w.superuser().Conn(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	w.other = conn
	w.exec(conn, "BEGIN")
	w.exec(conn, statement)
}

// moveToSmallDisk moves the console's empty database to a small file system.
func (w *world) moveToSmallDisk() {
	folder := process.FolderFor(w, 0)
	w.mountSmallDisk(folder, 20_000)
	space := filepath.Join(folder, "space")
	w.do(os.Mkdir(space, 0o700))
	w.server.Own(w, space)
	w.maintain(`CREATE TABLESPACE small LOCATION '`+space+`'`, `ALTER DATABASE voxwarden SET TABLESPACE small`)
}

// killServerProcess kills a process that serves the console. PostgreSQL then ends all others and recovers.
func (w *world) killServerProcess() {
	var pid int
	query := `SELECT min(pid) FROM pg_stat_activity WHERE usename = 'voxwarden'`
	if err := w.superuser().QueryRowContext(w.Context(), query).Scan(&pid); err != nil {
		w.Fatal(err)
	}
	w.do(syscall.Kill(pid, syscall.SIGKILL))
}

// useUpConnections opens connections until none is left for the console, and returns a function that closes them.
func (w *world) useUpConnections() (closeAll func()) {
	db := w.superuser()
	w.dbLink.set(linkReset)
	var taken []*sql.Conn
	for {
		conn, err := db.Conn(w.Context())
		if err != nil {
			break
		}
		taken = append(taken, conn)
	}
	w.dbLink.set(linkUp)
	return func() {
		for _, conn := range taken {
			w.do(conn.Close())
		}
		w.do(db.Close())
	}
}

// loggedHead returns the newest event that the console knows and the database lacks.
func (w *world) loggedHead() (head string) {
	for line := range strings.Lines(w.console.Log()) {
		var entry struct{ Level, Head string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Level == "ERROR" && entry.Head != "" {
			head = entry.Head
		}
	}
	if head == "" {
		w.Fatalf("the log names no head:\n%s", w.warnings())
	}
	return head
}
