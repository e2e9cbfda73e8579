package overview

import (
	"testing"
	"time"
)

// TestClockText says which of the two clocks is behind: the one whose machine somebody has to look after is ours.
func TestClockText(t *testing.T) {
	t.Parallel()
	for ahead, want := range map[time.Duration]string{
		0:                "no difference worth mentioning",
		-time.Second:     "no difference worth mentioning",
		4 * time.Second:  "4 s behind Voximplant",
		-4 * time.Second: "4 s ahead of Voximplant",
		time.Hour:        "3,600 s behind Voximplant",
	} {
		if got := ClockText(ahead); got != want {
			t.Errorf("%s: %q, want %q", ahead, got, want)
		}
	}
}
