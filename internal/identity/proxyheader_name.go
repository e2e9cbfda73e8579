package identity

import (
	"mime"
	"strings"
)

// maxEncodedName bounds a name before it is decoded: RFC 2047 writes a byte as three, and splits long texts.
const maxEncodedName = 4 * maxProxyText

// readableName decodes a name that is written as RFC 2047 has it, which Tailscale does with every name that is not
// plain ASCII (https://tailscale.com/kb/1312/serve#identity-headers). Others send UTF-8 as it is. Only names are
// decoded: two spellings of one user must not be two roads to one account.
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
		return "", &Refused{Reason: "the name header is encoded in a way that cannot be read"}
	}
	return strings.TrimSpace(name), nil
}
