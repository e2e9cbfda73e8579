package directory

import (
	"strings"
)

// tagPrefix and markClose enclose the mark that Voxwarden writes at the end of what it creates.
const (
	tagPrefix = " [vw:"
	tagSuffix = "]"
	// TagLength is how many characters a mark has.
	TagLength = 10
)

// WithTag appends a mark to a description; an empty mark changes nothing.
func WithTag(description, tag string) string {
	if tag == "" {
		return description
	}
	return strings.TrimRight(description, " ") + tagPrefix + tag + tagSuffix
}

// SplitTag takes our mark off the end of a description. What does not end in one is returned as it is.
func SplitTag(description string) (text, tag string) {
	body, found := strings.CutSuffix(description, tagSuffix)
	at := strings.LastIndex(" "+body, tagPrefix)
	if !found || at < 0 {
		return description, ""
	}
	tag = (" " + body)[at+len(tagPrefix):]
	if len(tag) != TagLength || strings.Trim(tag, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
		return description, ""
	}
	return strings.TrimPrefix((" " + body)[:at], " "), tag
}
