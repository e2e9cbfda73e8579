package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os/user"
	"strings"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/store"
)

// heads is a flag that can be given several times.
type heads []audit.Head

// String implements flag.Value.
func (h *heads) String() string { return fmt.Sprint([]audit.Head(*h)) }

// Set implements flag.Value.
func (h *heads) Set(text string) error {
	head, err := audit.ParseHead(text)
	*h = append(*h, head)
	return err
}

// acceptAudit runs server audit accept: it accepts the audit log as it is after it lost events or was changed, so that
// the console writes again. The server may be running.
func acceptAudit(ctx context.Context, args, environ []string, stdout, stderr io.Writer) (err error) {
	set := flag.NewFlagSet("server audit accept", flag.ContinueOnError)
	person := set.String("by", "", "the `NAME` of the person who accepts")
	reason := set.String("reason", "", "a `TEXT`: what happened")
	var lost heads
	set.Var(&lost, "head", "a lost event from a server's log, as `SEQ:MAC`, besides that in the witness; repeatable")
	if err := parseFlags(set, args, stderr); err != nil {
		return err
	}
	if strings.TrimSpace(*person) == "" || strings.TrimSpace(*reason) == "" {
		return errors.New("set -by NAME and -reason TEXT: they are written to the audit log")
	}
	auditLog, closeDB, err := openAuditLog(ctx, environ, store.Open, stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeDB()) }()
	report, err := auditLog.Verify(ctx, nil)
	if err != nil {
		return err
	}
	notice, end, err := auditLog.AcceptLoss(ctx, lost, audit.LossAccepted{
		Command:  set.Name(),
		Person:   strings.TrimSpace(*person),
		User:     systemUser(),
		Reason:   strings.TrimSpace(*reason),
		Findings: report.ChainFindings(),
	})
	if errors.Is(err, audit.ErrNothingLost) && len(lost) == 0 {
		return fmt.Errorf("%w. If a server reports a lost event, name it: -head SEQ:MAC", err)
	}
	if err != nil {
		return err
	}
	for _, head := range notice.Lost {
		fmt.Fprintf(stdout, "Accepted: the audit log ended at event %d, and event %s is lost.\n", notice.End.Seq, head)
	}
	for _, text := range append(notice.Findings, notice.Witness) {
		if text != "" {
			fmt.Fprintf(stdout, "Accepted: %s\n", text)
		}
	}
	_, err = fmt.Fprintf(
		stdout,
		"Head: %s\nKeep the head where the database's host cannot change it. A server that runs writes again within a "+
			"minute.\n",
		end,
	)
	return err
}

// systemUser returns the user who runs the command, "" if that is not known.
func systemUser() string {
	current, err := user.Current()
	if err != nil {
		return ""
	}
	return current.Username
}
