package bench

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/chromedp"
)

// traceEvent is an event of a Chromium trace.
type traceEvent struct {
	Name string  `json:"name"`
	At   float64 `json:"ts"` // in microseconds since an arbitrary time
	Args struct {
		Data struct {
			Navigation  string `json:"navigationId"`
			Address     string `json:"documentLoaderURL"` // of a navigationStart
			Interaction int    `json:"interactionId"`     // of an EventTiming, 0 without input

			// of an EventTiming, in milliseconds from the input to the next frame
			Duration float64 `json:"duration"`
		} `json:"data"`
	} `json:"args"`
}

// largestPaint returns the time from the start of the navigation to an address to its largest contentful paint, which
// is the last candidate in the trace.
func largestPaint(b *testing.B, events []traceEvent, address string) time.Duration {
	b.Helper()
	began := map[string]float64{} // by navigation
	for _, e := range events {
		if e.Name == "navigationStart" && e.Args.Data.Address == address {
			began[e.Args.Data.Navigation] = e.At
		}
	}
	var last float64
	for _, e := range events {
		if start, ours := began[e.Args.Data.Navigation]; ours && e.Name == "largestContentfulPaint::Candidate" {
			last = max(last, e.At-start)
		}
	}
	if last == 0 {
		b.Fatalf("the trace of %s has no largest contentful paint", address)
	}
	return time.Duration(last * float64(time.Microsecond))
}

// longestInteraction returns the longest time from an input to the next frame.
func longestInteraction(b *testing.B, events []traceEvent) time.Duration {
	b.Helper()
	var longest float64
	for _, e := range events {
		if e.Name == "EventTiming" && e.Args.Data.Interaction > 0 {
			longest = max(longest, e.Args.Data.Duration)
		}
	}
	if longest == 0 {
		b.Fatal("the trace has no interaction")
	}
	return time.Duration(longest * float64(time.Millisecond))
}

// trace returns the events of Chromium while steps run in a tab.
func trace(b *testing.B, tab context.Context, steps ...chromedp.Action[chromedp.Void]) []traceEvent {
	b.Helper()
	var events []traceEvent
	var reading error
	done := make(chan struct{})
	listening, stop := context.WithCancel(tab)
	defer stop()
	err := chromedp.Listen(listening, func(event any) {
		switch e := event.(type) {
		case *tracing.EventDataCollected:
			for _, value := range e.Value {
				var t traceEvent
				reading = errors.Join(reading, json.Unmarshal(value, &t))
				events = append(events, t)
			}
		case *tracing.EventTracingComplete:
			close(done)
		}
	})
	if err == nil {
		_, err = chromedp.Call(tab, tracing.Start, tracing.StartParams{TraceConfig: &tracing.TraceConfig{
			IncludedCategories: []string{"loading", "devtools.timeline", "blink.user_timing"},
			ExcludedCategories: []string{"*"},
		}})
	}
	if err == nil {
		err = chromedp.Do(tab, steps...)
	}
	if err == nil {
		_, err = chromedp.Call(tab, tracing.End, cdp.Empty{})
	}
	if err != nil {
		b.Fatal(err)
	}
	select {
	case <-done:
	case <-time.After(time.Minute):
		b.Fatal("no trace after a minute")
	}
	if reading != nil {
		b.Fatal(reading)
	}
	return events
}
