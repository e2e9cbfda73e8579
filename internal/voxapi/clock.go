package voxapi

import (
	"sync"
	"time"
)

const (
	// defaultBackdate is how far in the past a token is issued, so that a slightly slower vendor clock accepts it.
	defaultBackdate = 5 * time.Second
	// extendedBackdate is used after the vendor refused a token as issued in the future and its Date header did not
	// explain why.
	extendedBackdate = 4 * time.Minute
	// clockTolerance is the smallest difference that a Date header, which has whole seconds, can prove.
	clockTolerance = 2 * time.Second
	// maxClockDifference is the largest difference that is compensated. A clock that is further off must be corrected,
	// not hidden.
	maxClockDifference = time.Hour
)

// clockReading is the local time with the correction for tokens.
type clockReading struct {
	// local is the time of this server's clock.
	local time.Time
	// ahead is how far the vendor's clock is ahead of this server's, as far as known.
	ahead time.Duration
	// backdate is how long before the vendor's time a token is issued.
	backdate time.Duration
}

// clock measures the difference between the vendor's clock and this server's from refused tokens.
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

// correct updates the clock after the vendor refused a token with code 455 or 456. signedWith is the reading that the
// token was signed with, date the Date header of the response, zero if it has none, and received when the response
// came. The header is used only where it agrees with the error code.
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
