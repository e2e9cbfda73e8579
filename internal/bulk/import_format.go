package bulk

import (
	"bytes"
	"strings"
)

// wrongFormat returns the problem of a file that is not CSV.
func wrongFormat(format string) error {
	return &FileProblem{Text: "This is " + format + ", not a CSV file. Save it as CSV (UTF-8) and choose that file."}
}

// binaryFormat returns what a file is that begins with the signature of another format, "" for a file that may be text.
func binaryFormat(file []byte) string {
	begins := func(signatures ...string) bool {
		for _, signature := range signatures {
			if bytes.HasPrefix(file, []byte(signature)) {
				return true
			}
		}
		return false
	}
	switch {
	case begins("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"): // OLE2, which also wraps encrypted workbooks
		return "an Excel workbook (.xls, or .xlsx with a password)"
	case begins("\x09\x00\x04\x00", "\x09\x02\x06\x00", "\x09\x04\x06\x00", "\x09\x08\x08\x00", "\x09\x08\x10\x00"):
		return "an Excel workbook (.xls)" // BIFF 2 to 8 without OLE2
	case begins("PK\x03\x04", "PK\x05\x06"):
		return zipFormat(file)
	case begins("%PDF-"):
		return "a PDF file"
	default:
		return ""
	}
}

// zipFormat returns which spreadsheet a ZIP archive is, by names in it.
func zipFormat(file []byte) string {
	switch {
	case bytes.Contains(file, []byte("application/vnd.oasis.opendocument.spreadsheet")):
		return "an OpenDocument spreadsheet (.ods)"
	case bytes.Contains(file, []byte("[Content_Types].xml")):
		return "an Excel workbook (.xlsx)"
	case bytes.Contains(file, []byte(".iwa")):
		return "a Numbers document (.numbers)"
	default:
		return "a ZIP archive"
	}
}

// textFormat returns what a text is that begins like another format, "" for one that may be a table. Some programs save
// HTML under a name that ends in .xls.
func textFormat(text string) string {
	text = strings.TrimLeft(text, " \t\n")
	switch {
	case strings.HasPrefix(text, "<"):
		return "an HTML or XML file"
	case strings.HasPrefix(text, `{\rtf`):
		return "an RTF document"
	case strings.HasPrefix(text, "MIME-Version:"):
		return "a web archive (.mht)"
	default:
		return ""
	}
}
