package bulk

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// wellFormed returns files about the same three people that can be read in one way only, by name.
func wellFormed() map[string]string {
	const plain = "login,description,roles\r\nanna_k,Anna,Support\r\n" +
		"bob_kk,\"Bob, Prague\",Support;Owner\r\ncarl_k,,\r\n"
	semicolons := strings.NewReplacer(
		"login,description,roles", "login;description;roles",
		"anna_k,Anna,", "anna_k;Anna;",
		"bob_kk,\"Bob, Prague\",Support;Owner", "bob_kk;\"Bob, Prague\";\"Support;Owner\"",
		"carl_k,,", "carl_k;;",
	).Replace(plain)
	tabs := strings.NewReplacer(
		"login,description,roles", "login\tdescription\troles",
		"anna_k,Anna,", "anna_k\tAnna\t",
		"bob_kk,\"Bob, Prague\",", "bob_kk\tBob, Prague\t",
		"carl_k,,", "carl_k\t\t",
	).Replace(plain)
	bars := strings.NewReplacer(
		"login;description;roles", "login|description|roles",
		"anna_k;Anna;", "anna_k|Anna|",
		"bob_kk;\"Bob, Prague\";", "bob_kk|Bob, Prague|",
		"carl_k;;", "carl_k||",
	).Replace(semicolons)
	phones := strings.NewReplacer(
		"login,", "phone,login,", "anna_k", "1,anna_k", "bob_kk", "2,bob_kk", "carl_", "3,carl_",
	)
	names := func(head string) string { return head + strings.TrimPrefix(semicolons, "login;description;roles") }
	return map[string]string{
		"commas":             plain,
		"semicolons":         semicolons,
		"tabs":               tabs,
		"vertical bars":      bars,
		"sep=;":              "sep=;\r\n" + semicolons,
		"sep=, in quotes":    "\"sep=,\"\r\n" + plain,
		"sep=\\t":            "sep=\t\r\n" + tabs,
		"LF":                 strings.ReplaceAll(plain, "\r\n", "\n"),
		"CR":                 strings.ReplaceAll(plain, "\r\n", "\r"),
		"no last line end":   strings.TrimSuffix(plain, "\r\n"),
		"empty last lines":   plain + "\r\n,,\r\n\r\n",
		"empty first lines":  "\r\n" + plain,
		"empty last columns": strings.ReplaceAll(plain, "\r\n", ",,,\r\n"),
		"short last line":    strings.Replace(plain, "carl_k,,", "carl_k", 1),
		"all cells in quotes": "\"login\",\"description\",\"roles\"\n\"anna_k\",\"Anna\",\"Support\"\n" +
			"\"bob_kk\",\"Bob, Prague\",\"Support;Owner\"\n\"carl_k\",\"\",\"\"\n",
		"roles in lines":      strings.Replace(plain, "Support;Owner", "\"Support\r\nOwner\"", 1),
		"spaces around names": names(" Login ;Description; Roles"),
		"capitals":            names("LOGIN;DESCRIPTION;ROLES"),
		"German":              names("Benutzername;Beschreibung;Rollen"),
		"German, other words": names("Anmeldename;Beschreibung;Berechtigungen"),
		"French":              names("Identifiant;Description;Rôles"),
		"French, other words": names("Nom d'utilisateur;Description;Droits"),
		"Spanish":             names("Usuario;Descripción;Roles"),
		"Spanish, decomposed": names("Usuario;Descripcio\u0301n;Permisos"),
		"Russian":             names("Логин;Описание;Роли"),
		"Russian, other":      names("Имя пользователя;Описание;Права"),
		"an unused column":    phones.Replace(plain),
		"an export": "id,login,description,direct roles,inherited roles,keys\r\n1,anna_k,Anna,Support,,0\r\n" +
			"2,bob_kk,\"Bob, Prague\",Support; Owner,User Read,1\r\n3,carl_k,,,,0\r\n",
		"another order": "roles;login;description\nSupport;anna_k;Anna\n" +
			"\"Support;Owner\";bob_kk;Bob, Prague\n;carl_k;\n",
	}
}

// TestWellFormedFilesAreNotAskedAbout reads files that leave nothing open, in UTF-8 and UTF-16 with and without a byte
// order mark: no page asks how they are read, and each has the same people.
func TestWellFormedFilesAreNotAskedAbout(t *testing.T) {
	t.Parallel()
	want := []string{
		`"anna_k" "Anna" ["Support"]`, `"bob_kk" "Bob, Prague" ["Support" "Owner"]`, `"carl_k" "" []`,
	}
	for name, text := range wellFormed() {
		files := encodings(text)
		files["UTF-8 with a mark"] = []byte("\ufeff" + text)
		for encoding, file := range files {
			table, err := readFile(ImportFile{Content: file})
			if err != nil {
				doubt, _ := errors.AsType[*ReadingDoubt](err)
				t.Errorf("%s in %s: %+v %+v", name, encoding, err, doubt)
				continue
			}
			var got []string
			for _, subuser := range table.subusers {
				got = append(got, describe(subuser))
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s in %s: %s", name, encoding, got)
			}
		}
	}
}

// TestOtherFilesAreAskedAbout reads files that can be read in more than one way. An operator decides, because a wrong
// guess would create subusers with wrong names or without their roles.
func TestOtherFilesAreAskedAbout(t *testing.T) {
	t.Parallel()
	const twice = "Two columns have the same meaning"
	const unknownEncoding = "The file does not state its encoding. Check the letters below."
	for name, test := range map[string]struct{ file, doubt string }{
		"Windows-1252":          {"login;description\nanna_k;\xc4nne\n", unknownEncoding},
		"Windows-1251":          {"\xeb\xee\xe3\xe8\xed;\xf0\xee\xeb\xe8\nanna_k;Support\n", unknownEncoding},
		"no column names":       {"anna_k;Anna;Support\nbob_kk;;\n", "No column is called login."},
		"an unknown login":      {"Kennung;Rollen\nanna_k;Support\n", "No column is called login."},
		"two logins":            {"login;user;roles\nanna_k;anna;Support\n", twice + `: "login" and "user".`},
		"two columns of roles":  {"login;role;roles\nanna_k;Support;Owner\n", twice + `: "role" and "roles".`},
		"roles by another name": {"login;Zugriff\nanna_k;Support\n", "No column is called roles."},
		"roles without a name":  {"login;description;\nanna_k;Anna;Support\n", "No column is called roles."},
		"roles numbered":        {"login;role 1;role 2\nanna_k;Support;Owner\n", "No column is called roles."},
	} {
		_, err := readFile(ImportFile{Content: []byte(test.file)})
		doubt, ok := errors.AsType[*ReadingDoubt](err)
		if !ok || !slices.Contains(doubt.Reading.Doubts, test.doubt) {
			t.Errorf("%s: %+v, %v", name, doubt, err)
		}
	}
}
