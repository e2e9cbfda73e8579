package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// stopTimeout is the time after the shutdown delay in which the program must end. It is more than drainTimeout, and
// together with the default delay and logFlushTimeout less than 45 seconds.
const stopTimeout = drainTimeout + 3*time.Second

// sameSignal is the time in which further signals count as the first one: timeout(1) and make signal the process and
// its group.
const sameSignal = 250 * time.Millisecond

// errSecondSignal ends the program at once.
var errSecondSignal = errors.New("a second signal came before the end")

// stopSignals returns a channel for the signals that stop the program. SIGHUP is ignored if it was at the start, as
// under nohup.
func stopSignals() <-chan os.Signal {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	return signals
}

// runUntilStopped calls run and cancels its context at the first signal. It returns the error of run, or an error while
// run still runs: at the second signal, or when run takes longer than limit to return. Then the process must end.
func runUntilStopped(signals <-chan os.Signal, limit time.Duration, run func(context.Context) error) error {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	select {
	case err := <-ended:
		return err
	case <-signals:
		stop()
	}
	first, tooLong := time.Now(), time.After(limit)
	for {
		select {
		case err := <-ended:
			return err
		case <-signals:
			if time.Since(first) >= sameSignal {
				return errSecondSignal
			}
		case <-tooLong:
			return fmt.Errorf("did not end within %s after a signal", limit)
		}
	}
}

// reportWithin calls report and waits for it, but not longer than limit.
func reportWithin(limit time.Duration, report func()) {
	reported := make(chan struct{})
	go func() {
		defer close(reported)
		report()
	}()
	select {
	case <-reported:
	case <-time.After(limit):
	}
}
