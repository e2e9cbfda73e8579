package handlers

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
)

func TestExportAudit(t *testing.T) {
	t.Parallel()
	t.Run("success", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.auditLog.ops = sampleOperations()
		s.auditLog.ops[0].Reason, s.auditLog.ops[0].Target.Name = "=cmd|'/c calc'!A1", "+1"
		s.auditLog.events = []audit.Event{
			{Seq: 1, Kind: audit.IntentEvent, At: noon},
			{
				Seq:       2,
				Kind:      audit.OutcomeEvent,
				At:        noon,
				Result:    audit.Refused,
				Confirmed: true,
				Note:      "said <no>",
				Facts:     json.RawMessage(`{"gone":true}`),
				Calls: []audit.Call{
					{
						Method:        "SetSubUserRoles",
						Result:        audit.Refused,
						Code:          435,
						VendorMessage: "Invalid \"role\" set.",
						SentAt:        noon,
						Duration:      61 * time.Millisecond,
					},
				},
			},
			{Seq: 3, Kind: audit.ResolutionEvent, At: noon, Result: audit.Applied, Source: "demo|admin"},
		}
		got := s.get("auditor", "/audit.csv?result=applied").hasStatus(t, 200)
		if s.auditLog.lastSearch.Result != audit.Applied || s.auditLog.lastSearch.Account != accountID {
			t.Errorf("searched %+v", s.auditLog.lastSearch)
		}
		if noted, ok := s.auditLog.notices[0].(audit.Exported); !ok || noted.Resource != "record" || noted.Rows != 2 ||
			!strings.Contains(noted.Filter, "applied") {
			t.Errorf("noted %+v", s.auditLog.notices)
		}
		file, marked := strings.CutPrefix(got.Body.String(), "\xef\xbb\xbf")
		rows, err := csv.NewReader(strings.NewReader(file)).ReadAll()
		if err != nil || len(rows) != 3 || !marked {
			t.Fatalf("%d rows, byte order mark %v, %v", len(rows), marked, err)
		}
		row := map[string]string{}
		for i, name := range rows[0] {
			row[name] = rows[1][i]
		}
		for name, want := range map[string]string{
			"time (UTC)":    "2026-11-23 11:00:00.000",
			"person":        "Ms editor",
			"reason":        "'=cmd|'/c calc'!A1",
			"target name":   "'+1",
			"roles granted": "Admin",
			"roles revoked": "Support",
			"result":        "applied",
			"confirmed":     "yes",
			"settled":       "yes",
			"settled by":    "demo|admin",
			"calls":         `SetSubUserRoles: refused, code 435, "Invalid \"role\" set.", 61 ms`,
		} {
			if row[name] != want {
				t.Errorf("%s is %q, want %q", name, row[name], want)
			}
		}
		if got.Header().Get("Content-Disposition") != `attachment; filename="record-1234567-20261123T120000Z.csv"` ||
			got.Header().Get("Content-Type") != "text/csv; charset=utf-8" {
			t.Errorf("headers: %v", got.Header())
		}
	})
	// Other programs read these lines: a change that breaks this test needs a new schema version.
	t.Run("json lines", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.auditLog.ops = sampleOperations()[:1]
		s.auditLog.ops[0].ClosedAt, s.auditLog.ops[0].Actor.Address = noon, "192.0.2.1"
		s.auditLog.events = []audit.Event{
			{
				Seq:       2,
				Kind:      audit.OutcomeEvent,
				At:        noon,
				Result:    audit.Applied,
				Confirmed: true,
				Note:      "said <yes>",
				Facts:     json.RawMessage(`{"roles":null}`),
				Calls: []audit.Call{
					{Method: "SetSubUserRoles", Result: audit.Applied, SentAt: noon, Duration: 61 * time.Millisecond},
				},
			},
		}
		got := s.get("admin", "/audit.jsonl").hasStatus(t, 200).Body.String()
		want := `{"schema":1,"operation":{"id":"mmmmmmmmmmmmmmmmmmmmmmmmmm","account":0,"action":"subuser.roles",` +
			`"target":{"kind":"subuser","id":"7","name":"anna_novakova"},` +
			`"actor":{"issuer":"demo","subject":"editor","name":"Ms editor","method":"demo","address":"192.0.2.1"},` +
			`"reason":"my reason","request_id":"",` +
			`"intent":{"login":"anna_novakova","before":[{"id":3,"name":"Support"}],"grant":[{"id":2,"name":"Admin"}],` +
			`"revoke":[{"id":3,"name":"Support"}]},` +
			`"created_at":"2026-11-23T11:00:00Z","closed_at":"2026-11-23T12:00:00Z","result":"applied","confirmed":true,` +
			`"open":false},` +
			`"events":[{"seq":2,"kind":"outcome","at":"2026-11-23T12:00:00Z","result":"applied","confirmed":true,` +
			`"note":"said <yes>",` +
			`"calls":[{"method":"SetSubUserRoles","result":"applied","sent_at":"2026-11-23T12:00:00Z","duration_ms":61}],` +
			`"facts":{"roles":null}}]}` + "\n" +
			`{"schema":1,"end":true,"operations":1}` + "\n"
		if got != want {
			t.Errorf("got:\n%s\nwant:\n%s", got, want)
		}
	})
	t.Run("guards", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		for range 20 {
			s.get("auditor", "/audit.jsonl").hasStatus(t, 200)
		}
		s.get("auditor", "/audit.csv").hasStatus(t, http.StatusTooManyRequests)
	})
	t.Run("audit log unavailable", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.auditLog.err = errors.New("disk gone")
		s.get("admin", "/audit.csv").hasStatus(t, 500).excludes(t, "disk gone")
	})
}

// A browser does not take an aborted export for a whole file.
func TestInterruptedExportFails(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/audit.csv", "/audit.jsonl"} {
		for _, encoding := range []string{"identity", "gzip"} {
			s := newSite(t)
			s.auditLog.ops, s.auditLog.streamErr = sampleOperations(), errors.New("disk gone")
			server := httptest.NewServer(s.handler)
			t.Cleanup(server.Close)
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.AddCookie(&http.Cookie{Name: "role", Value: "admin"})
			r.Header.Set("Accept-Encoding", encoding)
			answer, err := server.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(answer.Body)
			_ = answer.Body.Close()
			server.Close() // the handler has written to the log when this returns
			if answer.StatusCode != 200 || err == nil {
				t.Errorf("%s, %s: status %d, %d bytes, and no error", path, encoding, answer.StatusCode, len(body))
			}
			if strings.Contains(string(body), `"end":true`) {
				t.Errorf("%s says that it is whole", path)
			}
			if !strings.Contains(s.log.String(), "export aborted") {
				t.Errorf("%s: nothing in the log", path)
			}
		}
	}
}

// batchedAuditLog streams batches with a pause before each, as a slow database does.
type batchedAuditLog struct {
	*fakeAuditLog
	pauses []time.Duration
}

func (l *batchedAuditLog) Stream(
	ctx context.Context,
	_ audit.Search,
	each func(audit.Operation, []audit.Event) error,
	pause func() error,
) error {
	for _, wait := range l.pauses {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := each(sampleOperations()[0], nil); err != nil {
			return err
		}
		if err := pause(); err != nil {
			return err
		}
	}
	return nil
}

// An export may last longer than a request, as long as rows arrive.
func TestExportLastsWhileRowsArrive(t *testing.T) {
	t.Parallel()
	const never = time.Hour
	for name, test := range map[string]struct {
		pauses []time.Duration
		status int
		broken bool // the connection is closed, so that the part is not taken for the whole
	}{
		"all rows are late":       {[]time.Duration{15 * time.Second, 15 * time.Second, 15 * time.Second}, 200, false},
		"the first does not come": {[]time.Duration{never}, 503, false},
		"the last does not come":  {[]time.Duration{15 * time.Second, 15 * time.Second, never}, 200, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				auditLog := &batchedAuditLog{pauses: test.pauses}
				s := newSite(t, func(o *Options) {
					auditLog.fakeAuditLog = o.AuditLog.(*fakeAuditLog)
					o.AuditLog = auditLog
				})
				w, broken := httptest.NewRecorder(), false
				r := httptest.NewRequest(http.MethodGet, "/audit.csv", nil)
				r.AddCookie(&http.Cookie{Name: "role", Value: "auditor"})
				func() {
					defer func() {
						err, _ := recover().(error)
						broken = errors.Is(err, http.ErrAbortHandler)
					}()
					s.handler.ServeHTTP(w, r)
				}()
				if w.Code != test.status || broken != test.broken {
					t.Errorf("status %d, broken %t, want %d, %t", w.Code, broken, test.status, test.broken)
				}
				if test.status == http.StatusServiceUnavailable && !strings.Contains(w.Body.String(), "This took too long") {
					t.Errorf("the page is %s", w.Body.String())
				}
				if noted := len(auditLog.notices); noted == 0 && test.status == http.StatusOK {
					t.Error("the export is not in the audit log")
				}
			})
		})
	}
}

// gatedAuditLog streams a second batch only after the first one has arrived at the browser.
type gatedAuditLog struct {
	*fakeAuditLog
	arrived chan struct{}
}

func (l *gatedAuditLog) Stream(
	ctx context.Context,
	_ audit.Search,
	each func(audit.Operation, []audit.Event) error,
	pause func() error,
) error {
	if err := errors.Join(each(sampleOperations()[0], nil), pause()); err != nil {
		return err
	}
	select {
	case <-l.arrived:
	case <-ctx.Done():
		return ctx.Err()
	}
	return errors.Join(each(sampleOperations()[0], nil), pause())
}

// Each batch reaches the browser when it was read, compressed or not, however small it is.
func TestExportSendsEachBatch(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/audit.csv", "/audit.jsonl"} {
		for _, encoding := range []string{"identity", "gzip"} {
			t.Run(path+" "+encoding, func(t *testing.T) {
				t.Parallel()
				auditLog := &gatedAuditLog{arrived: make(chan struct{})}
				s := newSite(t, func(o *Options) {
					auditLog.fakeAuditLog = o.AuditLog.(*fakeAuditLog)
					o.AuditLog = auditLog
				})
				server := httptest.NewServer(s.handler)
				t.Cleanup(server.Close)
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
				if err != nil {
					t.Fatal(err)
				}
				r.AddCookie(&http.Cookie{Name: "role", Value: "auditor"})
				r.Header.Set("Accept-Encoding", encoding)
				response, err := server.Client().Do(r)
				if err != nil {
					t.Fatal(err)
				}
				defer response.Body.Close()
				var body io.Reader = response.Body
				if encoding == "gzip" {
					if got := response.Header.Get("Content-Encoding"); got != "gzip" {
						t.Fatalf("Content-Encoding is %q", got)
					}
					if body, err = gzip.NewReader(response.Body); err != nil {
						t.Fatal(err)
					}
				}
				lines, id := bufio.NewScanner(body), sampleOperations()[0].ID
				for lines.Scan() && !strings.Contains(lines.Text(), id) {
				}
				close(auditLog.arrived)
				more := 0
				for lines.Scan() {
					if strings.Contains(lines.Text(), id) {
						more++
					}
				}
				if lines.Err() != nil || more != 1 {
					t.Errorf("%d rows after the first batch, want 1, error %v", more, lines.Err())
				}
			})
		}
	}
}
