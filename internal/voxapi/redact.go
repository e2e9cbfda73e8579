package voxapi

import (
	"cmp"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// redacted replaces a secret.
const redacted = "[redacted]"

// maxMessageLength is how many characters of the vendor's text are kept.
const maxMessageLength = 300

// sanitizeMessage prepares the vendor's text for display. Secrets are replaced before the text is truncated, so that no
// part of one remains.
func sanitizeMessage(message string, secrets []string) string {
	message = redact(message, secrets)
	message = strings.Join(strings.FieldsFunc(message, isUnprintable), " ")
	message = redact(message, secrets)
	if strings.Contains(message, "PRIVATE KEY") {
		return redacted
	}
	return truncate(message)
}

// redact replaces every secret, ignoring case, also in the encoded forms in which a response may repeat it.
func redact(message string, secrets []string) string {
	var forms []string
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret)} {
			forms = append(forms, regexp.QuoteMeta(form))
		}
	}
	if len(forms) == 0 {
		return message
	}
	// Longest first: if one secret is a prefix of another, the longer one must match.
	slices.SortFunc(forms, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	pattern, err := regexp.Compile("(?i)" + strings.Join(forms, "|"))
	if err != nil {
		return redacted // a secret that is not valid UTF-8
	}
	return pattern.ReplaceAllLiteralString(message, redacted)
}

// isUnprintable reports whether a character is a control character, a space or an invisible formatting character. Runs
// of them become one space.
func isUnprintable(r rune) bool {
	return unicode.IsControl(r) || unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)
}

func truncate(message string) string {
	runes := []rune(message)
	if len(runes) <= maxMessageLength {
		return message
	}
	return string(runes[:maxMessageLength-1]) + "…"
}
