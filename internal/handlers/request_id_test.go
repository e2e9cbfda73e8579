package handlers

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// The id that a trusted proxy gave a request is used in its log line, its response and its page. Any other id is not.
func TestRequestID(t *testing.T) {
	t.Parallel()
	const id = "f058ebd6-02f7-4d3f.A_1"
	for name, c := range map[string]struct {
		peer    string
		ids     []string
		trusted bool // the id is used
	}{
		"a trusted proxy":         {"10.0.0.7:443", []string{id}, true},
		"32 digits, as nginx has": {"10.0.0.7:443", []string{strings.Repeat("a1", 16)}, true},
		"the longest":             {"10.0.0.7:443", []string{strings.Repeat("a", 64)}, true},
		"no trusted proxy":        {"192.0.2.1:443", []string{id}, false},
		"two ids":                 {"10.0.0.7:443", []string{id, id}, false},
		"none":                    {"10.0.0.7:443", nil, false},
		"an empty one":            {"10.0.0.7:443", []string{""}, false},
		"too short":               {"10.0.0.7:443", []string{"abcdefg"}, false},
		"too long":                {"10.0.0.7:443", []string{strings.Repeat("a", 65)}, false},
		"a line break":            {"10.0.0.7:443", []string{id + "\n"}, false},
		"a space":                 {"10.0.0.7:443", []string{"two words"}, false},
		"markup":                  {"10.0.0.7:443", []string{"<b>abcdefg</b>"}, false},
		"letters beyond ASCII":    {"10.0.0.7:443", []string{"žádost-číslo"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, func(o *Options) { o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })
			r := httptest.NewRequest(http.MethodGet, "/nowhere", nil)
			r.RemoteAddr = c.peer
			if c.ids != nil {
				r.Header["X-Request-Id"] = c.ids
			}
			got := httptest.NewRecorder()
			s.handler.ServeHTTP(got, r)
			used := got.Header().Get("X-Request-Id")
			if c.trusted != (len(c.ids) > 0 && used == c.ids[0]) || !c.trusted && len(used) != requestIDLength {
				t.Errorf("the id is %q", used)
			}
			var line struct {
				Msg string
				ID  string `json:"request_id"`
			}
			if err := json.Unmarshal(lastLine(s.log.String()), &line); err != nil || line.Msg != "request" || line.ID != used {
				t.Errorf("the log has the id %q, %v", line.ID, err)
			}
			if !strings.Contains(got.Body.String(), used) {
				t.Error("the page lacks the id")
			}
		})
	}
}

// The duration of a request is in milliseconds, as its name says, and not rounded to zero.
func TestRequestLogHasUnits(t *testing.T) {
	t.Parallel()
	now := noon
	s := newSite(t, func(o *Options) {
		o.Now = func() time.Time { now = now.Add(1_500 * time.Microsecond); return now }
		o.Static = http.NotFoundHandler()
	})
	s.handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/static/x.css", nil))
	var line map[string]any
	if err := json.Unmarshal(lastLine(s.log.String()), &line); err != nil {
		t.Fatal(err)
	}
	took, ok := line["duration_ms"].(float64)
	if !ok || took < 1.5 || took > 100 || took*1000 != float64(int(took*1000)) || line["duration"] != nil {
		t.Errorf("the line is %v", line)
	}
}

// lastLine returns the last line of a text.
func lastLine(text string) []byte {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return []byte(lines[len(lines)-1])
}
