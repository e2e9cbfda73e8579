package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/voxwarden/voxwarden/internal/audit"
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
		"an event from the server's log, as `SEQ:MAC`; without it, missing events at the end are not detected",
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
	report, err := auditLog.Verify(ctx, known)
	if err != nil {
		return err
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
			r.Checkpoint.At.Format("2006-01-02 15:04:05Z"),
		)
	}
	fmt.Fprintf(&text, "Read %d events and %d operations.\nHead: %s\n", r.Events, r.Operations, r.Head)
	if r.Intact() {
		text.WriteString("The audit log is intact up to its head. Compare the head with the server's log.\n")
	}
	return text.String()
}
