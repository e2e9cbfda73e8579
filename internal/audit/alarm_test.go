package audit_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// watchedLog opens an audit log as a process of its own does, with the key k. witness may be "".
func watchedLog(t testing.TB, db *store.DB, witness string) *audit.Log {
	t.Helper()
	r, err := audit.Open(db, audit.Options{Keys: []config.Secret{key("k")}, Witness: witness})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// filledWithWitness returns filledLog, and a witness with its newest event.
func filledWithWitness(t testing.TB, url string) (db *store.DB, witness string) {
	t.Helper()
	db, r := filledLog(t, url)
	witness = filepath.Join(t.TempDir(), "witness")
	head, _ := r.KnownHead()
	if err := audit.WriteWitness(witness, []config.Secret{key("k")}, head); err != nil {
		t.Fatal(err)
	}
	return db, witness
}

func checkHead(t testing.TB, r *audit.Log) *audit.Alarm {
	t.Helper()
	if err := r.CheckHead(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r.Alarm()
}

func note(r *audit.Log) error { return r.Note(context.Background(), audit.SignedOut{}) }

// cutTail deletes events with all rows that they set.
var cutTail = []string{
	`DELETE FROM events WHERE seq > 5`,
	`DELETE FROM operation_roles WHERE operation_id = 'c'`,
	`DELETE FROM operation_targets WHERE operation_id = 'c'`,
	`DELETE FROM operations WHERE id = 'c'`,
}

// A process, and one that knows only the witness, write nothing after the newest events were deleted. They go on when
// the events are back.
func TestLostEventsStopWriting(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db, witness := filledWithWitness(t, url)
		running, noticing, started := watchedLog(t, db, ""), watchedLog(t, db, ""), watchedLog(t, db, witness)
		for _, r := range []*audit.Log{running, noticing} {
			if alarm := checkHead(t, r); alarm != nil {
				t.Fatal(alarm)
			}
		}
		tamper(t, db, append([]string{`CREATE TABLE kept AS SELECT * FROM events`}, cutTail...)...)
		if err := note(running); !isAlarm(err, audit.LostEvents) {
			t.Errorf("a write of a running process: %v", err)
		}
		for name, r := range map[string]*audit.Log{"running": noticing, "started": started} {
			alarm := checkHead(t, r)
			if alarm == nil || alarm.Problem != audit.LostEvents || alarm.Head.Seq != 8 ||
				!strings.Contains(alarm.Error(), "ends at event 5, but it had event 8") ||
				!strings.Contains(alarm.Error(), "server audit verify -head 8:") {
				t.Errorf("%s: %v", name, alarm)
			}
			if err := note(r); !isAlarm(err, audit.LostEvents) {
				t.Errorf("%s: a write: %v", name, err)
			}
		}
		if report := verify(t, running, nil); report.Head.Seq != 5 {
			t.Errorf("events were written: the audit log ends at %s", report.Head)
		}
		tamper(t, db, `DELETE FROM events`, `INSERT INTO events SELECT * FROM kept`)
		for _, r := range []*audit.Log{running, noticing, started} {
			if alarm := checkHead(t, r); alarm != nil {
				t.Errorf("the events are back: %v", alarm)
			}
			if err := note(r); err != nil {
				t.Error(err)
			}
		}
	})
}

func isAlarm(err error, problem audit.AlarmProblem) bool {
	alarm, ok := errors.AsType[*audit.Alarm](err)
	return ok && alarm.Problem == problem
}

// Another database with the same key is not the one that the witness knows, also when it has more events.
func TestReplacedDatabaseIsNoticed(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		_, witness := filledWithWitness(t, fresh(t))
		other, r := filledLog(t, fresh(t))
		for range 3 {
			if err := note(r); err != nil {
				t.Fatal(err)
			}
		}
		started := watchedLog(t, other, witness)
		if alarm := checkHead(t, started); alarm == nil || !strings.Contains(alarm.Text, "Event 8 of the audit log is not") {
			t.Errorf("got %v", alarm)
		}
	})
}

// A failover leads the same address to a database that lacks what the process itself has written.
func TestFailoverIsNoticed(t *testing.T) {
	t.Parallel()
	server := storetest.NewServer(t)
	url := server.Database(t)
	_, rest, _ := strings.Cut(url, "@/")
	name, _, _ := strings.Cut(rest, "?")
	_, r := filledLog(t, url)
	disconnect := `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '` + name + `'`
	server.Admin(t, disconnect)
	server.Admin(t, `CREATE DATABASE standby TEMPLATE `+name)
	if err := note(r); err != nil {
		t.Fatal(err)
	}
	server.Admin(t, disconnect)
	server.Admin(t, `ALTER DATABASE `+name+` RENAME TO lost`)
	server.Admin(t, `ALTER DATABASE standby RENAME TO `+name)
	if err := note(r); !isAlarm(err, audit.LostEvents) {
		t.Errorf("after the failover: %v", err)
	}
}

// Two replicas that write at once, pruning of everything old by a third, clocks that are set back, and a database that
// does not respond raise no alarm.
func TestNoFalseAlarms(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db, witness := filledWithWitness(t, url)
		clock := noon
		replicas := []*audit.Log{watchedLog(t, db, witness), watchedLog(t, storetest.Open(t, url), "")}
		back, err := audit.Open(db, audit.Options{
			Keys: []config.Secret{key("k")},
			Now:  func() time.Time { clock = clock.Add(-time.Hour); return clock },
		})
		if err != nil {
			t.Fatal(err)
		}
		var writers sync.WaitGroup
		for _, r := range replicas {
			writers.Go(func() {
				for range 30 {
					if err := note(r); err != nil {
						t.Error(err)
					}
				}
			})
			writers.Go(func() {
				for range 30 {
					if err := r.CheckHead(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
			writers.Go(func() {
				for whole := range 6 {
					if err := r.VerifyChain(t.Context(), whole%2 == 0); isAlarm(err, audit.BrokenChain) {
						t.Error(err)
					}
				}
			})
		}
		writers.Go(func() {
			for range 5 {
				if err := note(back); err != nil {
					t.Error(err)
				}
			}
		})
		writers.Go(func() {
			if _, err := watchedLog(t, db, "").Prune(t.Context(), time.Now().AddDate(1, 0, 0), "a test"); err != nil {
				t.Error(err)
			}
		})
		writers.Wait()
		if _, err := watchedLog(t, db, "").Prune(t.Context(), time.Now().AddDate(1, 0, 0), "a test"); err != nil {
			t.Error(err)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		for i, r := range append(replicas, back, watchedLog(t, db, witness)) {
			if err := r.CheckHead(ended); err == nil {
				t.Errorf("replica %d: the database was read", i)
			}
			if alarm := checkHead(t, r); alarm != nil {
				t.Errorf("replica %d: %v", i, alarm)
			}
			if err := r.VerifyChain(t.Context(), true); err != nil {
				t.Errorf("replica %d: %v", i, err)
			}
		}
	})
}

// An acceptance counts for the lost event that it names, and not for a later loss.
func TestAcceptLoss(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db, witness := filledWithWitness(t, url)
		running, other := watchedLog(t, db, ""), watchedLog(t, db, "")
		checkHead(t, running)
		checkHead(t, other)
		accepting := watchedLog(t, db, witness)
		n := audit.LossAccepted{Command: "a test", Person: "Anna", Reason: "a failover"}
		known, _ := running.KnownHead()
		if _, _, err := accepting.AcceptLoss(t.Context(), nil, n); !errors.Is(err, audit.ErrNothingLost) {
			t.Errorf("nothing is lost: %v", err)
		}
		if _, _, err := accepting.AcceptLoss(t.Context(), []audit.Head{known}, n); err == nil {
			t.Error("an event that is not lost was accepted as lost")
		}
		tamper(t, db, cutTail...)
		written, end, err := accepting.AcceptLoss(t.Context(), nil, n)
		if err != nil || len(written.Lost) != 1 || written.Lost[0] != known || written.End.Seq != 5 || end.Seq != 6 {
			t.Fatalf("got %+v, %s, %v", written, end, err)
		}
		for _, r := range []*audit.Log{running, watchedLog(t, db, witness)} {
			if alarm := checkHead(t, r); alarm != nil {
				t.Errorf("after accepting: %v", alarm)
			}
			if err := note(r); err != nil {
				t.Error(err)
			}
		}
		report := verify(t, running, nil)
		if !report.Intact() || len(report.Warnings) != 1 || !strings.Contains(report.Warnings[0], "accepted by Anna") {
			t.Errorf("verify: %+v", report)
		}
		if err := note(other); err != nil { // it learns of the acceptance when it writes
			t.Error(err)
		}
		checkHead(t, running) // learns the events of the others
		tamper(t, db, `DELETE FROM events WHERE seq > 7`)
		for name, r := range map[string]*audit.Log{"running": running, "other": other} {
			if alarm := checkHead(t, r); alarm == nil {
				t.Errorf("%s: an old acceptance covers a later loss", name)
			}
		}
	})
}

// A witness that is missing, damaged, changed or sealed with another key stops writing, and accepting makes a new one.
func TestWitnessThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db, witness := filledWithWitness(t, url)
		good, err := os.ReadFile(witness)
		if err != nil {
			t.Fatal(err)
		}
		write := func(content string) {
			if err := os.WriteFile(witness, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for name, content := range map[string]string{
			"empty":   "",
			"cut":     string(good[:40]),
			"changed": strings.Replace(string(good), `"seq":8`, `"seq":5`, 1),
			"schema":  strings.Replace(string(good), `"schema":1`, `"schema":2`, 1),
			"key":     strings.Replace(string(good), `"key_id":"`, `"key_id":"x`, 1),
		} {
			write(content)
			r := watchedLog(t, db, witness)
			if alarm := checkHead(t, r); alarm == nil || alarm.Problem != audit.NoWitness ||
				!strings.Contains(alarm.Text, witness) || !isAlarm(note(r), audit.NoWitness) {
				t.Errorf("%s: %v", name, alarm)
			}
			write(string(good))
			if alarm := checkHead(t, r); alarm != nil {
				t.Errorf("%s: the witness is back: %v", name, alarm)
			}
		}
		if err := os.Remove(witness); err != nil {
			t.Fatal(err)
		}
		r := watchedLog(t, db, witness)
		if alarm := checkHead(t, r); (alarm == nil) != db.Postgres() {
			t.Fatalf("missing: %v", alarm)
		}
		n := audit.LossAccepted{Person: "Anna", Reason: "a new volume"}
		if !db.Postgres() {
			if _, _, err := watchedLog(t, db, witness).AcceptLoss(t.Context(), nil, n); err != nil {
				t.Fatal(err)
			}
		}
		if alarm := checkHead(t, r); alarm != nil || note(r) != nil || r.SaveWitness() != nil {
			t.Errorf("accepted: %v", alarm)
		}
		if alarm := checkHead(t, watchedLog(t, db, witness)); alarm != nil {
			t.Errorf("the witness that was written: %v", alarm)
		}
	})
}

// The verification names the event that was changed, and what is after an acceptance is verified again.
func TestVerifyChain(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ change, want string }{
		"changed": {`UPDATE events SET result = 'refused' WHERE seq = 3`, "Event 3, or an event before it, was changed."},
		"missing": {`DELETE FROM events WHERE seq = 3`, "1 events are missing before event 4."},
		"start":   {`DELETE FROM events WHERE seq <= 2`, "Event 1 is missing."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, url string) {
				db, witness := filledWithWitness(t, url)
				r := watchedLog(t, db, witness)
				if err := r.VerifyChain(t.Context(), false); err != nil || r.LastVerified().IsZero() {
					t.Fatal(err)
				}
				if err := r.SaveWitness(); err != nil {
					t.Fatal(err)
				}
				tamper(t, db, tc.change)
				started := watchedLog(t, db, witness)
				if at := started.LastVerified(); !at.Equal(r.LastVerified()) {
					t.Errorf("the witness has another time: %s", at)
				}
				if err := started.VerifyChain(t.Context(), false); err != nil {
					t.Errorf("the events were verified before: %v", err)
				}
				for _, r := range []*audit.Log{started, watchedLog(t, db, "")} {
					err := r.VerifyChain(t.Context(), true)
					if !isAlarm(err, audit.BrokenChain) || r.Alarm().Text != tc.want || !isAlarm(note(r), audit.BrokenChain) {
						t.Errorf("got %v, want %q", err, tc.want)
					}
				}
				findings := verify(t, r, nil).ChainFindings()
				n := audit.LossAccepted{Person: "Anna", Reason: "looked at it", Findings: findings}
				if _, _, err := watchedLog(t, db, witness).AcceptLoss(t.Context(), nil, n); err != nil {
					t.Fatal(err)
				}
				for whole := range 2 {
					if err := started.VerifyChain(t.Context(), whole == 1); err != nil || started.Alarm() != nil {
						t.Errorf("after accepting: %v, %v", err, started.Alarm())
					}
				}
				if err := note(started); err != nil {
					t.Error(err)
				}
				tamper(t, db, `UPDATE events SET body = '{}' WHERE seq = 10`)
				if err := started.VerifyChain(t.Context(), true); !isAlarm(err, audit.BrokenChain) ||
					!strings.HasPrefix(started.Alarm().Text, "Event 10") {
					t.Errorf("after the acceptance: %v", err)
				}
			})
		})
	}
}

// A chain of more events than one part is verified to its end, also when all events of a part are missing.
func TestVerifyChainInParts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db, witness := filledWithWitness(t, url)
		r := watchedLog(t, db, witness)
		if err := r.Write(t.Context(), func(tx *audit.Tx) error {
			for range 5000 {
				if _, err := tx.Add(t.Context(), "", audit.SignedOut{}, noon); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := r.VerifyChain(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		for from, to := range map[int]int{2001: 4100, 4600: 4700} {
			tamper(t, db, fmt.Sprintf(`DELETE FROM events WHERE seq BETWEEN %d AND %d`, from, to))
		}
		if err := r.VerifyChain(t.Context(), true); !isAlarm(err, audit.BrokenChain) ||
			!strings.Contains(r.Alarm().Text, "Event 2001 is missing") {
			t.Errorf("got %v", err)
		}
	})
}
