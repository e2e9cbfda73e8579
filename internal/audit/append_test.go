package audit_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

var errUnavailable = errors.New("the database is unavailable")

// The ways in which a write ends.
const (
	writeDone        = "done"
	writeLost        = "lost"        // not committed, reported as ErrUnknownCommit
	writeUnanswered  = "unanswered"  // committed, reported as ErrUnknownCommit
	writeUnavailable = "unavailable" // not committed
)

// failWrites makes the next writes of an audit log end in the given ways. All later writes succeed.
func failWrites(r *audit.Log, next ...string) {
	r.WrapWrite(func(write audit.Write) audit.Write {
		return func(ctx context.Context, fn func(*sql.Tx) error) error {
			end := writeDone
			if len(next) > 0 {
				end, next = next[0], next[1:]
			}
			switch end {
			case writeUnavailable:
				return errUnavailable
			case writeLost:
				return store.ErrUnknownCommit
			}
			err := write(ctx, fn)
			if err == nil && end == writeUnanswered {
				err = store.ErrUnknownCommit
			}
			return err
		}
	})
}

// outcomeEvents returns an event with every field set, and the operation with a new target id.
func outcomeEvents(op audit.Operation) (audit.Operation, []audit.Event) {
	op.Target.ID = "13"
	call := audit.Call{
		Method:        "AddSubUser",
		Result:        audit.Applied,
		SentAt:        noon.In(time.FixedZone("", 3600)),
		Duration:      time.Second,
		VendorMessage: "<ok>",
	}
	return op, []audit.Event{
		{Kind: audit.OutcomeEvent, At: noon.Add(time.Second + 7), Result: audit.Unknown, Calls: []audit.Call{call}},
		{
			Kind:      audit.ResolutionEvent,
			At:        noon.Add(time.Minute),
			Result:    audit.Applied,
			Confirmed: true,
			Source:    "reading",
			Note:      "seen",
			Facts:     json.RawMessage(`{ "x": "<1>" }`),
		},
	}
}

// After a commit without a reply the events exist once, in the audit log and in the log's copy, and Append returns no
// error.
func TestAppendUnknownCommit(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		for _, tc := range []struct {
			name  string
			fates []string
			tries int // until it is there
		}{
			{"committed", []string{writeUnanswered}, 1},
			{"not committed", []string{writeLost}, 1},
			{"it was done, and the database came back late", []string{writeUnanswered, writeUnavailable}, 2},
			{"it was not, and the database came back late", []string{writeLost, writeUnavailable}, 2},
			{"it was done, and looking after it was not answered", []string{writeUnanswered, writeLost}, 2},
		} {
			t.Run(tc.name, func(t *testing.T) {
				t.Parallel()
				var log bytes.Buffer
				r := openLog(
					t,
					storetest.Open(t, fresh(t)),
					audit.Options{Keys: []config.Secret{key("k")}, EventLogger: slog.New(slog.NewJSONHandler(&log, nil))},
				)
				op, events := outcomeEvents(beginWithLocks(t, r, operation("a"), "subuser/12"))
				log.Reset()
				failWrites(r, tc.fates...)
				written, err := r.Append(t.Context(), op, false, events...)
				for try := 1; try < tc.tries; try++ {
					if !errors.Is(err, store.ErrUnknownCommit) || log.Len() != 0 {
						t.Errorf("while the commit is unknown: %v, %s", err, log.String())
					}
					written, err = r.Append(t.Context(), op, false, events...)
				}
				if err != nil || written.LastSeq != 4 {
					t.Fatalf("Append: %v, event %d", err, written.LastSeq)
				}
				if read, err := r.Operation(t.Context(), "a"); err != nil || cmp.Diff(written, read) != "" {
					t.Errorf("the operation (-returned +read), %v:\n%s", err, cmp.Diff(written, read))
				}
				report := verify(t, r, nil)
				if !report.Intact() || report.Events != 4 || strings.Count(log.String(), "\n") != 2 ||
					!strings.Contains(log.String(), report.Head.MAC) {
					t.Errorf("the audit log: %+v, the copy: %s", report, log.String())
				}
				beginWithLocks(t, r, operation("b"), "subuser/12")
			})
		}
	})
}

// An event that another writer has added in the meantime is not taken for the own one.
func TestAppendUnknownCommitConflict(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		for name, change := range map[string]func([]audit.Event) []audit.Event{
			"the kind":     func(e []audit.Event) []audit.Event { e[1].Kind = audit.OutcomeEvent; return e },
			"the time":     func(e []audit.Event) []audit.Event { e[1].At = e[1].At.Add(time.Microsecond); return e },
			"the result":   func(e []audit.Event) []audit.Event { e[1].Result = audit.Refused; return e },
			"confirmed":    func(e []audit.Event) []audit.Event { e[1].Confirmed = false; return e },
			"the note":     func(e []audit.Event) []audit.Event { e[1].Note = "other"; return e },
			"fewer events": func(e []audit.Event) []audit.Event { return e[:1] },
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				r := newLog(t, fresh(t))
				op, events := outcomeEvents(beginWithLocks(t, r, operation("a")))
				_, others := outcomeEvents(op)
				others = change(others)
				if _, err := r.Append(t.Context(), op, false, others...); err != nil {
					t.Fatal(err)
				}
				failWrites(r, writeLost)
				if _, err := r.Append(t.Context(), op, false, events...); !errors.Is(err, audit.ErrConflict) ||
					errors.Is(err, store.ErrUnknownCommit) {
					t.Errorf("Append: %v", err)
				}
				if report := verify(t, r, nil); !report.Intact() || report.Events != int64(2+len(others)) {
					t.Errorf("%+v", report)
				}
			})
		}
	})
}
