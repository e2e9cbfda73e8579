package main

import (
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/voxapi"
)

func TestVendorStatus(t *testing.T) {
	t.Parallel()
	var s vendorStatus
	if got := s.last(); !got.At.IsZero() || got.ClockKnown {
		t.Errorf("before the first call: %+v", got)
	}
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	s.observe(
		voxapi.CallInfo{
			Method:   "GetRoles",
			Outcome:  "ok",
			Duration: time.Second,
			Received: noon,
			Date:     noon.Add(7 * time.Second),
		},
	)
	if got := s.last(); !got.OK || got.Method != "GetRoles" || !got.At.Equal(noon) || !got.ClockKnown ||
		got.Clock != 7*time.Second ||
		got.Duration != time.Second {
		t.Errorf("an answer: %+v", got)
	}
	s.observe(voxapi.CallInfo{Method: "GetKeys", Outcome: "refused", Code: 104, Received: noon})
	if got := s.last(); got.OK || got.Code != 104 || !got.ClockKnown || got.Clock != 7*time.Second {
		t.Errorf("a refusal without a date: %+v", got)
	}
	s.observe(voxapi.CallInfo{Method: "GetKeys", Outcome: "unknown"})
	if got := s.last(); got.OK || got.At.IsZero() || got.ForbiddenMethod != "GetKeys" || !got.ForbiddenAt.Equal(noon) {
		t.Errorf("no answer: %+v", got)
	}
}
