package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/audit"
)

// Timeline returns the events of the audit log and the ledger's entries in the order of time, to print after a failure.
func (w *World) Timeline(t testing.TB) string {
	t.Helper()
	var lines []string
	ops, err := w.AuditLog.Operations(t.Context(), audit.Filter{Limit: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range ops {
		events, err := w.AuditLog.Events(t.Context(), op.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			line := fmt.Sprintf(
				"%s audit  %s %s/%s %s %s confirmed=%v %s",
				e.At.Format("15:04:05.000"),
				op.ID[:6],
				op.Target.ID,
				op.Target.Name,
				e.Kind,
				e.Result,
				e.Confirmed,
				e.Note,
			)
			if e.Kind == audit.IntentEvent {
				line += string(op.Intent)
			}
			for _, c := range e.Calls {
				line += fmt.Sprintf(" [%s %s %d]", c.Method, c.Result, c.Code)
			}
			lines = append(lines, line)
		}
	}
	for _, e := range w.Sim.Ledger() {
		lines = append(
			lines,
			fmt.Sprintf(
				"%s ledger %s %d %s by %.8s %v %s",
				e.Time.UTC().Format("15:04:05.000"),
				e.Method,
				e.SubuserID,
				e.Effect.Login,
				e.Actor,
				e.Params["role_id"],
				e.Params["role_name"],
			),
		)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
