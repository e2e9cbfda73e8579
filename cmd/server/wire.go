package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/drift"
	"github.com/voxwarden/voxwarden/internal/handlers"
	"github.com/voxwarden/voxwarden/internal/lifecycle"
	"github.com/voxwarden/voxwarden/internal/metrics"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/session"
	"github.com/voxwarden/voxwarden/internal/store"
	"github.com/voxwarden/voxwarden/internal/voxapi"
	"github.com/voxwarden/voxwarden/static"
)

// upstream is the account that the console works on.
type upstream struct {
	url         string
	publicURL   string            // address in code examples
	transport   http.RoundTripper // nil for the network
	credentials *credentials
	environment string // shown on the pages, such as "Demo"
	mayBeNew    bool   // a missing database is created; without this, only server init does that
	witness     string // path of the witness of the audit log, "" for none

	// now is the clock that writes the history of a demo. It is nil otherwise, which means time.Now.
	now func() time.Time
}

// console is the assembled program.
type console struct {
	handler    http.Handler
	operations *operations.Service
	bulk       *bulk.Service
	lifecycle  *lifecycle.Service
	drift      *drift.Service
	directory  *directory.Directory
	auditLog   *audit.Log
	db         *store.DB
	metrics    *metrics.Metrics
	logger     *slog.Logger
	background sync.WaitGroup
	stopping   atomic.Bool // a signal to stop has come
}

// assemble creates the console from its configuration. The caller must close it.
func assemble(ctx context.Context, cfg config.Config, up upstream, logs *logs) (*console, error) {
	var vendor vendorStatus
	logger := logs.logger
	appMetrics := metrics.New(version())
	client, err := voxapi.New(voxapi.Options{
		BaseURL:     up.url,
		Credentials: up.credentials.current,
		Transport:   up.transport,
		RootCAs:     cfg.RootCAs,
		Proxy:       cfg.ProxyFunc(),
		RPS:         cfg.VendorRPS,
		Logger:      logger,
		Now:         up.now,
		Observe:     func(call voxapi.CallInfo) { vendor.observe(call); appMetrics.Call(call) },
	})
	if err != nil {
		return nil, fmt.Errorf("creating the client of the Management API: %w", err)
	}
	open := store.Open
	if up.mayBeNew {
		open = store.OpenOrCreate
	}
	db, err := open(ctx, cfg.Database.Reveal())
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	db.OnFileChange(func(err error) {
		if err != nil {
			logger.Error("the database file is gone, nothing is written until the same file is back", "error", err)
			return
		}
		logger.Info("the database file is back, writing continues")
	})
	for _, kind := range store.ErrorKinds() {
		appMetrics.RegisterDatabaseErrors(string(kind))
	}
	db.OnError(func(kind store.ErrorKind) { appMetrics.DatabaseError(string(kind)) })
	c := &console{db: db, metrics: appMetrics, logger: logger}
	rules := policy.New(mapping(cfg.Access), cfg.PrivilegedRoles)
	c.directory = directory.New(client.Reader(), directory.Options{
		MaxAge:     cfg.SnapshotMaxAge,
		Logger:     logger,
		Now:        up.now,
		Privileged: operations.PrivilegedHolders(rules),
	})
	auditLog, err := audit.Open(db, audit.Options{
		Keys:        cfg.AuditKeys,
		EventLogger: logs.copies.logger,
		Logger:      logger,
		Witness:     up.witness,
		Shared:      db.Postgres(),
		Program:     version(),
		BeginNew:    up.mayBeNew,
		Now:         up.now,
	})
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	c.auditLog = auditLog
	appMetrics.RegisterOpenOperations(auditLog.CountOpen)
	appMetrics.RegisterLastBackup(db.LastBackup)
	appMetrics.RegisterAuditHead(auditLog.NewestSeq)
	appMetrics.RegisterFreeBytes(db.FreeBytes)
	appMetrics.RegisterLogs(logs.counts)
	appMetrics.RegisterChain(auditLog.LastVerified, func() bool { return auditLog.Alarm() != nil })
	if err := auditLog.CheckHead(ctx); err != nil { // before anything is written
		return nil, errors.Join(fmt.Errorf("checking the audit log: %w", err), c.close())
	}
	c.drift = drift.New(drift.Options{
		DB:            db,
		AuditLog:      auditLog,
		Directory:     c.directory,
		VendorHistory: client.Reader(),
		Logger:        logger,
		Now:           up.now,
	})
	c.lifecycle = lifecycle.New(lifecycle.Options{
		Account:   up.credentials.account(),
		AuditLog:  auditLog,
		Directory: c.directory,
		Logger:    logger,
		Now:       up.now,
	})
	auditLog.OnOutcome(c.lifecycle.OutcomeFacts, c.lifecycle.Committed)
	c.directory.OnListing(c.drift.StartCheck, c.lifecycle.StartListing)
	c.directory.OnReading(c.lifecycle.Read)
	c.directory.KnownPrincipals(c.drift.KnownPrincipals)
	c.operations = operations.New(operations.Options{
		AuditLog:       auditLog,
		Directory:      c.directory,
		Writer:         client.Writer(),
		Policy:         rules,
		ConsoleKeyID:   up.credentials.keyID,
		ReconcileAfter: cfg.ReconcileAfter,
		NoTags:         !cfg.TagDescriptions,
		RequireReason:  cfg.RequireReason,
		Exclusive:      db.TryLock,
		Processes:      db,
		Logger:         logger,
		Now:            up.now,
		Measure: operations.Measure{
			OutcomeNotSaved: appMetrics.OutcomeNotSaved,
			ReconcilePass:   appMetrics.ReconcilePass,
		},
	})
	sessions, err := session.New(session.Options{
		DB:      db,
		Keys:    cfg.SecretKeys,
		BaseURL: cfg.BaseURL,
		Idle:    cfg.SessionIdle,
		Max:     cfg.SessionMax,
		Address: handlers.ClientAddress,

		NewestEvent:   audit.NewestSeqSQL,
		RecordRefusal: handlers.RecordRefusal(auditLog),
	})
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	signIn, err := newSignIn(cfg, sessions, logger)
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	c.bulk = bulk.New(bulk.Options{
		DB:         db,
		Operations: c.operations,
		Directory:  c.directory,
		Policy:     rules,
		AuditLog:   auditLog,
		Operators:  signIn.operators,
		Logger:     logger,
	})
	var catchUp func(ctx context.Context, newest int64)
	if db.Postgres() { // only PostgreSQL can have several servers
		catchUp = func(ctx context.Context, newest int64) {
			c.lifecycle.CatchUp(c.operations.CatchUp(ctx, up.credentials.account(), newest))
		}
	}
	c.handler, err = handlers.New(handlers.Options{
		Directory:       c.directory,
		Operations:      c.operations,
		Bulk:            c.bulk,
		AuditLog:        auditLog,
		Drift:           c.drift,
		Policy:          rules,
		Sessions:        sessions,
		Identity:        signIn.identity,
		Demo:            signIn.demo,
		Provider:        signIn.provider,
		Vendor:          vendor.last,
		CatchUp:         catchUp,
		Static:          static.Handler(),
		Logger:          logger,
		Measure:         appMetrics.Request,
		Stopping:        c.stopping.Load,
		AuditCopies:     logs.auditCopies,
		Account:         up.credentials.account(),
		ConsoleKeyID:    up.credentials.keyID,
		APIURL:          up.publicURL,
		Environment:     up.environment,
		Version:         version(),
		BaseURL:         cfg.BaseURL,
		PanelLoginURL:   cfg.PanelLoginURL,
		ProxySignOutURL: cfg.ProxySignOutURL,
		TrustedProxies:  cfg.TrustedProxies,
		PrivilegedRoles: cfg.PrivilegedRoles,
		RequireReason:   cfg.RequireReason,
		Tickets:         cfg.Tickets,
		ReconcileAfter:  cfg.ReconcileAfter,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("creating the handlers: %w", err), c.close())
	}
	return c, nil
}

// close waits for the background work, saves the witness, and then closes the database.
func (c *console) close() error {
	c.background.Wait()
	c.directory.Close()
	if c.auditLog != nil {
		if err := c.auditLog.SaveWitness(); err != nil {
			c.logger.Error("the witness of the audit log cannot be written", "error", err)
		}
	}
	if err := c.db.Close(); err != nil {
		return fmt.Errorf("closing the database: %w", err)
	}
	return nil
}

// mapping converts the configured access for package policy.
func mapping(a config.Access) policy.Mapping {
	return policy.Mapping{
		Groups: map[policy.DashboardRole][]string{
			policy.Admin:   a.AdminGroups,
			policy.Editor:  a.EditorGroups,
			policy.Auditor: a.AuditorGroups,
			policy.Viewer:  a.ViewerGroups,
		},
		Operators: map[policy.DashboardRole][]string{
			policy.Admin:   a.AdminPeople,
			policy.Editor:  a.EditorPeople,
			policy.Auditor: a.AuditorPeople,
			policy.Viewer:  a.ViewerPeople,
		},
	}
}
