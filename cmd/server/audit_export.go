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

// exportAudit is server audit export: it writes what the page of the record would export, from a terminal. What is
// asked for has the names that addresses have. An export that breaks off is an error, and stdout then holds a part of
// it.
func exportAudit(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	set := flag.NewFlagSet("server audit export", flag.ContinueOnError)
	format := set.String("format", string(audit.CSV), "csv, or jsonl: an object a line, with each operation's whole story")
	filters := map[string]*string{}
	for name, about := range map[string]string{
		"actor":  "a `person`: a part of their name, e-mail or subject, or issuer|subject",
		"action": "an `action`, such as subuser.roles",
		"target": "a whole login or key name, or an `id`",
		"result": "a `result`, such as refused, or open for what is not settled",
		"from":   "the first `day`, as 2026-11-23, in UTC",
		"to":     "the last `day`",
		"q":      "a `text` in reasons and names; of the last 90 days, unless -from says otherwise",
	} {
		filters[name] = set.String(name, "", about)
	}
	if done, err := parseCommand(set, args, stderr); done || err != nil {
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
	key, err := parseCredentialsFile(cfg.CredentialsFile)
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

// searchProblems is what is wrong with the flags of a search, one line each.
func searchProblems(problems map[string]string) error {
	var lines []string
	for name, text := range problems {
		lines = append(lines, "-"+name+": "+text)
	}
	slices.Sort(lines)
	return errors.New(strings.Join(lines, "\n"))
}
