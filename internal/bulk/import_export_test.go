package bulk

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/voxwarden/voxwarden/internal/csvsafe"
)

// FuzzExportImport checks that the import of an exported table returns every text, but for line ends, which become \n:
// from the file itself, and after a spreadsheet program saved it with another separator, as UTF-16, with a line that
// names the separator, and without the last empty cells.
func FuzzExportImport(f *testing.F) {
	for _, text := range []string{
		"=1+1", "x;=1+1", "'=1", "''=1", "'tis", "\t=1", "a\r\n=1\r-1", " \u2800=1", "\u3164\ufeff@1", "x;\"=1;\"\"|-1",
		"\ufffd\x1a",
		"Smith, +48", "sep=;", "|||", "\u2028＝",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) || len(text) > 10_000 {
			return
		}
		cells := [][]string{
			{"login", "roles", "description"},
			{"anna_k", "Support; Owner", text},
			{"bob_k", "", text + "\r" + text},
			{"carl_k", "", ""},
		}
		var file strings.Builder
		if err := csvsafe.NewWriter(&file, csvsafe.Comma).WriteAll(cells); err != nil {
			t.Fatal(err)
		}
		var semicolons strings.Builder
		if err := csvsafe.NewWriter(&semicolons, csvsafe.Semicolon).WriteAll(cells); err != nil {
			t.Fatal(err)
		}
		check := func(program string, file []byte) {
			t.Helper()
			table, err := readFile(ImportFile{Content: file})
			if err != nil || len(table.subusers) != 3 {
				t.Fatalf("%s: %d subusers, %+v from %q", program, len(table.subusers), err, file)
			}
			for i, subuser := range table.subusers {
				want := csvsafe.LineFeeds(cells[i+1][2])
				if subuser.login != cells[i+1][0] || subuser.description != want || subuser.problem != "" {
					t.Fatalf("%s: got %s, want the description %q, from %q", program, describe(subuser), want, file)
				}
			}
			if !slices.Equal(table.subusers[0].roles, []string{"Support", "Owner"}) {
				t.Fatalf("%s: roles %q", program, table.subusers[0].roles)
			}
		}
		check("the export", []byte(file.String()))
		check("the export with semicolons", []byte(semicolons.String()))
		for program, separator := range map[string]rune{"semicolons": ';', "tabs": '\t', "commas": ','} {
			saved := saveAs(t, file.String(), separator)
			for encoding, file := range encodings("\ufeff" + saved) {
				check(program+" in "+encoding, file)
			}
			check(program+" with sep=", []byte("sep="+string(separator)+"\r\n"+saved))
		}
	})
}

// saveAs returns an exported file as a spreadsheet program saves it with another separator: what the cells contain
// stays, and the last empty cells of a line are left out.
func saveAs(t *testing.T, file string, separator rune) string {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file, csvsafe.ByteOrderMark))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var saved strings.Builder
	table := csv.NewWriter(&saved)
	table.Comma, table.UseCRLF = separator, true
	for _, cells := range lines {
		for cells[len(cells)-1] == "" {
			cells = cells[:len(cells)-1]
		}
		if err := table.Write(cells); err != nil {
			t.Fatal(err)
		}
	}
	table.Flush()
	return saved.String()
}
