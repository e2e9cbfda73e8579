package overview

import (
	"testing"
	"time"
)

// TestClockText checks which of the two clocks is called behind: the text is about the server's own clock.
func TestClockText(t *testing.T) {
	t.Parallel()
	for ahead, want := range map[time.Duration]string{
		0:                "in sync with Voximplant",
		-time.Second:     "in sync with Voximplant",
		4 * time.Second:  "4 s behind Voximplant",
		-4 * time.Second: "4 s ahead of Voximplant",
		time.Hour:        "3,600 s behind Voximplant",
	} {
		if got := ClockText(ahead); got != want {
			t.Errorf("%s: %q, want %q", ahead, got, want)
		}
	}
}
