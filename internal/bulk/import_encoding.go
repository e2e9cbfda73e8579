package bulk

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
)

// Encoding is the encoding of the text of an imported file.
type Encoding string

// The encodings that can be imported.
const (
	UTF8    Encoding = "utf-8"
	UTF16LE Encoding = "utf-16le"
	UTF16BE Encoding = "utf-16be"
)

// encoding returns the encoding of x/text. A byte order mark is a character of the text like any other.
func (e Encoding) encoding() encoding.Encoding {
	switch e {
	case UTF16LE:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case UTF16BE:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	default:
		return unicode.UTF8
	}
}

// detectEncoding returns the encoding of a file by its byte order mark or, without one, by its zero bytes: in UTF-16,
// each character of ASCII, such as a separator or a letter of a login, has one.
func detectEncoding(file []byte) Encoding {
	var zeros [2]int // at even and at odd positions
	for i, b := range file {
		if b == 0 {
			zeros[i%2]++
		}
	}
	isFrequent := func(count, other int) bool { return count*20 >= len(file) && count > 4*other }
	switch {
	case bytes.HasPrefix(file, []byte("\xff\xfe")):
		return UTF16LE
	case bytes.HasPrefix(file, []byte("\xfe\xff")):
		return UTF16BE
	case zeros[0]+zeros[1] == 0:
		return UTF8
	case isFrequent(zeros[1], zeros[0]):
		return UTF16LE
	case isFrequent(zeros[0], zeros[1]):
		return UTF16BE
	default:
		return UTF8
	}
}

// decode returns the text of a file in this encoding. A decoder replaces what is no character by U+FFFD; lossless
// reports that it did not, so that any U+FFFD is part of the text.
func (e Encoding) decode(file []byte) (text string, lossless bool, err error) {
	var decoded strings.Builder
	if _, err := io.Copy(&decoded, e.encoding().NewDecoder().Reader(bytes.NewReader(file))); err != nil {
		return "", false, fmt.Errorf("decoding %s: %w", e, err)
	}
	text = decoded.String()
	switch {
	case e == UTF8:
		return text, utf8.Valid(file), nil
	case !strings.ContainsRune(text, utf8.RuneError):
		return text, true, nil
	default:
		again, err := e.encoding().NewEncoder().String(text)
		return text, err == nil && again == string(file), nil
	}
}
