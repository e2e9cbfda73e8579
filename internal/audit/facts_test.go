package audit_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// factsAccount is the account of operation().
const factsAccount = 7

func fact(subuser, name string, at int64) audit.FactRow {
	return audit.FactRow{Ref: access.Ref{Kind: access.Subuser, ID: subuser}, Fact: name, At: at}
}

func ownerFact(key, login string, at int64) audit.FactRow {
	return audit.FactRow{Ref: access.Ref{Kind: access.Key, ID: key}, Fact: audit.OwnerFact, At: at, Value: login}
}

func addFacts(t testing.TB, r *audit.Log, rows ...audit.FactRow) {
	t.Helper()
	if err := r.Write(t.Context(), func(tx *audit.Tx) error {
		return tx.AddFacts(t.Context(), factsAccount, rows, noon.Add(3*time.Hour))
	}); err != nil {
		t.Fatal(err)
	}
}

// proveFacts returns the facts as text, by principal and fact.
func proveFacts(ctx context.Context, r *audit.Log) (string, error) {
	var p *audit.FactsProof
	err := r.Snapshot(ctx, func(tx *sql.Tx) (err error) {
		p, err = r.ProveFacts(ctx, tx, factsAccount)
		return err
	})
	if err != nil {
		return "", err
	}
	return factsText(p), nil
}

func factsText(p *audit.FactsProof) string {
	var lines []string
	for _, ref := range p.Principals() {
		for _, row := range p.Facts(ref) {
			lines = append(lines, strings.TrimSpace(fmt.Sprint(row.ID, " ", row.Fact, " ", row.At, " ", row.Value)))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "; ")
}

func requireFacts(t testing.TB, r *audit.Log, want string) {
	t.Helper()
	if got, err := proveFacts(t.Context(), r); err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

// factsLog returns an audit log with the key k, a clock at noon, and facts of two events, 2 and 4.
func factsLog(t testing.TB, url string) (*store.DB, *audit.Log) {
	t.Helper()
	db := storetest.Open(t, url)
	r := openLog(t, db, audit.Options{Keys: []config.Secret{key("k")}, Now: func() time.Time { return noon }})
	addFacts(t, r, fact("12", audit.FirstSeenFact, 1), fact("13", audit.FirstSeenFact, 1), ownerFact("k1", "anna", 1))
	if err := r.Note(t.Context(), audit.SignedOut{}); err != nil {
		t.Fatal(err)
	}
	addFacts(t, r, ownerFact("k1", "bob", 2), fact("13", audit.GoneFact, 2))
	return db, r
}

func TestNewestFactCounts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		_, r := factsLog(t, url)
		requireFacts(t, r, "12 first_seen 1; 13 first_seen 1; 13 gone 2; k1 owner 2 bob")
		if report := verify(t, r, nil); !report.Intact() {
			t.Errorf("got %+v", report.Findings)
		}
	})
}

// A proof that is kept reads only later events, and finds what changed.
func TestFactsProofIsRefreshed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db, r := factsLog(t, url)
		p, err := r.ProveFacts(t.Context(), db.SQL(), factsAccount)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Note(t.Context(), audit.SignedOut{}); err != nil {
			t.Fatal(err)
		}
		if changed, err := p.Refresh(t.Context(), db.SQL()); err != nil || len(changed) != 0 {
			t.Errorf("another event changed %v, %v", changed, err)
		}
		addFacts(t, r, fact("14", audit.FirstSeenFact, 3))
		changed, err := p.Refresh(t.Context(), db.SQL())
		if err != nil || len(changed) != 1 || changed[0].ID != "14" {
			t.Errorf("changed %v, %v", changed, err)
		}
		want := "12 first_seen 1; 13 first_seen 1; 13 gone 2; 14 first_seen 3; k1 owner 2 bob"
		if got := factsText(p); got != want {
			t.Errorf("got %q", got)
		}
		deleted, err := r.ResetFacts(t.Context(), "a test")
		if err != nil || deleted != 6 {
			t.Fatalf("deleted %d, %v", deleted, err)
		}
		if changed, err := p.Refresh(t.Context(), db.SQL()); err != nil || len(changed) != 4 || factsText(p) != "" {
			t.Errorf("after the reset: %q, changed %v, %v", factsText(p), changed, err)
		}
		addFacts(t, r, fact("12", audit.FirstSeenFact, 4))
		requireFacts(t, r, "12 first_seen 4")
		if report := verify(t, r, nil); !report.Intact() {
			t.Errorf("after the reset: %+v", report.Findings)
		}
	})
}

// TestChangedFactsAreNotUsed changes the rows and their events in the database.
func TestChangedFactsAreNotUsed(t *testing.T) {
	t.Parallel()
	copied := func(seq string) string {
		return `INSERT INTO facts SELECT account, kind, '99', fact, at, value, ` + seq + ` FROM facts WHERE id = '12'`
	}
	const toEve = `UPDATE facts SET value = 'eve' WHERE value = 'bob'`
	attacks := map[string][]string{
		"another time":           {`UPDATE facts SET at = 9 WHERE id = '12'`},
		"another owner":          {toEve},
		"the newest deleted":     {`DELETE FROM facts WHERE seq = 4`},
		"one deleted":            {`DELETE FROM facts WHERE id = '12'`},
		"all deleted":            {`DELETE FROM facts`},
		"an old one as newest":   {`DELETE FROM facts WHERE value = 'bob'`, `UPDATE facts SET seq = 4 WHERE value = 'anna'`},
		"one forged":             {copied(`seq`)},
		"one with another event": {copied(`3`)},
		"another account":        {`UPDATE facts SET account = 8 WHERE id = '12'`},
		"the last event deleted": {`DELETE FROM facts WHERE seq = 4`, `DELETE FROM events WHERE seq = 4`},
		"an event deleted":       {`DELETE FROM facts WHERE seq = 2`, `DELETE FROM events WHERE seq = 2`},
		"an event changed":       {toEve, `UPDATE events SET body = replace(body, '"facts":2', '"facts":3') WHERE seq = 4`},
		"a later event deleted":  {`DELETE FROM events WHERE seq = 5`},
	}
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		for name, statements := range attacks {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				db, r := factsLog(t, fresh(t))
				for range 2 {
					if err := r.Note(t.Context(), audit.SignedOut{}); err != nil {
						t.Fatal(err)
					}
				}
				tamper(t, db, statements...)
				got, err := proveFacts(t.Context(), r)
				if _, is := errors.AsType[*audit.Mismatch](err); !is {
					t.Errorf("proved %q, %v", got, err)
				}
				if verify(t, r, nil).Intact() {
					t.Error("verify found nothing")
				}
			})
		}
	})
}

// Pruning sets the facts of living principals again, and deletes those of deleted ones.
func TestPruneKeepsLivingFacts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db, r := factsLog(t, url)
		p, err := r.ProveFacts(t.Context(), db.SQL(), factsAccount)
		if err != nil {
			t.Fatal(err)
		}
		if done := prune(t, r, noon.Add(24*time.Hour)); done.Events != 4 {
			t.Fatalf("pruned %+v", done)
		}
		requireFacts(t, r, "12 first_seen 1; k1 owner 2 bob")
		if report := verify(t, r, nil); !report.Intact() {
			t.Errorf("after pruning: %+v", report.Findings)
		}
		var rows int
		if err := db.SQL().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM facts`).Scan(&rows); err != nil || rows != 2 {
			t.Errorf("%d rows, %v", rows, err)
		}
		if _, err := p.Refresh(t.Context(), db.SQL()); err == nil {
			t.Error("a proof from before goes on")
		}
		addFacts(t, r, fact("12", audit.GoneFact, 3))
		prune(t, r, noon.Add(24*time.Hour))
		requireFacts(t, r, "k1 owner 2 bob")
		addFacts(t, r, ownerFact("k1", "anna", 4))
		requireFacts(t, r, "k1 owner 4 anna")
		if report := verify(t, r, nil); !report.Intact() {
			t.Errorf("after pruning twice: %+v", report.Findings)
		}
	})
}

// Pruning does not make rows trusted that do not agree with their events.
func TestPruneDoesNotKeepChangedFacts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db, r := factsLog(t, url)
		tamper(t, db, `UPDATE facts SET value = 'eve' WHERE value = 'bob'`)
		prune(t, r, noon.Add(24*time.Hour))
		if got, err := proveFacts(t.Context(), r); err == nil {
			t.Errorf("proved %q", got)
		}
		if verify(t, r, nil).Intact() {
			t.Error("verify found nothing")
		}
	})
}

// The facts of an outcome are written with it, or not at all.
func TestOutcomeSetsFacts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		r := openLog(t, storetest.Open(t, url), audit.Options{Keys: []config.Secret{key("k")}})
		var (
			failed    error
			committed int
		)
		r.OnOutcome(func(_ context.Context, _ audit.Querier, op audit.Operation) ([]audit.FactRow, error) {
			if op.Result != audit.Applied {
				return nil, nil
			}
			return []audit.FactRow{fact(op.Target.ID, audit.CreatedFact, op.CreatedAt.UnixMicro())}, failed
		}, func(context.Context) { committed++ })
		op := begin(t, r, operation("a"))
		failed = errors.New("no facts")
		outcome := audit.Event{Kind: audit.OutcomeEvent, At: noon, Result: audit.Applied, Confirmed: true}
		if _, err := r.Append(t.Context(), op, false, outcome); !errors.Is(err, failed) || committed != 0 {
			t.Errorf("got %v, committed %d times", err, committed)
		}
		requireFacts(t, r, "")
		failed = nil
		written, err := r.Append(t.Context(), op, false, outcome)
		if err != nil || written.LastSeq != 3 || committed != 1 {
			t.Errorf("got %+v, %v, committed %d times", written, err, committed)
		}
		requireFacts(t, r, fmt.Sprintf("%s created %d", op.Target.ID, op.CreatedAt.UnixMicro()))
		if stored, err := r.Operation(t.Context(), "a"); err != nil || stored.LastSeq != 3 {
			t.Errorf("stored %+v, %v", stored, err)
		}
		if report := verify(t, r, nil); !report.Intact() {
			t.Errorf("got %+v", report.Findings)
		}
	})
}
