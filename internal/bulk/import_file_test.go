package bulk

import (
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"reflect"
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
			"Excel leaves out the separators of empty last cells after 16 lines",
			"login,description,roles\r\nanna_k,Anna,\r\nbob_k,Bob\r\ncarl_k\r\n",
			[]string{`"anna_k" "Anna" []`, `"bob_k" "Bob" []`, `"carl_k" "" []`},
			nil,
		},
		{
			"a line that ends before the login",
			"description,login\nAnna\nBob,bob_k\nCarl,\n",
			[]string{
				"line 2: Line 2 ends before the login. The login is in column 2.",
				`"bob_k" "Bob" []`,
				`"" "Carl" []`,
			},
			nil,
		},
		{
			"too many cells, and one of them hides the roles",
			"login,description,roles\nanna_k,Anna,the first,Support\n",
			[]string{
				"line 2: Line 2 has 4 cells, the column names have 3. Put cells that contain a separator in quotation marks.",
			},
			nil,
		},
		{
			"sep=", "sep=;\r\nlogin;description;roles\r\nanna_k;Anna, Prague;Support\r\nbob_k;a;b;c\r\n",
			[]string{
				`"anna_k" "Anna, Prague" ["Support"]`,
				"line 4: Line 4 has 4 cells, the column names have 3. Put cells that contain a separator in quotation marks.",
			},
			nil,
		},
		{"sep= in quotation marks", "\"sep=;\"\r\nlogin;roles\r\nanna_k;Support", []string{`"anna_k" "" ["Support"]`}, nil},
		{"SEP= with a tab", "SEP=\t\nlogin\troles\nanna_k\tSupport", []string{`"anna_k" "" ["Support"]`}, nil},
		{"sep=\\t", "sep=\\t\nlogin\troles\nanna_k\tSupport", []string{`"anna_k" "" ["Support"]`}, nil},
		{"sep= with any character", "sep=^\nlogin^roles\nanna_k^Support", []string{`"anna_k" "" ["Support"]`}, nil},
		{"sep= without a character", "sep=\nlogin;roles\nanna_k;Support", []string{`"anna_k" "" ["Support"]`}, nil},
		{
			"sep= that another program saved with the other lines",
			"\"sep=;\",,\nlogin,description,roles\nanna_k,Anna;Prague,Support\n",
			[]string{`"anna_k" "Anna;Prague" ["Support"]`},
			nil,
		},
		{"sep= after a blank line", "\n\nsep=|\nlogin|roles\n\nanna_k|Support", []string{`"anna_k" "" ["Support"]`}, nil},
		{"empty columns do not hide the separator", "login;;\nanna_k;;\n", []string{`"anna_k" "" []`}, nil},
		{"vertical bars", "login|roles\nanna_k|Support;Owner", []string{`"anna_k" "" ["Support" "Owner"]`}, nil},
		{
			"other column names",
			"User name;Comment;Role names\nanna_k;Anna;Support\n",
			[]string{`"anna_k" "" ["Support"]`},
			[]string{"Comment"},
		},
		{
			"column names in any spelling",
			" Login_Name:,DESCRIPTION*,\"Role\nname(s)\"\nanna_k,Anna,Support\n",
			[]string{`"anna_k" "Anna" ["Support"]`},
			nil,
		},
		{"account and rights", "Account;Rights\nanna_k;Support", []string{`"anna_k" "" ["Support"]`}, nil},
		{
			"German column names",
			"Anmeldename;Beschreibung;Berechtigungen\nanna_k;Ännchen;Support\n",
			[]string{`"anna_k" "Ännchen" ["Support"]`},
			nil,
		},
		{
			"Russian column names",
			"Учётная запись;Описание;Роли\nanna_k;Анна;Support\n",
			[]string{`"anna_k" "Анна" ["Support"]`},
			nil,
		},
		{
			"French column names",
			"Nom d’utilisateur;Description;Rôles\nanna_k;Zoé;Support\n",
			[]string{`"anna_k" "Zoé" ["Support"]`},
			nil,
		},
		{
			"Spanish column names",
			"Usuario;Descripción;Permisos\nanna_k;Íñigo;Support\n",
			[]string{`"anna_k" "Íñigo" ["Support"]`},
			nil,
		},
		{"column names in full-width letters", "Ｌｏｇｉｎ,Ｒｏｌｅｓ\nanna_k,Support\n", []string{`"anna_k" "" ["Support"]`}, nil},
		{
			"a column without a name, but not without content",
			"login,description,,\nanna_k,Anna,Support,\nbob_k,Bob,,\n",
			[]string{`"anna_k" "Anna" []`, `"bob_k" "Bob" []`},
			[]string{"column 3 (no name)"},
		},
		{
			"roles on lines of their own",
			"login,roles\r\nanna_k,\"Support\nCall List Manager\r\n\r\nOwner;\"\r\n",
			[]string{`"anna_k" "" ["Support" "Call List Manager" "Owner"]`},
			nil,
		},
		{
			"other line ends within a cell",
			"login,roles\nanna_k,Support\vOwner\u2028Admin\u0085Payer\n",
			[]string{`"anna_k" "" ["Support" "Owner" "Admin" "Payer"]`},
			nil,
		},
		{"two byte order marks", "\ufeff\ufefflogin;roles\nanna_k;Support\n", []string{`"anna_k" "" ["Support"]`}, nil},
		{
			"a byte order mark before quotation marks and sep=",
			"\ufeff\u200bsep=;\n\ufeff\"login\";\"roles\"\nanna_k;Support\n",
			[]string{`"anna_k" "" ["Support"]`},
			nil,
		},
		{
			"format characters and spaces around names",
			"\u200blogin\u200e,\u00a0Ro\u00adles\u3164\n" +
				"\u2060anna_k\u00a0\ufeff,\u200bSupport\u200b;\u00a0Call\u00a0List\u00adManager\n",
			[]string{`"anna_k" "" ["Support" "Call\u00a0ListManager"]`},
			nil,
		},
		{"Ctrl-Z at the end", "login,roles\nanna_k,Support\n\x1a", []string{`"anna_k" "" ["Support"]`}, nil},
		{"Ctrl-Z in a line", "login,roles\nanna_k,Support\n\x1a\x1a\r\n", []string{`"anna_k" "" ["Support"]`}, nil},
		{"Ctrl-Z in the last line", "login,roles\nanna_k,Support\x1a", []string{`"anna_k" "" ["Support"]`}, nil},
		{"invisible lines", "login,roles\n\u200b,\u00a0\nanna_k,\n\x1a,\n", []string{`"anna_k" "" []`}, nil},
		{
			"a replacement character that is text",
			"login,description\nanna_k,Ad\ufffdla\n",
			[]string{`"anna_k" "Ad�la" []`},
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
		{
			"an escaped formula after a separator",
			"login;description\nanna_k;\"x;'=1+1\"\n",
			[]string{`"anna_k" "x;=1+1" []`},
			nil,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for encoding, file := range encodings(test.file) {
				found, err := readFile(ImportFile{Content: file})
				if _, ok := errors.AsType[*ReadingDoubt](err); err != nil && !ok {
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
	return map[string][]byte{
		"UTF-8":                   []byte(text),
		"UTF-16LE":                little,
		"UTF-16BE":                big,
		"UTF-16LE without a mark": little[2:],
		"UTF-16BE without a mark": big[2:],
	}
}

// TestDoubleMark checks a file that got its byte order mark twice, in each encoding.
func TestDoubleMark(t *testing.T) {
	t.Parallel()
	for encoding, file := range encodings("\ufefflogin;roles\nanna_k;Support\n") {
		twice := encodings("\ufeff\ufefflogin;roles\nanna_k;Support\n")[encoding]
		for _, file := range [][]byte{file, twice} {
			found, err := readFile(ImportFile{Content: file})
			if err != nil || describe(found.subusers[0]) != `"anna_k" "" ["Support"]` {
				t.Errorf("%s: %+v, %v", encoding, found, err)
			}
		}
	}
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
		{"only column names", "login,roles\n", 0, "no lines below them"},
		{"only sep=", "sep=;\n", 0, "is empty"},
		{"only sep= and column names", "sep=;\nlogin;roles\n", 0, "no lines below them"},
		{
			"an Excel workbook",
			"PK\x03\x04..[Content_Types].xml",
			0,
			"This is an Excel workbook (.xlsx), not a CSV file. Save it as CSV (UTF-8) and choose that file.",
		},
		{
			"an old Excel workbook",
			"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00",
			0,
			"an Excel workbook (.xls, or .xlsx with a password), not a CSV file",
		},
		{"an older Excel workbook", "\x09\x04\x06\x00\x00\x00", 0, "an Excel workbook (.xls), not"},
		{
			"an OpenDocument spreadsheet",
			"PK\x03\x04....mimetypeapplication/vnd.oasis.opendocument.spreadsheetPK",
			0,
			"an OpenDocument spreadsheet (.ods), not",
		},
		{"a Numbers document", "PK\x03\x04..Index/Document.iwa", 0, "a Numbers document (.numbers), not"},
		{"a ZIP archive", "PK\x03\x04..people.csv", 0, "a ZIP archive, not"},
		{"an empty ZIP archive", "PK\x05\x06", 0, "a ZIP archive, not"},
		{"a large workbook", "PK\x03\x04[Content_Types].xml" + strings.Repeat("x", MaxFileBytes), 0, "an Excel workbook"},
		{"a PDF file", "%PDF-1.7\n%\xe2\xe3", 0, "a PDF file, not"},
		{"HTML saved as .xls", "\xef\xbb\xbf\r\n <html xmlns:x=\"urn\">\n<table>login", 0, "an HTML or XML file, not"},
		{"HTML in another encoding", "<table><td>\xe9", 0, "an HTML or XML file, not"},
		{"XML of Excel 2003", "<?xml version=\"1.0\"?><Workbook>", 0, "an HTML or XML file, not"},
		{"a web archive", "MIME-Version: 1.0\r\n", 0, "a web archive (.mht), not"},
		{"rich text", "{\\rtf1\\ansi", 0, "an RTF document, not"},
		{"half of UTF-16 without a byte order mark", "l\x00o\x00g\x00i\x00n\x00\n", 1, "not text in"},
		{"UTF-32 without a byte order mark", "l\x00\x00\x00o\x00\x00\x00", 1, "not text in"},
		{"half a character of UTF-16", "\xff\xfel\x00o\x00g\x00i\x00n\x00\n\x00a", 2, "not text in"},
		{"UTF-32", "\xff\xfe\x00\x00l\x00\x00\x00", 1, "not text in"},
		{"a quoted cell without an end", "login,description\nanna_k,a\nbob_k,\"b\ncarl_k,c\n", 3, "never closed"},
		{"too many lines", many + "one_more\n", MaxItems + 2, "more than 10000 lines"},
		{"too large", "login\n" + strings.Repeat("x", MaxFileBytes), 0, "too large"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := readFile(ImportFile{Content: []byte(test.file)})
			problem, ok := errors.AsType[*FileProblem](err)
			if !ok || problem.Line != test.line || !strings.Contains(problem.Text, test.text) {
				t.Errorf("%+v", err)
			}
		})
	}
	if found, err := readFile(ImportFile{Content: []byte(many)}); err != nil || len(found.subusers) != MaxItems {
		t.Errorf("the maximum number of lines: %d, %v", len(found.subusers), err)
	}
}

// TestReadingDoubts checks what an operator is asked about a file, and what the page shows of it.
func TestReadingDoubts(t *testing.T) {
	t.Parallel()
	const unknownEncoding = "The file does not state its encoding. Check the letters below."
	tests := []struct {
		name, file string
		ask        bool
		want       FileReading
	}{
		{
			"no column names", "anna_k,Anna,Support\nbob_k,,\n", false,
			FileReading{UTF8, ",", []FileColumn{{Name: "anna_k"}, {Name: "Anna"}, {Name: "Support"}},
				[][]string{{"bob_k", "", ""}}, []string{"No column is called login.", "No column is called roles."}},
		},
		{
			"Excel's CSV in German", "sep=;\r\nBenutzername;Rollen\r\na;b\r\nc;d\r\ne;f\r\ng;h\r\nj\xfcrg;\x80\r\n", false,
			FileReading{Windows1252, ";", []FileColumn{{"Benutzername", LoginColumn}, {"Rollen", RolesColumn}},
				[][]string{{"a", "b"}, {"c", "d"}, {"e", "f"}, {"jürg", "€"}}, []string{unknownEncoding}},
		},
		{
			"Excel's CSV in Russian", "\xeb\xee\xe3\xe8\xed;\xf0\xee\xeb\xe8\r\nanna_k;Support", false,
			FileReading{Windows1251, ";", []FileColumn{{"логин", LoginColumn}, {"роли", RolesColumn}},
				[][]string{{"anna_k", "Support"}}, []string{unknownEncoding}},
		},
		{
			"two logins", "User name;roles;Login\na;b;c", false,
			FileReading{UTF8, ";", []FileColumn{{"User name", LoginColumn}, {"roles", RolesColumn}, {Name: "Login"}},
				[][]string{{"a", "b", "c"}}, []string{`Two columns have the same meaning: "User name" and "Login".`}},
		},
		{
			"asked for", "login;roles\na;b", true,
			FileReading{UTF8, ";", []FileColumn{{"login", LoginColumn}, {"roles", RolesColumn}}, [][]string{{"a", "b"}}, nil},
		},
	}
	for _, test := range tests {
		_, err := readFile(ImportFile{Content: []byte(test.file), Ask: test.ask})
		doubt, ok := errors.AsType[*ReadingDoubt](err)
		if !ok || !reflect.DeepEqual(doubt.Reading, test.want) {
			t.Errorf("%s: %+v, %v\nwant %+v", test.name, doubt, err, test.want)
		}
	}
}

// TestChosenReading checks that a file is read as an operator chose, and that the choice is complete.
func TestChosenReading(t *testing.T) {
	t.Parallel()
	file := ImportFile{
		Content:   []byte("Wer,x;Was\nanna_k;\xe0\n"),
		Encoding:  Windows1251,
		Separator: ";",
		Columns:   []ColumnUse{LoginColumn, DescriptionColumn},
	}
	table, err := readFile(file)
	if err != nil || describe(table.subusers[0]) != `"anna_k" "а" []` {
		t.Errorf("%+v, %v", table, err)
	}
	for problem, columns := range map[string][]ColumnUse{
		"The file has other columns now. Choose them again.": {LoginColumn},
		"Choose the column of the logins.":                   {RolesColumn, UnusedColumn},
		"Choose one column only for login.":                  {LoginColumn, LoginColumn},
	} {
		file.Columns = columns
		_, err := readFile(file)
		doubt, ok := errors.AsType[*ReadingDoubt](err)
		if !ok || !slices.Equal(doubt.Reading.Doubts, []string{problem}) {
			t.Errorf("%q: %+v, %v", columns, doubt, err)
		}
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
		found, err := readFile(ImportFile{Content: file})
		if doubt, ok := errors.AsType[*ReadingDoubt](err); ok {
			if len(doubt.Reading.Doubts) == 0 || len(doubt.Reading.Columns) > maxColumns {
				t.Fatalf("%+v", doubt.Reading)
			}
		} else if problem, ok := errors.AsType[*FileProblem](err); err != nil &&
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
	text, _, err := decode(ImportFile{Content: file})
	if err != nil {
		t.Fatal(err)
	}
	text, named := cutSeparatorLine(text)
	separator, err := separatorOf(text, named, "")
	if err != nil {
		t.Fatal(err)
	}
	reference := csv.NewReader(strings.NewReader(text))
	reference.Comma, reference.FieldsPerRecord = separator, -1
	all, err := reference.ReadAll()
	if err != nil {
		return
	}
	all = slices.DeleteFunc(all, func(cells []string) bool { return !slices.ContainsFunc(cells, isFilled) })
	if len(all) != len(found.subusers)+1 {
		t.Fatalf("%d lines, %d new subusers", len(all), len(found.subusers))
	}
	at := slices.IndexFunc(all[0], func(name string) bool { return columnOf(name) == LoginColumn })
	for i, cells := range all[1:] {
		if at < len(cells) && visible(csvsafe.Unescape(cells[at])) != found.subusers[i].login {
			t.Fatalf("line %d: login %q, want %q", i, found.subusers[i].login, cells[at])
		}
	}
}
