package main

import (
	"sync/atomic"
	"time"

	"github.com/voxwarden/voxwarden/internal/handlers"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// vendorStatus keeps the result of the newest call to the vendor. It is safe for concurrent use.
type vendorStatus struct {
	newest atomic.Pointer[handlers.VendorStatus]
}

// observe records a call.
func (s *vendorStatus) observe(call voxapi.CallInfo) {
	status := &handlers.VendorStatus{
		At:       call.Received,
		Method:   call.Method,
		Failure:  failureOf(call),
		Code:     call.Code,
		Duration: call.Duration,
	}
	if status.At.IsZero() {
		status.At = time.Now() // nothing was received
	}
	if difference, known := call.ClockDifference(); known {
		status.ClockKnown, status.Clock = true, difference
	} else if before := s.newest.Load(); before != nil {
		status.ClockKnown, status.Clock = before.ClockKnown, before.Clock
	}
	if before := s.newest.Load(); before != nil {
		status.Forbidden = before.Forbidden
	}
	if voxapi.InfoOf(call.Code).IsForbidden() {
		status.Forbidden = &handlers.ForbiddenMethod{At: status.At, Method: call.Method, Code: call.Code}
	}
	s.newest.Store(status)
}

// last returns the result of the newest call; the zero value before the first call.
func (s *vendorStatus) last() handlers.VendorStatus {
	if status := s.newest.Load(); status != nil {
		return *status
	}
	return handlers.VendorStatus{}
}

// failureOf returns how a call failed.
func failureOf(call voxapi.CallInfo) handlers.VendorFailure {
	info := voxapi.InfoOf(call.Code)
	switch {
	case call.Outcome == "ok":
		return handlers.NoFailure
	case call.Code == 0:
		return handlers.NoResponse
	case info.Cause == voxapi.CauseVendorFault:
		return handlers.InternalFault
	case info.Cause == voxapi.CauseRequest && !info.MayFollowCommit:
		return handlers.RequestRefused
	default:
		return handlers.Refused
	}
}
