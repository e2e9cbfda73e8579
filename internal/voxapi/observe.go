package voxapi

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// CallInfo describes one request, for the status of the vendor and for metrics. It contains no parameter.
type CallInfo struct {
	// Method is the vendor's name of the method.
	Method string
	// Write is true for the methods of Writer.
	Write bool
	// Attempt counts the requests of one call, from 1.
	Attempt int
	// Duration is from the signing to the last byte of the response, without the wait for the rate limit.
	Duration time.Duration
	// Outcome is "ok", or the Kind of the error as a string.
	Outcome string
	// Code is the vendor's error code; 0 if there is none.
	Code int
	// Status is the HTTP status; 0 if there was no response.
	Status int
	// Cause is why there is no usable response, in our own words; "" if there is one. It contains nothing that was sent
	// or received.
	Cause string
	// Failure is a word for Cause, one of few: "unknown_authority", "timeout"; see docs/operations.md.
	Failure string
	// Date is the Date header of the response; zero if it has none.
	Date time.Time
	// Received is when the header of the response arrived, by the local clock; zero if none did.
	Received time.Time
}

// ClockDifference returns how far the vendor's clock is ahead of the local one, to about a second, and whether that is
// known.
func (i CallInfo) ClockDifference() (time.Duration, bool) {
	if i.Date.IsZero() || i.Received.IsZero() {
		return 0, false
	}
	return i.Date.Sub(i.Received).Round(time.Second), true
}

// report writes the log line of a request and calls Options.Observe.
func (c *Client) report(ctx context.Context, info CallInfo) {
	level := slog.LevelInfo
	if info.Outcome != outcomeOK {
		level = slog.LevelWarn
	}
	attributes := []slog.Attr{
		slog.String("method", info.Method),
		slog.String("outcome", info.Outcome),
		slog.Int("code", info.Code),
		slog.Int("status", info.Status),
		slog.Int("attempt", info.Attempt),
		slog.Int64("duration_ms", info.Duration.Milliseconds()),
	}
	if info.Cause != "" {
		attributes = append(attributes, slog.String("cause", info.Cause), slog.String("failure", info.Failure))
	}
	c.options.Logger.LogAttrs(ctx, level, "voximplant call", attributes...)
	c.options.Observe(info)
}

const outcomeOK = "ok"

// cause returns why there is no usable response, "" if there is one.
func cause(failure *Error) string {
	if failure == nil || failure.cause == nil {
		return ""
	}
	return failure.cause.Error()
}

// otherFailure is the failure of causes that are not told apart.
const otherFailure = "other"

// failureLabel returns the failure, see CallInfo.Failure, of a call.
func failureLabel(failure *Error) string {
	if failure == nil || failure.cause == nil {
		return ""
	}
	if transport, ok := errors.AsType[*transportError](failure.cause); ok {
		return transport.failure
	}
	if failure.Status != 0 {
		return "unusable_response"
	}
	return otherFailure
}

// outcome returns the result of a call for logs.
func outcome(failure *Error) string {
	if failure == nil {
		return outcomeOK
	}
	return failure.Kind.String()
}
