package voxapi

import (
	"context"
	"net/http"
	"testing"
	"time"
)

// skewedVendor is a vendor with another clock than ours. It checks the times of the tokens and sends its time in the
// Date header; dateAhead can make the header wrong.
func skewedVendor(t *testing.T, now func() time.Time, ahead, dateAhead time.Duration) *fakeVendor {
	return &fakeVendor{respond: func(_ int, r request) (*http.Response, error) {
		_, body := tokenClaims(t, r)
		vendorNow := now().Add(ahead)
		issued, expires := claimTime(t, body, "iat"), claimTime(t, body, "exp")
		date := now().Add(dateAhead)
		switch {
		case expires.Sub(issued) > time.Hour:
			return respondJSON(`{"error":{"code":454,"msg":"x"}}`, date)()
		case issued.After(vendorNow):
			return respondJSON(`{"error":{"code":455,"msg":"x"}}`, date)()
		case expires.Before(vendorNow):
			return respondJSON(`{"error":{"code":456,"msg":"x"}}`, date)()
		}
		return respondJSON(`{"result":1}`, date)()
	}}
}

func TestClockDifference(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		ahead, dateAhead time.Duration
		sent             []int // requests for the first and the second write
		code             int
	}{
		"equal":                          {0, 0, []int{1, 1}, 0},
		"a little behind":                {-4 * time.Second, -4 * time.Second, []int{1, 1}, 0},
		"ten minutes behind":             {-10 * time.Minute, -10 * time.Minute, []int{2, 1}, 0},
		"ten minutes ahead":              {10 * time.Minute, 10 * time.Minute, []int{2, 1}, 0},
		"two minutes behind, wrong Date": {-2 * time.Minute, 0, []int{2, 1}, 0},
		"an hour behind, wrong Date":     {-time.Hour, 0, []int{2, 2}, codeTokenIssuedInFuture},
		"an hour ahead, wrong Date":      {time.Hour, 0, []int{2, 2}, codeTokenExpired},
		"a day ahead":                    {24 * time.Hour, 24 * time.Hour, []int{2, 2}, codeTokenExpired},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
			now := func() time.Time { return start }
			v := skewedVendor(t, now, test.ahead, test.dateAhead)
			c := newTestClient(t, v, func(o *Options) { o.Now = now })
			before := 0
			for i, want := range test.sent {
				err := c.Writer().DelSubUser(context.Background(), testAccount, 7)
				if test.code != 0 {
					wantError(t, err, Refused, test.code)
				} else if err != nil {
					t.Errorf("write %d: %v", i, err)
				}
				if sent := len(v.received()) - before; sent != want {
					t.Errorf("write %d was sent %d times, want %d", i, sent, want)
				}
				before = len(v.received())
			}
		})
	}
}

// After the clock was corrected, the compensation ends.
func TestClockRecoversAfterCorrection(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	wrong := 10 * time.Minute
	local := func() time.Time { return start.Add(wrong) }
	v := &fakeVendor{}
	c := newTestClient(t, v, func(o *Options) { o.Now = local })
	for _, w := range []time.Duration{10 * time.Minute, 0, -20 * time.Minute, 0} {
		wrong = w
		v.respond = skewedVendor(t, func() time.Time { return start }, 0, 0).respond
		if err := c.Writer().DelSubUser(context.Background(), testAccount, 7); err != nil {
			t.Errorf("local clock wrong by %v: %v", w, err)
		}
	}
}

// The corrections of several calls that are refused at once do not add up.
func TestConcurrentRefusalsCorrectClockOnce(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	c := newClock(func() time.Time { return start })
	used := c.read()
	for range 3 {
		c.correct(codeTokenIssuedInFuture, used, start.Add(-2*time.Minute), start)
	}
	if got := c.read(); got.ahead != -2*time.Minute || got.backdate != defaultBackdate {
		t.Errorf("reading is %+v", got)
	}
}

// A Date header that is missing, implausible or contradicts the error code does not change the clock difference; after
// code 455 the token is then backdated further.
func TestClockIgnoresImplausibleDates(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		code int
		date time.Time
		want clockReading
	}{
		"behind": {
			codeTokenIssuedInFuture,
			start.Add(-time.Minute),
			clockReading{start, -time.Minute, defaultBackdate},
		},
		"no date": {codeTokenIssuedInFuture, time.Time{}, clockReading{start, 0, extendedBackdate}},
		"a day behind": {
			codeTokenIssuedInFuture,
			start.Add(-24 * time.Hour),
			clockReading{start, 0, extendedBackdate},
		},
		"behind, date is ahead": {codeTokenIssuedInFuture, start.Add(time.Minute), clockReading{start, 0, extendedBackdate}},
		"behind by a rounding":  {codeTokenIssuedInFuture, start.Add(-time.Second), clockReading{start, 0, extendedBackdate}},
		"ahead": {
			codeTokenExpired,
			start.Add(time.Minute),
			clockReading{start, time.Minute, defaultBackdate},
		},
		"expired, no date":      {codeTokenExpired, time.Time{}, clockReading{start, 0, defaultBackdate}},
		"ahead, date is behind": {codeTokenExpired, start.Add(-time.Minute), clockReading{start, 0, defaultBackdate}},
	}
	for name, test := range tests {
		c := newClock(func() time.Time { return start })
		c.correct(test.code, c.read(), test.date, start)
		if got := c.read(); got != test.want {
			t.Errorf("%s: reading is %+v, want %+v", name, got, test.want)
		}
	}
}

// A refused token of a read is replaced, also for later reads.
func TestReadsReplaceRefusedToken(t *testing.T) {
	t.Parallel()
	v := respondInOrder(
		respondJSON(`{"result":[]}`),
		respondError("456"),
		respondJSON(`{"result":[]}`),
		respondJSON(`{"result":[]}`),
	)
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	c := newTestClient(t, v, func(o *Options) { o.Now = func() time.Time { now = now.Add(time.Second); return now } })
	for range 3 {
		if _, err := c.Reader().GetRoles(context.Background(), testAccount, ""); err != nil {
			t.Fatal(err)
		}
	}
	token := func(i int) string { return v.received()[i].header.Get("Authorization") }
	if token(0) != token(1) || token(1) == token(2) || token(2) != token(3) {
		t.Error("the refused token was kept, or an accepted one was replaced")
	}
}
