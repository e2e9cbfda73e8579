package handlers

import (
	"encoding/csv"
	"reflect"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/csvsafe"
)

// readTable returns the cells of a file after its byte order mark.
func readTable(t *testing.T, file string, separator rune) [][]string {
	t.Helper()
	text, marked := strings.CutPrefix(file, "\ufeff")
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comma = separator
	cells, err := reader.ReadAll()
	if err != nil || !marked {
		t.Fatalf("%v, byte order mark: %v", err, marked)
	}
	return cells
}

// TestNoDownloadHasFormulas downloads every table of a site in which every text tries to become a formula. Whatever
// separators a program splits at, no part of the file may begin with a sign.
func TestNoDownloadHasFormulas(t *testing.T) {
	t.Parallel()
	const ending = `;=1,+1|-1` + "\t@1\n\u2800=1\r\u3164=1;\u115f＝1;\u034f=1" + `;"=1;""=1`
	partsOf := func(file string) []string {
		return strings.FieldsFunc(file, func(c rune) bool { return strings.ContainsRune(",;|\t\r\n", c) })
	}
	check := func(name, file string) {
		t.Helper()
		for _, part := range partsOf(file) {
			start := strings.TrimLeft(part, " \"\u2800\u3164\u115f\u034f")
			if strings.IndexAny(start, "=+-@＝") == 0 {
				t.Errorf("%s: the part %q begins with a sign", name, part)
			}
		}
	}
	downloads := 0
	for _, route := range newSite(t).routes() {
		if !strings.HasPrefix(route, "GET ") || !strings.HasSuffix(route, ".csv") {
			continue
		}
		downloads++
		for _, text := range []string{"=1", "x", "'=1"} {
			s := siteOfText(t, text+ending)
			s.auditLog.events = s.operations.events
			file := s.do("admin", routeRequest(route)).hasStatus(t, 200).Body.String()
			if !strings.HasPrefix(file, "\xef\xbb\xbf") {
				t.Errorf("%s opens in Excel with wrong letters: it begins with %q", route, file[:3])
			}
			if route != "GET /subusers/import.csv" && !strings.Contains(file, "'=1") {
				t.Errorf("%s contains none of the texts: %s", route, file)
			}
			check(route, file)
			request := routeRequest(route)
			request.URL.RawQuery = "separator=semicolon"
			semicolons := s.do("admin", request).hasStatus(t, 200).Body.String()
			check(request.URL.String(), semicolons)
			want, got := readTable(t, file, ','), readTable(t, semicolons, ';')
			if len(want[0]) < 3 || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %q, want %q", request.URL, got, want)
			}
		}
	}
	if downloads != 6 {
		t.Errorf("%d downloads", downloads)
	}
	for separator, want := range map[rune]string{
		csvsafe.Comma:     "login,password\r\nanna;'=1,Passw0rd+=\r\n",
		csvsafe.Semicolon: "login;password\r\n\"anna;'=1\";Passw0rd+=\r\n",
	} {
		passwords := []bulk.LoginPassword{{Login: "anna;=1", Password: config.NewSecret("Passw0rd+=")}}
		if got, err := passwordsCSV(passwords, separator); err != nil || got != want {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
}
