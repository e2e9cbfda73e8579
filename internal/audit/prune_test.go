package audit_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

func prune(t testing.TB, r *audit.Log, before time.Time) audit.Pruned {
	t.Helper()
	done, err := r.Prune(t.Context(), before, "a test")
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func TestPrune(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db, r := filledLog(t, url)
		known := verify(t, r, nil).Head
		if done := prune(t, r, noon); done.Events != 0 {
			t.Fatalf("newer events were pruned: %+v", done)
		}
		done := prune(t, r, noon.Add(2*time.Minute))
		if done.Events != 5 || done.Operations != 2 || done.Checkpoint.Seq != 5 {
			t.Fatalf("got %+v", done)
		}
		report := verify(t, r, &known)
		if !report.Intact() || report.Events != 4 || report.Operations != 1 || report.Checkpoint == nil ||
			report.Checkpoint.Seq != 5 {
			t.Errorf("after pruning: %+v", report)
		}
		if prune(t, r, noon.Add(24*time.Hour)).Events != 4 {
			t.Error("not all events were pruned")
		}
		if err := r.Note(t.Context(), audit.SignedOut{}); err != nil {
			t.Fatal(err)
		}
		if report := verify(t, r, nil); !report.Intact() || report.Head.Seq != 11 || report.Events != 2 {
			t.Errorf("an event directly after a checkpoint: %+v", report)
		}
		tamper(t, db, `DELETE FROM checkpoints WHERE seq = 9`)
		if report := verify(t, r, nil); report.Intact() || report.Findings[0].Problem != audit.Missing {
			t.Errorf("without the newest checkpoint: %+v", report.Findings)
		}
	})
}

// A checkpoint with a key that the server does not list would break the chain.
func TestPruneRefusesUnknownKey(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db, r := filledLog(t, url)
		mistaken := openLog(t, db, audit.Options{Keys: []config.Secret{key("x")}})
		if _, err := mistaken.Prune(t.Context(), noon.Add(2*time.Minute), "a test"); !errors.Is(err, audit.ErrOtherKey) {
			t.Errorf("with another key: %v", err)
		}
		if report := verify(t, r, nil); !report.Intact() || report.Events != 8 || report.Checkpoint != nil {
			t.Errorf("after pruning: %+v", report)
		}
		rotated := openLog(t, db, audit.Options{Keys: []config.Secret{key("x"), key("k")}})
		if done := prune(t, rotated, noon.Add(2*time.Minute)); done.Events != 5 {
			t.Errorf("with a new key and the old one: %+v", done)
		}
		if report := verify(t, rotated, nil); !report.Intact() {
			t.Errorf("after pruning: %+v", report)
		}
	})
}

// Events are pruned only together with the event that records it.
func TestPruneWritesEvent(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db, _ := filledLog(t, url)
		var log bytes.Buffer
		r := openLog(t, db, audit.Options{
			Keys: []config.Secret{
				key("k"),
			},
			EventLogger: slog.New(slog.NewJSONHandler(&log, nil)),
			Program:     "v1",
			Now:         func() time.Time { return noon.Add(2 * time.Hour) },
		})
		prune(t, r, noon)
		if log.Len() != 0 {
			t.Errorf("pruning nothing wrote %s", log.String())
		}
		prune(t, r, noon.Add(2*time.Minute))
		var line struct {
			Seq       int64
			Kind      string
			Operation string
			At        time.Time
			MAC       string
			Body      audit.LogPruned
		}
		if err := json.Unmarshal(log.Bytes(), &line); err != nil {
			t.Fatalf("the copy has %q: %v", log.String(), err)
		}
		want := audit.LogPruned{
			Command:    "a test",
			Before:     noon.Add(2 * time.Minute),
			LastSeq:    5,
			Events:     5,
			Operations: 2,
			Program:    "v1",
		}
		if line.Body != want || line.Seq != 9 || line.Kind != "prune" || line.Operation != "" ||
			!line.At.Equal(noon.Add(2*time.Hour)) {
			t.Errorf("the copy has %+v", line)
		}
		before := verify(t, r, &audit.Head{Seq: 9, MAC: line.MAC})
		if !before.Intact() || before.Head.MAC != line.MAC {
			t.Errorf("%+v", before)
		}
		log.Reset()
		storetest.RefuseWrites(t, db, "INSERT", "events")
		if _, err := r.Prune(t.Context(), noon.Add(time.Hour), "a test"); err == nil || log.Len() != 0 {
			t.Errorf("when the event cannot be written: %v, %s", err, log.String())
		}
		if diff := cmp.Diff(before, verify(t, r, nil), cmpopts.IgnoreUnexported(audit.Checkpoint{})); diff != "" {
			t.Errorf("when the event cannot be written (-before +after):\n%s", diff)
		}
	})
}

func TestPruneKeepsWholeOperations(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		r := newLog(t, url)
		first := operation("a")
		first = begin(t, r, first) // 2, and it goes on after the second
		finish(t, r, begin(t, r, operation("b")))
		late := begin(t, r, operation("c")) // 5
		finish(t, r, first)                 // 6
		if done := prune(t, r, noon.Add(time.Hour)); done.Events != 0 {
			t.Fatalf("some of the events of a or c were pruned: %+v", done)
		}
		finish(t, r, late)
		if done := prune(t, r, noon.Add(time.Hour)); done.Events != 7 || done.Operations != 3 {
			t.Errorf("after all are closed: %+v", done)
		}
	})
}

func TestTriggersProtectNewestCheckpoint(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db, r := filledLog(t, url)
		prune(t, r, noon.Add(2*time.Minute))
		for _, statement := range []string{
			`DELETE FROM events WHERE seq = 6`,
			`DELETE FROM checkpoints`,
			`UPDATE checkpoints SET seq = 8`,
		} {
			expectRefused(t, db, statement)
		}
	})
}
