package directory

import (
	"strings"
)

// tagPrefix and tagSuffix enclose the tag at the end of the description of every principal that Voxwarden creates.
const (
	tagPrefix = " [vw:"
	tagSuffix = "]"
	// TagLength is the number of characters of a tag.
	TagLength = 10
)

// WithTag appends a tag to a description. An empty tag changes nothing.
func WithTag(description, tag string) string {
	if tag == "" {
		return description
	}
	return strings.TrimRight(description, " ") + tagPrefix + tag + tagSuffix
}

// SplitTag splits a description into its text and the tag at its end. It returns the whole description and "" when
// there is no tag.
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
