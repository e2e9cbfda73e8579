package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/handlers"
	"github.com/voxwarden/voxwarden/internal/store"
)

// exportAudit runs server audit export: it writes the same export as the page "Audit log". The filters have the names
// of the page's query parameters. If the export fails in the middle, stdout contains a part of it.
func exportAudit(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	set := flag.NewFlagSet("server audit export", flag.ContinueOnError)
	format := set.String("format", string(audit.CSV), "csv, or jsonl: one operation with all its events per line")
	filters := map[string]*string{}
	for name, usage := range map[string]string{
		"actor":  "the `operator`: a part of the name, e-mail address or subject, or issuer|subject",
		"action": "the `action`, such as subuser.roles",
		"target": "the `id` of a subuser or key, or the whole login or key name",
		"result": "the `result`, such as refused, or open for operations without a result",
		"role":   "the `id` of a role that is granted or revoked, or lost with a deleted target",
		"change": "the `change` of roles: granted, revoked or lost",
		"bulk":   "the `id` of a bulk change",
		"from":   "the first `day`, such as 2026-11-23, in UTC",
		"to":     "the last `day`",
		"q":      "a `text` in reasons and names, in the last 90 days unless -from is set",
	} {
		filters[name] = set.String(name, "", usage)
	}
	if err := parseFlags(set, args, stderr); err != nil {
		return err
	}
	search, problems, _ := audit.ParseSearch(func(name string) string { return *filters[name] }, time.Now())
	if len(problems) > 0 {
		return searchProblems(problems)
	}
	cfg, err := config.Parse(environ)
	if err != nil {
		return err
	}
	key, _, err := parseCredentialsFile(cfg.CredentialsFile)
	if err != nil {
		return err
	}
	search.Account = key.AccountID
	db, err := store.Open(ctx, cfg.Database.Reveal())
	if err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	auditLog, err := audit.Open(db, audit.Options{Keys: cfg.AuditKeys})
	if err != nil {
		return errors.Join(err, db.Close())
	}
	out := bufio.NewWriterSize(stdout, 64<<10)
	err = handlers.AuditExporter().Export(ctx, auditLog, search, audit.Format(*format), out, func() error { return nil })
	return errors.Join(err, out.Flush(), db.Close())
}

// searchProblems returns the problems of the filters as one error, one line per flag.
func searchProblems(problems map[string]string) error {
	var lines []string
	for name, text := range problems {
		lines = append(lines, "-"+name+": "+text)
	}
	slices.Sort(lines)
	return errors.New(strings.Join(lines, "\n"))
}
