package csvsafe

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"
)

// TestOpensInExcel checks the bytes by which Excel recognises UTF-8, and the end of lines.
func TestOpensInExcel(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	table := NewWriter(&file, Comma)
	if err := table.Write([]string{"login", "description"}); err != nil || file.Len() > 0 {
		t.Fatalf("%q, %v", file.String(), err)
	}
	if err := table.WriteAll([][]string{{"anna_k", "Żółkiewska; =1+1"}, {"bob_k", "two\rlines"}}); err != nil {
		t.Fatal(err)
	}
	want := "\xef\xbb\xbflogin,description\r\nanna_k,Żółkiewska;' =1+1\r\nbob_k,\"two\r\nlines\"\r\n"
	if file.String() != want {
		t.Errorf("got %q, want %q", file.String(), want)
	}
}

// FuzzWriter checks that a reader of the file gets the cells back, that every file begins with the mark, and that no
// piece of the file between separators, quotation marks and line ends begins with a sign.
func FuzzWriter(f *testing.F) {
	f.Add("x;=1", "\r=1")
	f.Add("\"=1\";\"=2", " \ufeff+1")
	f.Add("'=1", "a\r\n,\"-1")
	f.Fuzz(func(t *testing.T, first, second string) {
		check := func(separator rune) {
			var file strings.Builder
			if err := NewWriter(&file, separator).WriteAll([][]string{{first, second}}); err != nil {
				t.Fatal(err)
			}
			checkFile(t, file.String(), separator, first, second)
		}
		check(Comma)
		check(Semicolon)
	})
}

// checkFile checks a file with the line of the cells first and second.
func checkFile(t *testing.T, file string, separator rune, first, second string) {
	t.Helper()
	text, marked := strings.CutPrefix(file, "\xef\xbb\xbf")
	if !marked {
		t.Fatalf("no byte order mark: %q", file)
	}
	for _, part := range strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(",;|\t\r\n", c) }) {
		if start := strings.TrimLeft(part, `" `); start != "" && strings.ContainsAny(start[:1], "=+-@") {
			t.Fatalf("%q, %q: %q begins with a sign", first, second, part)
		}
	}
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comma = separator
	cells, err := reader.Read()
	if err != nil {
		t.Fatal(err)
	}
	for i := range cells {
		cells[i] = Unescape(cells[i])
	}
	if want := []string{LineFeeds(first), LineFeeds(second)}; !slices.Equal(cells, want) {
		t.Fatalf("got %q, want %q", cells, want)
	}
}
