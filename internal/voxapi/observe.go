package voxapi

import (
	"context"
	"log/slog"
	"time"
)

// CallInfo tells of one request, for the status of the vendor and for metrics. It
// holds no parameter.
type CallInfo struct {
	// Method is the vendor's name of the method.
	Method string
	// WriteKind is true for the methods of Writer.
	Write bool
	// Attempt counts the requests of one call, from 1.
	Attempt int
	// Duration is from the signing to the last byte of the answer; the wait for
	// the rate limit comes before it.
	Duration time.Duration
	// Outcome is "ok", or the Kind of the error as a text.
	Outcome string
	// Code is the vendor's code; 0 when there is none.
	Code int
	// Status is the HTTP status of the answer; 0 when none came.
	Status int
	// Date is the Date header of the answer; zero when there is none.
	Date time.Time
	// Received is when the head of the answer came, by our clock; zero when none did.
	Received time.Time
}

// ClockDifference is how much the vendor's clock is ahead of ours, to a second or
// so, and whether it is known.
func (i CallInfo) ClockDifference() (time.Duration, bool) {
	if i.Date.IsZero() || i.Received.IsZero() {
		return 0, false
	}
	return i.Date.Sub(i.Received).Round(time.Second), true
}

// report writes the log line of a request and tells the observer.
func (c *Client) report(ctx context.Context, info CallInfo) {
	level := slog.LevelInfo
	if info.Outcome != outcomeOK {
		level = slog.LevelWarn
	}
	c.options.Logger.LogAttrs(ctx, level, "voximplant call",
		slog.String("method", info.Method),
		slog.String("outcome", info.Outcome),
		slog.Int("code", info.Code),
		slog.Int("status", info.Status),
		slog.Int("attempt", info.Attempt),
		slog.Duration("duration", info.Duration),
	)
	c.options.Observe(info)
}

const outcomeOK = "ok"

// outcome is the word for a result in logs.
func outcome(failure *Error) string {
	if failure == nil {
		return outcomeOK
	}
	return failure.Kind.String()
}
