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

// errVerifyFailed ends the program with 1 when verifying found something.
var errVerifyFailed = errors.New("the record is not whole")

// verifyAudit is server audit verify: it reads the whole record, also of a server that is running, and says what is
// wrong.
func verifyAudit(ctx context.Context, args, environ []string, stdout, stderr io.Writer) (err error) {
	set := flag.NewFlagSet("server audit verify", flag.ContinueOnError)
	asJSON := set.Bool("json", false, "write the report as JSON")
	headText := set.String(
		"head",
		"",
		"an event that the log knows, as `SEQ:MAC`, without which a record that was cut short looks whole",
	)
	if done, err := parseCommand(set, args, stderr); done || err != nil {
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

// reportText is a report for people.
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
			"The chain begins after event %d; what is older was taken out at %s.\n",
			r.Checkpoint.Seq,
			r.Checkpoint.At.Format("2006-01-02 15:04:05Z"),
		)
	}
	if r.BeforeChain > 0 {
		fmt.Fprintf(&text, "%d events are from before the chain and prove nothing.\n", r.BeforeChain)
	}
	fmt.Fprintf(&text, "%d events and %d operations were read.\nHead: %s\n", r.Events, r.Operations, r.Head)
	if r.Intact() {
		text.WriteString("The record is whole as far as it goes: compare its head with the log.\n")
	}
	return text.String()
}
