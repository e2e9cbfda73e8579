package audit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// recorded are the events of refusals that a test wrote.
type recorded struct {
	refused   int            // sign_in_refused
	addresses map[string]int // of them
	denied    int
	omitted   int // in fields of refusals, and in events of their own
	counting  int // events of their own
}

// read reads the copy of the events.
func readRefusals(t *testing.T, log string) recorded {
	t.Helper()
	seen := recorded{addresses: map[string]int{}}
	for line := range strings.Lines(log) {
		var event struct {
			Kind string
			Body struct {
				Address string
				More    int
				Count   int
			}
		}
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatal(err)
		}
		seen.omitted += event.Body.More
		switch event.Kind {
		case "sign_in_refused":
			seen.refused++
			seen.addresses[event.Body.Address]++
		case "denied":
			seen.denied++
		case "refusals_omitted":
			seen.counting++
			seen.omitted += event.Body.Count
		}
	}
	return seen
}

// Strangers cannot fill the chain: the numbers of events for 10,000 refused sign-ins in a minute. Each omitted one is
// counted once.
func TestFloodsOfRefusedSignIns(t *testing.T) {
	t.Parallel()
	const flood = 10_000
	for _, tc := range []struct {
		name    string
		address func(n int) string
		want    int
	}{
		{"one IPv4 address", func(int) string { return "192.0.2.1" }, 10},
		{"one IPv4 address as IPv6", func(n int) string { return []string{"192.0.2.1", "::ffff:192.0.2.1"}[n%2] }, 10},
		{"one IPv4 network", func(n int) string { return fmt.Sprintf("192.0.2.%d", n%256) }, 30},
		{"many IPv4 networks", func(n int) string { return fmt.Sprintf("10.%d.%d.1", n/256, n%256) }, 100},
		{"one IPv6 /64", func(n int) string { return fmt.Sprintf("2001:db8:1:1::%x", n) }, 10},
		{"one IPv6 address in many zones", func(n int) string { return fmt.Sprintf("fe80::1%%zone%d", n) }, 10},
		{"one IPv6 /48", func(n int) string { return fmt.Sprintf("2001:db8:1:%x::1", n) }, 30},
		{"many IPv6 /48", func(n int) string { return fmt.Sprintf("2001:db8:%x::1", n) }, 100},
		{"texts that are no addresses", func(n int) string { return fmt.Sprintf("@%d", n) }, 30},
		{"no address", func(int) string { return "" }, 10},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				r := openLog(t, storetest.Open(t, storetest.SQLite(t)), audit.Options{
					EventLogger: slog.New(slog.NewJSONHandler(&log, nil)),
				})
				for n := range flood {
					if err := r.Note(t.Context(), audit.SignInRefused{Address: tc.address(n), Reason: "no"}); err != nil {
						t.Fatal(err)
					}
				}
				seen := readRefusals(t, log.String())
				t.Logf("%d events of %d refused sign-ins", seen.refused, flood)
				if seen.refused != tc.want {
					t.Errorf("%d events of %d refused sign-ins, want %d", seen.refused, flood, tc.want)
				}
				ctx, stop := context.WithCancel(t.Context())
				done := make(chan struct{})
				go func() { r.Run(ctx); close(done) }()
				time.Sleep(10 * time.Minute)
				stop()
				<-done
				if seen = readRefusals(t, log.String()); seen.counting < 1 || seen.counting > 2 ||
					seen.refused+seen.omitted != flood {
					t.Errorf("%d events and %d omitted, in %d counting events", seen.refused, seen.omitted, seen.counting)
				}
				if report := verify(t, r, nil); !report.Intact() {
					t.Errorf("got %+v", report.Findings)
				}
			})
		})
	}
}

// While one network floods, refused sign-ins from elsewhere are recorded, and so are sign-ins of operators.
func TestFloodLeavesOthersVisible(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		r := openLog(t, storetest.Open(t, storetest.SQLite(t)), audit.Options{
			EventLogger: slog.New(slog.NewJSONHandler(&log, nil)),
		})
		note := func(n audit.Notice) {
			if err := r.Note(t.Context(), n); err != nil {
				t.Fatal(err)
			}
		}
		for minute := range 10 {
			for n := range 1000 {
				note(audit.SignInRefused{Address: fmt.Sprintf("2001:db8:1:%x::1", n), Reason: "no"})
			}
			note(audit.SignInRefused{Address: fmt.Sprintf("198.51.100.%d", minute), Reason: "no"})
			note(audit.SignedIn{Actor: operation("a").Actor})
			for n := range 1000 {
				note(audit.SignInRefused{Address: fmt.Sprintf("2001:db8:%x::1", n), Reason: "no"})
			}
			note(audit.SignedIn{Actor: operation("a").Actor})
			time.Sleep(time.Minute)
		}
		seen := readRefusals(t, log.String())
		for minute := range 10 {
			if seen.addresses[fmt.Sprintf("198.51.100.%d", minute)] != 1 {
				t.Errorf("the refused sign-in of minute %d is not recorded", minute)
			}
		}
		if signIns := strings.Count(log.String(), `"kind":"sign_in"`); signIns != 20 {
			t.Errorf("%d sign-ins are recorded", signIns)
		}
		if seen.refused != 1000 {
			t.Errorf("%d events in ten minutes", seen.refused)
		}
		// A new minute begins with room for everyone, also after a flood from everywhere.
		note(audit.SignInRefused{Address: "203.0.113.1", Reason: "no"})
		if readRefusals(t, log.String()).addresses["203.0.113.1"] != 1 {
			t.Error("a refused sign-in after the flood is not recorded")
		}
	})
}

func TestDeniedRequestsAreRateLimited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		r := openLog(t, storetest.Open(t, storetest.SQLite(t)), audit.Options{
			EventLogger: slog.New(slog.NewJSONHandler(&log, nil)),
		})
		for n := range 3000 {
			denied := audit.Denied{Actor: audit.Actor{Issuer: "i", Subject: fmt.Sprint(n % 30)}, Route: "GET /keys"}
			if err := r.Note(t.Context(), denied); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Note(t.Context(), audit.SignInRefused{Address: "192.0.2.1"}); err != nil {
			t.Fatal(err)
		}
		if seen := readRefusals(t, log.String()); seen.denied != 100 || seen.refused != 1 {
			t.Errorf("%d denied and %d refused sign-ins", seen.denied, seen.refused)
		}
	})
}

// A counting event that cannot be written is tried again, and one that is left when the server stops is written then.
func TestOmittedRefusalsAreCountedLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		r := openLog(t, storetest.Open(t, storetest.SQLite(t)), audit.Options{
			EventLogger: slog.New(slog.NewJSONHandler(&log, nil)),
		})
		flood := func() {
			for range 50 {
				if err := r.Note(t.Context(), audit.SignInRefused{Address: "192.0.2.1"}); err != nil {
					t.Fatal(err)
				}
			}
		}
		flood()
		failWrites(r, writeUnavailable, writeLost)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { r.Run(ctx); close(done) }()
		time.Sleep(6 * time.Minute)
		synctest.Wait()
		if seen := readRefusals(t, log.String()); seen.counting != 1 || seen.omitted != 40 {
			t.Errorf("%d in %d counting events", seen.omitted, seen.counting)
		}
		flood()
		stop()
		<-done
		if seen := readRefusals(t, log.String()); seen.counting != 2 || seen.omitted != 80 {
			t.Errorf("after stopping: %d in %d counting events", seen.omitted, seen.counting)
		}
	})
}
