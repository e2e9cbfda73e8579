package bulk

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// decode turns a file into text with \n at the end of each line: UTF-8 with or without a byte order mark, or UTF-16
// with one. It fails with FileProblem.
func decode(file []byte) (string, error) {
	if len(file) > MaxFileBytes {
		return "", &FileProblem{Text: "The file is too large: at most 4 MiB can be imported. Split it."}
	}
	if bytes.HasPrefix(file, []byte("PK\x03\x04")) {
		return "", &FileProblem{
			Text: "This is a workbook of a spreadsheet program, not a table in text. Save it as CSV (UTF-8) and choose " +
				"that file.",
		}
	}
	text := string(bytes.TrimPrefix(file, []byte("\xef\xbb\xbf")))
	switch {
	case bytes.HasPrefix(file, []byte("\xff\xfe")):
		text = decodeUTF16(file[2:], binary.LittleEndian)
	case bytes.HasPrefix(file, []byte("\xfe\xff")):
		text = decodeUTF16(file[2:], binary.BigEndian)
	}
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	for line, rest, more := 1, text, true; more; line++ {
		var current string
		current, rest, more = strings.Cut(rest, "\n")
		if !utf8.ValidString(current) || strings.ContainsAny(current, "\x00\ufffd") {
			return "", &FileProblem{
				Line: line,
				Text: "The file is not text in UTF-8 (or in UTF-16 with a byte order mark). Save it as CSV (UTF-8) and try again.",
			}
		}
	}
	return text, nil
}

// decodeUTF16 decodes UTF-16. What is no character becomes U+FFFD, and so does half a character at the end.
func decodeUTF16(data []byte, order binary.ByteOrder) string {
	units := make([]uint16, 0, len(data)/2+1)
	for ; len(data) >= 2; data = data[2:] {
		units = append(units, order.Uint16(data))
	}
	if len(data) > 0 {
		units = append(units, utf8.RuneError)
	}
	return string(utf16.Decode(units))
}
