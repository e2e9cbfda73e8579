package ui

import (
	"strconv"
	"strings"
	"time"
)

const slowNoteText = "Still waiting for a response, which takes up to a minute when Voximplant is slow. " +
	"Stay on this page, and do not send the form again."

// Number formats a number with grouped thousands: 10,000.
func Number(n int) string {
	digits := strconv.Itoa(n)
	if n >= 0 && n < 1000 {
		return digits
	}
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// Count formats a number with its noun: "1 key", "2 keys", "10,000 subusers".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Number(n) + " " + many
}

// List joins names for a sentence: "Owner", "Owner and Admin", "Owner, Admin and Support".
func List(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// MachineTime formats a time in UTC for the datetime attribute: "2026-11-23T12:03:04Z".
func MachineTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// UTC formats a time with date and seconds: "2026-11-23 12:03:04 UTC".
func UTC(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// Duration formats a duration: "under 1 ms", "83 ms", "2.1 s".
func Duration(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return "under 1 ms"
	case d < time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	}
	return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
}

// codeLinesMax is the maximum height of a block of code in lines. Longer code scrolls.
const codeLinesMax = 24

// textareaRows returns the height of a text area for a text, in lines.
func textareaRows(text string) string {
	return strconv.Itoa(min(strings.Count(strings.TrimRight(text, "\n"), "\n")+1, codeLinesMax))
}
