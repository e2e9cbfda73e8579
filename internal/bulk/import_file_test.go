package bulk

import (
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/voxwarden/voxwarden/internal/csvsafe"
)

// describe returns a new subuser as one line of text: login, description and roles, or the line number and the problem.
func describe(p newSubuser) string {
	text := fmt.Sprintf("%q %q %q", p.login, p.description, p.roles)
	if p.problem != "" {
		text = fmt.Sprintf("line %d: %s", p.line, p.problem)
	}
	return text
}

func TestReadFile(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, file string
		want       []string
		ignored    []string
	}{
		{"commas", "login,description,roles\nanna_k,Anna,Support\n", []string{`"anna_k" "Anna" ["Support"]`}, nil},
		{
			"semicolons, as European spreadsheets write them",
			"login;description;roles\r\nanna_k;Anna;Support\r\n",
			[]string{`"anna_k" "Anna" ["Support"]`},
			nil,
		},
		{
			"tabs",
			"login\tdescription\troles\nanna_k\tAnna, the first\tSupport;Owner",
			[]string{`"anna_k" "Anna, the first" ["Support" "Owner"]`},
			nil,
		},
		{
			"line ends of old Macs",
			"login,roles\ranna_k,Support\rbob_k,\r",
			[]string{`"anna_k" "" ["Support"]`, `"bob_k" "" []`},
			nil,
		},
		{"a byte order mark", "\xef\xbb\xbflogin\nanna_k\n", []string{`"anna_k" "" []`}, nil},
		{
			"any order and case, and other columns",
			"Phone,ROLES, Description ,Login,\n1,Support,Anna,anna_k,\n",
			[]string{`"anna_k" "Anna" ["Support"]`},
			[]string{"Phone"},
		},
		{
			"the console's own export",
			"id,login,description,direct roles,inherited roles,keys\r\n7,anna_k,'=A1,Support; User Manager,User Read,0\r\n",
			[]string{`"anna_k" "=A1" ["Support" "User Manager"]`},
			[]string{"id", "inherited roles", "keys"},
		},
		{
			"roles under each separator",
			"login,roles\nanna_k,\"Support; Owner,Admin | Payer;;\"\n",
			[]string{`"anna_k" "" ["Support" "Owner" "Admin" "Payer"]`},
			nil,
		},
		{
			"quotation marks",
			"login,description\nanna_k,\"Anna \"\"the boss\"\", Prague\"\n",
			[]string{`"anna_k" "Anna \"the boss\", Prague" []`},
			nil,
		},
		{
			"a cell of several lines",
			"login,description\nanna_k,\"Anna\r\nin two lines\"\nbob_k,a,b\n",
			[]string{
				`"anna_k" "Anna\nin two lines" []`,
				"line 4: Line 4 has 3 cells, the column names have 2. Put cells that contain a separator in quotation marks.",
			},
			nil,
		},
		{"empty lines", "\n\n  \nlogin,roles\n\n,\n\" \",\nanna_k,\n\n", []string{`"anna_k" "" []`}, nil},
		{"empty cells at the end", "login,roles\nanna_k,Support,,\n", []string{`"anna_k" "" ["Support"]`}, nil},
		{
			"too few cells",
			"login,description,roles\nanna_k,Anna\n",
			[]string{
				"line 2: Line 2 has 2 cells, the column names have 3. Put cells that contain a separator in quotation marks.",
			},
			nil,
		},
		{
			"quotation marks out of place", "login,roles\nanna\"k,Support\n\"bob_k\"x,\ncarl_k,Support\n",
			[]string{
				"line 2: A quotation mark in line 2 is out of place. Put the whole cell in quotation marks and double the one in " +
					"it.",
				"line 3: A quotation mark in line 3 is out of place. Put the whole cell in quotation marks and double the one in " +
					"it.",
				`"carl_k" "" ["Support"]`,
			}, nil,
		},
		{
			"an apostrophe that no export added",
			"login,description\nanna_k,'tis Anna\n",
			[]string{`"anna_k" "'tis Anna" []`},
			nil,
		},
		{
			"an escaped formula with a full-width sign",
			"login,description\nanna_k,'＝A1\n",
			[]string{`"anna_k" "＝A1" []`},
			nil,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for encoding, file := range encodings(test.file) {
				found, err := readFile(file)
				if err != nil {
					t.Fatalf("%s: %v %+v", encoding, err, err)
				}
				var got []string
				for _, p := range found.subusers {
					got = append(got, describe(p))
				}
				if !slices.Equal(got, test.want) || !slices.Equal(found.ignoredColumns, test.ignored) {
					t.Errorf(
						"%s:\ngot  %s, ignored %q\nwant %s, ignored %q",
						encoding,
						got,
						found.ignoredColumns,
						test.want,
						test.ignored,
					)
				}
			}
		})
	}
}

// encodings returns a text in each encoding that can be imported.
func encodings(text string) map[string][]byte {
	little, big := []byte("\xff\xfe"), []byte("\xfe\xff")
	for _, unit := range utf16.Encode([]rune(strings.TrimPrefix(text, "\ufeff"))) {
		little, big = binary.LittleEndian.AppendUint16(little, unit), binary.BigEndian.AppendUint16(big, unit)
	}
	return map[string][]byte{"UTF-8": []byte(text), "UTF-16LE": little, "UTF-16BE": big}
}

func TestReadFileErrors(t *testing.T) {
	t.Parallel()
	many := "login\n" + strings.Repeat("a_login\n", MaxItems)
	tests := []struct {
		name, file string
		line       int
		text       string // a part of the sentence
	}{
		{"an empty file", "", 0, "is empty"},
		{"only blank lines", " \n\n\t\n", 0, "is empty"},
		{"no login column", "name,roles\nAnna,Support\n", 1, "One column must be called login"},
		{"no line of column names", "anna_k,Anna,Support\n", 1, "must contain the column names"},
		{"only column names", "login,roles\n", 0, "no lines below them"},
		{"two login columns", "login,Login\nanna_k,bob_k\n", 1, "Two columns have the same meaning: Login"},
		{
			"two role columns",
			"login,roles,direct roles\nanna_k,a,b\n",
			1,
			"Two columns have the same meaning: direct roles",
		},
		{"a workbook", "PK\x03\x04...", 0, "Save it as CSV"},
		{"Latin-1", "login,description\nanna_k,Ad\xe9la\n", 2, "not text in UTF-8"},
		{"UTF-16 without a byte order mark", "l\x00o\x00g\x00i\x00n\x00", 1, "not text in UTF-8"},
		{"half a character of UTF-16", "\xff\xfel\x00o\x00g\x00i\x00n\x00\n\x00a", 2, "not text in UTF-8"},
		{"UTF-32", "\xff\xfe\x00\x00l\x00\x00\x00", 1, "not text in UTF-8"},
		{"a quoted cell without an end", "login,description\nanna_k,a\nbob_k,\"b\ncarl_k,c\n", 3, "never closed"},
		{"too many lines", many + "one_more\n", MaxItems + 2, "more than 10000 lines"},
		{"too large", "login\n" + strings.Repeat("x", MaxFileBytes), 0, "too large"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := readFile([]byte(test.file))
			problem, ok := errors.AsType[*FileProblem](err)
			if !ok || problem.Line != test.line || !strings.Contains(problem.Text, test.text) {
				t.Errorf("%+v", err)
			}
		})
	}
	if found, err := readFile([]byte(many)); err != nil || len(found.subusers) != MaxItems {
		t.Errorf("the maximum number of lines: %d, %v", len(found.subusers), err)
	}
}

// FuzzReadFile checks that every error has a sentence, that every new subuser has a line number, and that a table that
// csv.Reader.ReadAll can read is read in the same way.
func FuzzReadFile(f *testing.F) {
	f.Add([]byte("login,description,roles\nanna_k,\"a \"\"b\"\"\",Support;Owner\n"))
	f.Add([]byte("\xff\xfel\x00o\x00g\x00i\x00n\x00\n\x00a\x00"))
	f.Add([]byte("login;roles\r\n\r\n\"a\nb\";\"\"\r\nx\"y;z\r\n\"open"))
	f.Add([]byte("LOGIN\tlogin"))
	f.Fuzz(func(t *testing.T, file []byte) {
		found, err := readFile(file)
		if problem, ok := errors.AsType[*FileProblem](err); err != nil &&
			(!ok || problem.Text == "" || !utf8.ValidString(problem.Text)) {
			t.Fatalf("%v", err)
		}
		last := 1
		for _, p := range found.subusers {
			if p.line <= last {
				t.Fatalf("line %d after line %d", p.line, last)
			}
			last = p.line
			if !utf8.ValidString(p.login + p.description + strings.Join(p.roles, "")) {
				t.Fatalf("not valid text: %s", describe(p))
			}
		}
		if err == nil {
			sameAsReference(t, file, found)
		}
	})
}

// sameAsReference compares with csv.Reader.ReadAll, where that finds nothing wrong.
func sameAsReference(t *testing.T, file []byte, found importTable) {
	t.Helper()
	text, err := decode(file)
	if err != nil {
		t.Fatal(err)
	}
	separator, err := separatorOf(text)
	if err != nil {
		t.Fatal(err)
	}
	reference := csv.NewReader(strings.NewReader(text))
	reference.Comma, reference.FieldsPerRecord = separator, -1
	all, err := reference.ReadAll()
	if err != nil {
		return
	}
	all = slices.DeleteFunc(all, func(cells []string) bool { return strings.TrimSpace(strings.Join(cells, "")) == "" })
	if len(all) != len(found.subusers)+1 {
		t.Fatalf("%d lines, %d new subusers", len(all), len(found.subusers))
	}
	at := slices.IndexFunc(all[0], func(name string) bool { return columnOf(name) == loginColumn })
	for i, cells := range all[1:] {
		if at < len(cells) && csvsafe.Unescape(cells[at]) != found.subusers[i].login {
			t.Fatalf("line %d: login %q, want %q", i, found.subusers[i].login, cells[at])
		}
	}
}
