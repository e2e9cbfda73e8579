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

// redacted stands where a secret would have been.
const redacted = "[redacted]"

// maxMessageLength is how many characters of the vendor's text are kept.
const maxMessageLength = 300

// sanitizeMessage makes the vendor's text fit to be shown: secrets that were sent are
// replaced before anything is cut, so that no part of one remains.
func sanitizeMessage(message string, secrets []string) string {
	message = redact(message, secrets)
	message = strings.Join(strings.FieldsFunc(message, isUnprintable), " ")
	message = redact(message, secrets)
	if strings.Contains(message, "PRIVATE KEY") {
		return redacted
	}
	return truncate(message)
}

// redact replaces every secret, in capitals or not, also in the forms that an
// echo gives it.
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
	// The longest first: of two secrets where one begins like the other, the
	// longer must be found.
	slices.SortFunc(forms, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	pattern, err := regexp.Compile("(?i)" + strings.Join(forms, "|"))
	if err != nil {
		return redacted // a secret that is not valid text: better nothing is quoted
	}
	return pattern.ReplaceAllLiteralString(message, redacted)
}

// isUnprintable is true for control characters and for the invisible ones that
// change the direction of text; runs of them and of spaces become one space.
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
