package voxapi

import (
	"cmp"
	"html"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// redacted stands where a secret would have been.
const redacted = "[redacted]"

// messageLimit is how many characters of the vendor's text are kept.
const messageLimit = 300

// quotable makes the vendor's text fit to be shown: secrets that were sent are
// replaced before anything is cut, so that no part of one remains.
func quotable(message string, secrets []string) string {
	message = redact(message, secrets)
	message = strings.Join(strings.FieldsFunc(message, isUnprintable), " ")
	message = redact(message, secrets)
	if strings.Contains(message, "PRIVATE KEY") {
		return redacted
	}
	return shorten(message)
}

// redact replaces every secret, also in the forms that an echo gives it.
func redact(message string, secrets []string) string {
	var forms []string
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		forms = append(forms, secret, url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret))
	}
	// The longest first: of two secrets where one begins like the other, the
	// longer must be found.
	slices.SortFunc(forms, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	pairs := make([]string, 0, 2*len(forms))
	for _, form := range forms {
		pairs = append(pairs, form, redacted)
	}
	return strings.NewReplacer(pairs...).Replace(message)
}

// isUnprintable is true for control characters and for the invisible ones that
// change the direction of text; runs of them and of spaces become one space.
func isUnprintable(r rune) bool {
	return unicode.IsControl(r) || unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)
}

func shorten(message string) string {
	runes := []rune(message)
	if len(runes) <= messageLimit {
		return message
	}
	return string(runes[:messageLimit-1]) + "…"
}
