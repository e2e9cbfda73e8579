package identity

import (
	"mime"
	"strings"
)

// maxEncodedName is the maximum length of an encoded name in bytes: RFC 2047 encodes one byte as three, and splits long
// texts.
const maxEncodedName = 4 * maxProxyText

// readableName decodes a display name in the encoding of RFC 2047. Tailscale uses it for names that are not ASCII
// (https://tailscale.com/kb/1312/serve#identity-headers); other proxies send UTF-8. Only display names are decoded,
// because two spellings of a user name must not mean the same operator.
func readableName(value string) (string, error) {
	if len(value) > maxEncodedName {
		return "", &Refused{Reason: "the name header is too long"}
	}
	if !strings.Contains(value, "=?") {
		return value, nil
	}
	decoder := new(mime.WordDecoder)
	name, err := decoder.DecodeHeader(value)
	if err != nil {
		return "", &Refused{Reason: "the name header has an invalid encoding"}
	}
	return strings.TrimSpace(name), nil
}
