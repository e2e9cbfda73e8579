package main

import (
	"sync/atomic"
	"time"

	"github.com/voxwarden/voxwarden/internal/handlers"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// vendorStatus remembers how the vendor last answered. It is safe for concurrent use.
type vendorStatus struct {
	newest atomic.Pointer[handlers.VendorStatus]
}

// observe takes the client's report of a call.
func (s *vendorStatus) observe(call voxapi.CallInfo) {
	status := &handlers.VendorStatus{
		At:       call.Received,
		Method:   call.Method,
		OK:       call.Outcome == "ok",
		Code:     call.Code,
		Duration: call.Duration,
	}
	if status.At.IsZero() {
		status.At = time.Now() // nothing was received; that, too, is known as of now
	}
	if difference, known := call.ClockDifference(); known {
		status.ClockKnown, status.Clock = true, difference
	} else if before := s.newest.Load(); before != nil {
		status.ClockKnown, status.Clock = before.ClockKnown, before.Clock
	}
	if before := s.newest.Load(); before != nil {
		status.ForbiddenAt, status.ForbiddenMethod = before.ForbiddenAt, before.ForbiddenMethod
	}
	if call.Code == voxapi.CodeForbiddenCommand {
		status.ForbiddenAt, status.ForbiddenMethod = status.At, call.Method
	}
	s.newest.Store(status)
}

// last answers how the vendor last answered; the zero value when it was not asked yet.
func (s *vendorStatus) last() handlers.VendorStatus {
	if status := s.newest.Load(); status != nil {
		return *status
	}
	return handlers.VendorStatus{}
}
