package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/store"
)

// errVerifyFailed makes the program exit with status 1 when the audit log has problems.
var errVerifyFailed = errors.New("the audit log is not intact")

// verifyAudit runs server audit verify: it reads the whole audit log and reports all problems. The server may be
// running.
func verifyAudit(ctx context.Context, args, environ []string, stdout, stderr io.Writer) (err error) {
	set := flag.NewFlagSet("server audit verify", flag.ContinueOnError)
	asJSON := set.Bool("json", false, "write the report as JSON")
	headText := set.String(
		"head",
		"",
		"an event from the server's log, as `SEQ:MAC`; without it, the event in the witness, if there is one",
	)
	if err := parseFlags(set, args, stderr); err != nil {
		return err
	}
	var known *audit.Head
	if *headText != "" {
		head, err := audit.ParseHead(*headText)
		if err != nil {
			return fmt.Errorf("-head: %w", err)
		}
		known = &head
	}
	auditLog, closeDB, err := openAuditLog(ctx, environ, store.OpenReadOnly, stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeDB()) }()
	if witnessed, found := auditLog.KnownHead(); found && known == nil {
		known = &witnessed
	}
	report, err := auditLog.Verify(ctx, known)
	if err != nil {
		return err
	}
	if alarm := auditLog.Alarm(); alarm != nil { // the witness is not usable
		report.Warnings = append(report.Warnings, alarm.Text)
	}
	if *asJSON {
		encoder := json.NewEncoder(stdout)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(report)
	} else {
		_, err = io.WriteString(stdout, reportText(report))
	}
	if err == nil && !report.Intact() {
		err = errVerifyFailed
	}
	return err
}

// verifyDatabase reads the whole audit log of an open database with the keys of the configuration.
func verifyDatabase(ctx context.Context, db *store.DB, environ []string) (audit.Report, error) {
	cfg, err := config.ParseAudit(environ)
	if err != nil {
		return audit.Report{}, err
	}
	auditLog, err := audit.Open(db, audit.Options{
		Keys:        cfg.AuditKeys,
		EventLogger: slog.New(slog.DiscardHandler),
		Program:     version(),
	})
	if err != nil {
		return audit.Report{}, err
	}
	return auditLog.Verify(ctx, nil)
}

// verifyCopy prints the head of a backup. It verifies the audit log when AUDIT_KEY is set.
func verifyCopy(ctx context.Context, databaseURL string, environ []string, stdout io.Writer) (err error) {
	db, err := store.OpenReadOnly(ctx, databaseURL)
	if err != nil {
		return fmt.Errorf("the backup cannot be used by this version: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	report, err := verifyDatabase(ctx, db, environ)
	if problems, is := errors.AsType[*config.Problems](err); is {
		head, at, _, err := audit.ReadHead(ctx, db)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(
			stdout,
			"Head: %s, of %s. The audit log was not verified: %s\n",
			head, utc(at), strings.Join(problems.Sentences, " "),
		)
		return err
	}
	if err != nil {
		return fmt.Errorf("verifying the audit log: %w", err)
	}
	_, err = io.WriteString(stdout, reportText(report))
	if err == nil && !report.Intact() {
		err = errVerifyFailed
	}
	return err
}

// reportText returns a report as text.
func reportText(r audit.Report) string {
	var text strings.Builder
	for i, f := range r.Findings {
		if i == 0 {
			text.WriteString("First: ")
		}
		text.WriteString(f.Text + "\n")
	}
	if r.Omitted > 0 {
		fmt.Fprintf(&text, "And %d more.\n", r.Omitted)
	}
	for _, warning := range r.Warnings {
		text.WriteString("Warning: " + warning + "\n")
	}
	if r.Checkpoint != nil {
		fmt.Fprintf(
			&text,
			"The chain begins after event %d. Older events were deleted at %s.\n",
			r.Checkpoint.Seq,
			utc(r.Checkpoint.At),
		)
	}
	fmt.Fprintf(&text, "Read %d events and %d operations.\nHead: %s\n", r.Events, r.Operations, r.Head)
	if r.Intact() {
		text.WriteString("The audit log is intact up to its head. Compare the head with the server's log.\n")
	}
	return text.String()
}
