package voxapi

import (
	"sync"
	"time"
)

const (
	// defaultBackdate is how far in the past a token is issued, so that a clock a
	// little slower than ours accepts it.
	defaultBackdate = 5 * time.Second
	// extendedBackdate is used once the vendor found a token to be from the future and
	// its Date header did not explain why.
	extendedBackdate = 4 * time.Minute
	// clockTolerance is the smallest difference that a Date header, which counts
	// whole seconds, can prove.
	clockTolerance = 2 * time.Second
	// maxClockDifference is the largest difference that is made up for. A clock
	// more wrong than this has to be set right, not hidden.
	maxClockDifference = time.Hour
)

// clockReading is what the time is here and what tokens should make of it.
type clockReading struct {
	// local is the time by this server's clock.
	local time.Time
	// ahead is how much the vendor's clock is ahead of ours, as far as is known.
	ahead time.Duration
	// backdate is how long before the vendor's time a token is issued.
	backdate time.Duration
}

// clock learns from refused tokens how the vendor's clock differs from ours.
type clock struct {
	now func() time.Time

	mu       sync.Mutex
	ahead    time.Duration
	backdate time.Duration
}

func newClock(now func() time.Time) *clock {
	return &clock{now: now, backdate: defaultBackdate}
}

func (c *clock) read() clockReading {
	c.mu.Lock()
	defer c.mu.Unlock()
	return clockReading{local: c.now(), ahead: c.ahead, backdate: c.backdate}
}

// correct takes in that the vendor refused a token with code 455 or 456. used is
// what the token was signed by, date the Date header of the refusal, zero when
// there was none, received when it came. The header is believed only where it
// agrees with the complaint, compared with what the token assumed.
func (c *clock) correct(code int, signedWith clockReading, date, received time.Time) {
	measured := date.Sub(received).Round(time.Second)
	believable := !date.IsZero() && measured.Abs() <= maxClockDifference
	slower := believable && measured < signedWith.ahead-clockTolerance
	faster := believable && measured > signedWith.ahead+clockTolerance

	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case code == codeTokenIssuedInFuture && slower, code == codeTokenExpired && faster:
		c.ahead, c.backdate = measured, defaultBackdate
	case code == codeTokenIssuedInFuture:
		c.backdate = extendedBackdate
	}
}
