package main

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// A signal stops the program. A second one, and the limit, end it even if something hangs.
func TestRunUntilStopped(t *testing.T) {
	t.Parallel()
	own := errors.New("of the program")
	for _, tc := range []struct {
		name    string
		signals int
		run     func(ctx context.Context, hangs <-chan struct{}) error
		want    string
	}{
		{"ends by itself", 0, func(context.Context, <-chan struct{}) error { return own }, own.Error()},
		{"stops", 1, func(ctx context.Context, _ <-chan struct{}) error { <-ctx.Done(); return own }, own.Error()},
		{"stops, two signals at once", 2, func(ctx context.Context, _ <-chan struct{}) error {
			<-ctx.Done()
			time.Sleep(sameSignal)
			return own
		}, own.Error()},
		{"hangs, second signal", 3, func(_ context.Context, hangs <-chan struct{}) error { <-hangs; return nil },
			errSecondSignal.Error()},
		{"hangs", 1, func(_ context.Context, hangs <-chan struct{}) error { <-hangs; return nil },
			"did not end within 38s after a signal"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				signals, hangs := make(chan os.Signal, 2), make(chan struct{})
				go func() {
					for i := range tc.signals { // the first two at once
						if i == 2 {
							time.Sleep(sameSignal)
						}
						signals <- syscall.SIGTERM
					}
				}()
				err := runUntilStopped(signals, stopTimeout, func(ctx context.Context) error { return tc.run(ctx, hangs) })
				if err == nil || err.Error() != tc.want {
					t.Errorf("%v, want %s", err, tc.want)
				}
				close(hangs)
			})
		})
	}
	if total := 5*time.Second + stopTimeout + logFlushTimeout; total >= mostTimeToStop {
		t.Errorf("the end may take %s after a signal", total)
	}
}

// The program ends although the report of its error hangs.
func TestReportWithin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hangs := make(chan struct{})
		reportWithin(logFlushTimeout, func() { <-hangs })
		close(hangs)
	})
}
