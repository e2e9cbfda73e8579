package bulk

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// A file with more columns than any export, or with an endless line, is refused as a whole, with the line.
func TestReadFileLimits(t *testing.T) {
	t.Parallel()
	cells := func(n int) string { return strings.Repeat(",", n-1) }
	const tooMany = "The line has more than 50 columns. Remove the others."
	const tooLong = "The line is longer than 64 KiB. A quotation mark may be missing."
	for _, test := range []struct {
		name, file string
		line       int
		problem    string
	}{
		{"50 columns", "login" + cells(50) + "\nanna_k" + cells(50), 0, ""},
		{"51 columns", "login" + cells(51) + "\nanna_k", 1, tooMany},
		{"only commas", strings.Repeat(",", MaxFileBytes), 1, tooMany},
		{"only semicolons", strings.Repeat(";", MaxFileBytes), 1, tooMany},
		{"only tabs", "login" + strings.Repeat("\t", 1<<20), 1, tooMany},
		{"commas below the column names", "login\nanna_k\n\n" + strings.Repeat(",", 1<<20), 4, tooMany},
		{"quoted cells", "login\n" + strings.Repeat(`"",`, 1<<20), 2, tooMany},
		{"separators within quotation marks", "login\n\"" + strings.Repeat(",", 100) + "\"", 0, ""},
		{"a quoted cell", "login\n\"" + strings.Repeat("x", MaxFileBytes-10) + "\"", 2, tooLong},
		{"a cell", "login\n" + strings.Repeat("x", 1<<20), 2, tooLong},
		{"a quoted cell of many lines", "login\nanna_k\n\"" + strings.Repeat("x\n", 1<<20) + "\"", 3, tooLong},
		{"column names of several lines", "\n\n\"" + strings.Repeat("x\n", 1<<20) + "\",login", 3, tooLong},
		{"64 KiB", "login,note\nanna_k," + strings.Repeat("x", 65_000), 0, ""},
		{"a quotation mark out of place", "login\na\"" + strings.Repeat("b\"\n", 9), 0, ""},
	} {
		_, err := readFile(ImportFile{Content: []byte(test.file)})
		problem, _ := errors.AsType[*FileProblem](err)
		switch {
		case test.problem == "" && problem != nil:
			t.Errorf("%s: %+v", test.name, err)
		case test.problem != "" && (problem == nil || *problem != FileProblem{Line: test.line, Text: test.problem}):
			t.Errorf("%s: %+v, want line %d: %s", test.name, problem, test.line, test.problem)
		}
	}
}

// The names of one line are limited, since each is looked up and quoted.
func TestReadFileLimitsRoleNames(t *testing.T) {
	t.Parallel()
	table, err := readFile(ImportFile{Content: []byte("login,roles\nanna_k,\"" + strings.Repeat("a,", 200) +
		"\"\nbob_kk,\"" + strings.Repeat("a,", 201) + "\"")})
	if err != nil {
		t.Fatal(err)
	}
	if got := table.subusers[0]; len(got.roles) != 200 || got.problem != "" {
		t.Errorf("200 names: %d, %q", len(got.roles), got.problem)
	}
	if got := table.subusers[1]; got.roles != nil || got.problem != "Line 3 has more than 200 role names." {
		t.Errorf("201 names: %d, %q", len(got.roles), got.problem)
	}
	checker := (&Service{}).newImportChecker(accountState{})
	checker.catalogue.Known = true
	var names []string
	for n := range 200 {
		names = append(names, fmt.Sprint("role ", n))
	}
	if got := checker.resolveRoles(&Item{}, names); !strings.HasSuffix(got, "The line has 195 more such names.") {
		t.Errorf("200 unknown names are described as %q", got)
	}
}

// The limits are checked before encoding/csv reads a line, so both must count the same cells.
func TestLineScannerAgreesWithCSV(t *testing.T) {
	t.Parallel()
	const characters = "aa,,;\"\"\n"
	random := rand.New(rand.NewPCG(1, 2))
	read := 0
	for range 50_000 {
		text := make([]byte, random.IntN(16))
		for i := range text {
			text[i] = characters[random.IntN(len(characters))]
		}
		reader := newTableReader(string(text), ',')
		for {
			line := lineScanner{separator: ',', columns: 1}
			rest := strings.TrimLeft(string(text[reader.csv.InputOffset():]), "\n")
			for _, c := range rest {
				if line.ends(c) {
					break
				}
			}
			cells, err := reader.csv.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if _, malformed := errors.AsType[*csv.ParseError](err); malformed {
				continue
			}
			if read++; line.columns != len(cells) {
				t.Fatalf("%q: %d columns, encoding/csv reads %q", rest, line.columns, cells)
			}
		}
	}
	if read == 0 {
		t.Error("no line was read")
	}
}
