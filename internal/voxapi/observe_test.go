package voxapi

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestObserve(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen []CallInfo
		date := time.Now().Add(30 * time.Second)
		v := respondInOrder(respondStatus(503), respondJSON(`{"result":[]}`, date), respondError("434"))
		c := newTestClient(t, v, func(o *Options) { o.Observe = func(i CallInfo) { seen = append(seen, i) } })
		_, _ = c.Reader().GetRoles(context.Background(), testAccount, "")
		_ = c.Writer().DelSubUser(context.Background(), testAccount, 7)

		if len(seen) != 3 {
			t.Fatalf("observed %d requests, want 3", len(seen))
		}
		if difference, known := seen[1].ClockDifference(); !known || difference.Round(2*time.Second) != 30*time.Second {
			t.Errorf("clock difference is %v, %v", difference, known)
		}
		if _, known := seen[0].ClockDifference(); known {
			t.Error("a clock difference without a Date header")
		}
		for i := range seen {
			seen[i].Date, seen[i].Received = time.Time{}, time.Time{}
		}
		want := []CallInfo{
			{
				Method:  "GetRoles",
				Attempt: 1,
				Outcome: "unavailable",
				Status:  503,
				Cause:   "the vendor documents only status 200",
				Failure: "unusable_response",
			},
			{Method: "GetRoles", Attempt: 2, Outcome: "ok", Status: 200},
			{Method: "DelSubUser", Write: true, Attempt: 1, Outcome: "refused", Code: 434, Status: 200},
		}
		if diff := cmp.Diff(want, seen); diff != "" {
			t.Errorf("observed (-want +got):\n%s", diff)
		}
	})
}

// The log has one line per request, with exactly these fields.
func TestLogLine(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	v := respondInOrder(respondError("436"))
	c := newTestClient(t, v, func(o *Options) { o.Logger = slog.New(slog.NewJSONHandler(&log, nil)) })
	_, _ = c.Writer().AddSubUser(context.Background(), testAccount, NewSubUser{Login: "jdoe_1"})
	var line map[string]any
	if err := json.Unmarshal(log.Bytes(), &line); err != nil {
		t.Fatalf("log is %q: %v", log.String(), err)
	}
	delete(line, "time")
	delete(line, "duration_ms")
	want := map[string]any{
		"level": "WARN", "msg": "voximplant call", "method": "AddSubUser", "outcome": "refused",
		"code": 436.0, "status": 200.0, "attempt": 1.0,
	}
	if diff := cmp.Diff(want, line); diff != "" {
		t.Errorf("log line (-want +got):\n%s", diff)
	}
}
