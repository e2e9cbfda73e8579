package identity

import (
	"mime"
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// readableName decodes a display name. Proxies send it as UTF-8, as ISO 8859-1 (Apache, IIS and Java), in the encoding
// of RFC 2047 (Tailscale, https://tailscale.com/kb/1312/serve#identity-headers) or percent-encoded. What cannot be
// decoded is left as it is: a name is only shown, so it never keeps an operator out. latin1 reports that the value is
// not UTF-8, and was read as ISO 8859-1.
//
// Only display names are decoded, because two spellings of a user name must not mean the same operator.
func readableName(value string) (name string, latin1 bool) {
	if latin1 = !utf8.ValidString(value); latin1 {
		if decoded, err := charmap.ISO8859_1.NewDecoder().String(value); err == nil {
			value = decoded
		}
	}
	if strings.Contains(value, "=?") {
		if decoded, err := new(mime.WordDecoder).DecodeHeader(value); err == nil {
			value = decoded
		}
	} else if decoded, err := url.PathUnescape(value); err == nil && utf8.ValidString(decoded) {
		value = decoded
	}
	return displayName(value), latin1
}

// displayName returns the printable part of a name, at most 256 bytes.
func displayName(name string) string {
	return strings.TrimSpace(clip(withoutControlChars(strings.ToValidUTF8(name, "")), maxProxyText))
}
