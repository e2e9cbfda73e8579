package audit_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

func TestRepeatedRefusalsAreRateLimited(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db, now := storetest.Open(t, url), noon
		var log bytes.Buffer
		r := openLog(t, db, audit.Options{
			Now:         func() time.Time { return now },
			EventLogger: slog.New(slog.NewJSONHandler(&log, nil)),
		})
		refuse := func(address string) {
			if err := r.Note(t.Context(), audit.SignInRefused{Address: address, Reason: "no"}); err != nil {
				t.Fatal(err)
			}
		}
		for range 100 {
			refuse("192.0.2.1")
		}
		refuse("192.0.2.2")
		if got := verify(t, r, nil).Events - 1; got != 11 {
			t.Errorf("%d events of 101 refusals", got)
		}
		now = now.Add(time.Minute)
		refuse("192.0.2.1")
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		if last := lines[len(lines)-1]; !strings.Contains(last, `"more":90`) {
			t.Errorf("the next event has not the number of omitted ones: %s", last)
		}
	})
}

func TestEventLoggerMatchesLog(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		var log bytes.Buffer
		r := openLog(t, storetest.Open(t, url), audit.Options{EventLogger: slog.New(slog.NewJSONHandler(&log, nil))})
		finish(t, r, begin(t, r, operation("a")))
		if _, err := r.Begin(t.Context(), operation("a"), audit.Guard{}); err == nil {
			t.Fatal("an id was accepted twice")
		}
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		if len(lines) != 3 || !strings.Contains(lines[0], `"kind":"genesis"`) {
			t.Fatalf("%d lines for two events after the genesis event: %s", len(lines), log.String())
		}
		var line struct {
			Msg       string          `json:"msg"`
			Schema    int             `json:"schema"`
			Seq       int64           `json:"seq"`
			Kind      string          `json:"kind"`
			Operation string          `json:"operation"`
			At        time.Time       `json:"at"`
			MAC       string          `json:"mac"`
			Body      json.RawMessage `json:"body"`
		}
		if err := json.Unmarshal([]byte(lines[2]), &line); err != nil {
			t.Fatal(err)
		}
		head := verify(t, r, nil).Head
		if line.Msg != "record" || line.Schema != 1 || line.Kind != "outcome" || line.Operation != "a" ||
			!line.At.Equal(noon.Add(time.Second)) ||
			line.MAC != head.MAC ||
			line.Seq != head.Seq ||
			!json.Valid(line.Body) {
			t.Errorf("got %s, want the line of the head %s", lines[2], head)
		}
	})
}

func TestConcurrentWritersShareChain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		var group sync.WaitGroup
		for range 4 {
			r := openLog(t, db, audit.Options{Keys: []config.Secret{key("k")}})
			group.Go(func() {
				for range 20 {
					if err := r.Note(t.Context(), audit.SignedOut{}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		if report := verify(t, openLog(t, db, audit.Options{Keys: []config.Secret{key("k")}}), nil); !report.Intact() ||
			report.Head.Seq != 81 {
			t.Errorf("got %+v", report)
		}
	})
}
