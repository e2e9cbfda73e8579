package bulk

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	stdunicode "unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/voxwarden/voxwarden/internal/csvsafe"
)

// Encoding is the encoding of the text of an imported file.
type Encoding string

// The encodings that can be imported.
const (
	UTF8        Encoding = "utf-8"
	UTF16LE     Encoding = "utf-16le"
	UTF16BE     Encoding = "utf-16be"
	Windows1252 Encoding = "windows-1252" // Western Europe
	Windows1250 Encoding = "windows-1250" // Central Europe
	Windows1251 Encoding = "windows-1251" // Cyrillic
)

// Encodings returns all encodings.
func Encodings() []Encoding { return append([]Encoding{UTF8, UTF16LE, UTF16BE}, codePages()...) }

// codePages returns the encodings of one byte a character, the most frequent one first.
func codePages() []Encoding { return []Encoding{Windows1252, Windows1250, Windows1251} }

// isGuess reports whether a file in this encoding can be read in others too, without an error.
func (e Encoding) isGuess() bool { return slices.Contains(codePages(), e) }

// encoding returns the encoding of x/text. A byte order mark is a character of the text like any other.
func (e Encoding) encoding() encoding.Encoding {
	switch e {
	case UTF16LE:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case UTF16BE:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	case Windows1252:
		return charmap.Windows1252
	case Windows1250:
		return charmap.Windows1250
	case Windows1251:
		return charmap.Windows1251
	default:
		return unicode.UTF8
	}
}

// detectEncoding returns the encoding of a file by its byte order mark or, without one, by its zero bytes: in UTF-16,
// each character of ASCII, such as a separator or a letter of a login, has one. Any other file that is not UTF-8
// is in the code page that makes the most of its column names known.
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
	case zeros[0]+zeros[1] == 0 && !bytes.HasPrefix(file, []byte("\ufeff")) && !utf8.Valid(file):
		return detectCodePage(file)
	case isFrequent(zeros[1], zeros[0]):
		return UTF16LE
	case isFrequent(zeros[0], zeros[1]):
		return UTF16BE
	default:
		return UTF8
	}
}

// detectCodePage returns the code page with the most known column names in the first kilobytes.
func detectCodePage(file []byte) Encoding {
	var (
		best = Windows1252
		most int
	)
	for _, e := range codePages() {
		text, _, _ := e.decode(file[:min(len(file), 4<<10)])
		line, _, _ := strings.Cut(csvsafe.LineFeeds(strings.TrimLeft(text, "\r\n")), "\n")
		known := 0
		for name := range strings.FieldsFuncSeq(line, func(c rune) bool { return strings.ContainsRune(",;\t|", c) }) {
			if columnOf(name) != UnusedColumn {
				known++
			}
		}
		if known > most {
			best, most = e, known
		}
	}
	return best
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
	case e.isGuess() && strings.ContainsFunc(text, isBinary):
		return text, false, nil
	case e == UTF8:
		return text, utf8.Valid(file), nil
	case !strings.ContainsRune(text, utf8.RuneError):
		return text, true, nil
	default:
		again, err := e.encoding().NewEncoder().String(text)
		return text, err == nil && again == string(file), nil
	}
}

// isBinary reports whether a text file does not contain this control character.
func isBinary(c rune) bool {
	return stdunicode.IsControl(c) && !strings.ContainsRune("\t\n\v\f\r\x1a", c)
}
