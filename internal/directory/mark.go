package directory

import "strings"

// markOpen and markClose enclose the mark that Voxwarden writes at the end of what it creates.
const (
	markOpen  = " [vw:"
	markClose = "]"
	// MarkLength is how many characters a mark has.
	MarkLength = 10
)

// WithMark appends a mark to a description; an empty mark changes nothing.
func WithMark(description, mark string) string {
	if mark == "" {
		return description
	}
	return strings.TrimRight(description, " ") + markOpen + mark + markClose
}

// SplitMark takes our mark off the end of a description. What does not end in one is returned as it is.
func SplitMark(description string) (text, mark string) {
	body, found := strings.CutSuffix(description, markClose)
	at := strings.LastIndex(" "+body, markOpen)
	if !found || at < 0 {
		return description, ""
	}
	mark = (" " + body)[at+len(markOpen):]
	if len(mark) != MarkLength || strings.Trim(mark, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
		return description, ""
	}
	return strings.TrimPrefix((" " + body)[:at], " "), mark
}
