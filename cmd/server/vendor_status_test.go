package main

import (
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/handlers"
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
	if got := s.last(); got.Failure != handlers.NoFailure || got.Method != "GetRoles" || !got.At.Equal(noon) ||
		!got.ClockKnown || got.Clock != 7*time.Second ||
		got.Duration != time.Second {
		t.Errorf("an answer: %+v", got)
	}
	s.observe(voxapi.CallInfo{Method: "GetKeys", Outcome: "refused", Code: 104, Received: noon})
	if got := s.last(); got.Failure != handlers.Refused || got.Code != 104 ||
		!got.ClockKnown || got.Clock != 7*time.Second {
		t.Errorf("a refusal without a date: %+v", got)
	}
	s.observe(voxapi.CallInfo{Method: "GetKeys", Outcome: "unknown"})
	if got := s.last(); got.Failure != handlers.NoResponse || got.At.IsZero() || got.Forbidden == nil ||
		*got.Forbidden != (handlers.ForbiddenMethod{At: noon, Method: "GetKeys", Code: 104}) {
		t.Errorf("no answer: %+v", got)
	}
}

func TestVendorFailureByCode(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]handlers.VendorFailure{
		0:    handlers.NoResponse,
		2:    handlers.InternalFault,
		100:  handlers.Refused,
		104:  handlers.Refused,
		340:  handlers.Refused,
		434:  handlers.RequestRefused,
		435:  handlers.RequestRefused,
		453:  handlers.RequestRefused,
		455:  handlers.Refused,
		463:  handlers.RequestRefused,
		484:  handlers.Refused,
		9999: handlers.Refused,
	} {
		if got := failureOf(voxapi.CallInfo{Outcome: "refused", Code: code}); got != want {
			t.Errorf("code %d is %d, want %d", code, got, want)
		}
	}
}
