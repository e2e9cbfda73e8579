package bulk_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// draftImport drafts the import of a file. Where it is not clear how the file is read, it takes what was understood.
func (d fixture) draftImport(o operator.Operator, content string) bulk.Change {
	d.t.Helper()
	file := bulk.ImportFile{Content: []byte(content)}
	change, err := d.Bulk.PlanImport(d.t.Context(), d.request(o), file)
	if doubt, ok := errors.AsType[*bulk.ReadingDoubt](err); ok {
		for _, c := range doubt.Reading.Columns {
			file.Columns = append(file.Columns, c.Use)
		}
		change, err = d.Bulk.PlanImport(d.t.Context(), d.request(o), file)
	}
	return must[bulk.Change](d.t)(change, err)
}

func TestImportPreview(t *testing.T) {
	const formula = "The description begins like a formula. It is kept as text, and exports make it harmless."
	tests := []struct{ line, problem, note string }{
		{"anna_k,Anna,Support", "", "Will be created with Support."},
		{" Bob_K ,,\"support; ACCOUNTANT|Support\"", "", "Will be created with Support, Accountant."},
		{"carl_k,,", "", "Will be created without roles."},
		{"dora_k,=1+1,call list manager", "", "Will be created with CallListManager. " + formula},
		{"dory_k,'=1+1,", "", "Will be created without roles. " + formula},
		{",Anna,", "Enter a login.", ""},
		{"abc,,", "Use 5 to 20 characters. This login has 3.", ""},
		{"žofie_k,,", "Use Latin letters, digits and underscores, without spaces. Example: anna_kowalska.", ""},
		{"=anna_k,,", "The login begins like a spreadsheet formula. Start the login with a Latin letter.", ""},
		{"'@sum_k,,", "The login begins like a spreadsheet formula. Start the login with a Latin letter.", ""},
		{
			"jan.novak,,",
			"",
			`Will be created without roles. Voximplant may refuse the login: whether it allows "." is not published.`,
		},
		{
			"jan-n@x.cz,,",
			"",
			`Will be created without roles. Voximplant may refuse the login: whether it allows "-", "@", "." is not published.`,
		},
		{
			"an\u00adna_x,,",
			"The login contains a character that is not visible (U+00AD). Type the login again.",
			"",
		},
		{"1E5,,", "Use 5 to 20 characters. This login has 3.", ""},
		{"1.00E+05,,", "Start the login with a Latin letter.", ""},
		{
			"adela_k,Ad\ufffdla,",
			"",
			"Will be created without roles. The description contains \ufffd: letters were lost before the file was imported.",
		},
		{"ANNA_K,again,Support", "The login anna_k is in line 2 already.", ""},
		{"Agent_0001,,", "The account has a subuser with the login agent_0001 already.", ""},
		{"erna_k,,Suport", "There is no role called Suport.", ""},
		{"fred_k,,Support;Boss;Chief", "There is no role called Boss. There is no role called Chief.", ""},
		{"greta_k,,Owner", "Owner is a privileged role: only an admin can grant it.", ""},
		{
			"hans_k,Hans [vw:ABCDEFGHIJ],",
			"The description ends in the tag of another operation. Remove the tag.",
			"",
		},
		{
			"ivan_k," + strings.Repeat("x", 1001) + ",not known",
			"The description is too long. Use at most 1000 characters. There is no role called not known.",
			"",
		},
		{
			"jana_k,Jana,Support,Accountant",
			"Line 25 has 4 cells, the column names have 3. Put cells that contain a separator in quotation marks.",
			"",
		},
		{"karl_k,,\"" + strings.Repeat("x", 100) + "\"", "There is no role called " + strings.Repeat("x", 60) + "….", ""},
	}
	file := "login,description,roles\n"
	for _, test := range tests {
		file += test.line + "\n"
	}
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		change := d.draftImport(editor(), file)
		items := d.items(change.ID, "")
		for i, test := range tests {
			if items[i].Problem != test.problem || items[i].Note != test.note || items[i].Line != i+2 ||
				(items[i].State == bulk.Skipped) != (test.problem != "") {
				t.Errorf(
					"%q in line %d:\n%q %q\nwant\n%q %q",
					test.line,
					items[i].Line,
					items[i].Problem,
					items[i].Note,
					test.problem,
					test.note,
				)
			}
		}
		wantSummary(t, change, "draft, 8 waiting, 17 skipped")
		if items[4].Description != "=1+1" || items[1].Name != "bob_k" {
			t.Errorf("%+v", items[4])
		}
		if d.writeCount() != 0 {
			t.Error("the preview sent something")
		}
		again := d.draftImport(admin(), file)
		if got := d.items(again.ID, "")[20]; got.Note != "Will be created with Owner." {
			t.Errorf("an admin can grant Owner: %+v", got)
		}
	})
}

func TestImportRejectsFile(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		_, err := d.Bulk.PlanImport(t.Context(), d.request(admin()), bulk.ImportFile{Content: []byte("login\n")})
		if _, ok := errors.AsType[*bulk.FileProblem](err); !ok {
			t.Errorf("%v", err)
		}
	})
}

// TestImportAsksHowToRead imports a file that Excel saved as CSV, with a column name that is not known. Nothing is
// drafted before an operator chose the columns.
func TestImportAsksHowToRead(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		file := bulk.ImportFile{Content: []byte("Kennung;Beschreibung;Rollen\r\nanna_k;\xc4nnchen;Support\r\n")}
		_, err := d.Bulk.PlanImport(t.Context(), d.request(editor()), file)
		doubt, ok := errors.AsType[*bulk.ReadingDoubt](err)
		if !ok || doubt.Reading.Encoding != bulk.Windows1252 || doubt.Reading.Separator != ";" ||
			doubt.Reading.Rows[0][1] != "Ännchen" {
			t.Fatalf("%+v, %v", doubt, err)
		}
		drafts := must[[]bulk.Change](t)(d.Bulk.List(t.Context(), editor(), d.Account))
		if len(drafts) != 0 {
			t.Errorf("drafted %+v", drafts)
		}
		file = bulk.ImportFile{ID: doubt.FileID, Encoding: bulk.Windows1252, Separator: ";"}
		for _, other := range []bulk.ImportFile{{ID: strings.Repeat("a", 26)}, file} {
			_, err := d.Bulk.PlanImport(t.Context(), d.request(admin()), other)
			problem, ok := errors.AsType[*bulk.FileProblem](err)
			if !ok || !strings.Contains(problem.Text, "not stored any more") {
				t.Errorf("the file of another operator: %v", err)
			}
		}
		file.Columns = []bulk.ColumnUse{bulk.LoginColumn, bulk.DescriptionColumn, bulk.RolesColumn}
		change := must[bulk.Change](t)(d.Bulk.PlanImport(t.Context(), d.request(editor()), file))
		if items := d.items(change.ID, ""); len(items) != 1 || items[0].Name != "anna_k" ||
			items[0].Description != "Ännchen" || len(items[0].Roles) != 1 || items[0].Roles[0].Name != "Support" {
			t.Errorf("%+v", items)
		}
		if _, err := d.Bulk.PlanImport(t.Context(), d.request(editor()), file); err == nil {
			t.Error("the file is still stored after its import")
		}
	})
}

// TestStoredImportFilesAreLimited uploads more files than are stored, and waits longer than they are.
func TestStoredImportFilesAreLimited(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		upload := func(o operator.Operator) bulk.ImportFile {
			_, err := d.Bulk.PlanImport(t.Context(), d.request(o), bulk.ImportFile{Content: []byte("who\nanna_k\n")})
			doubt, ok := errors.AsType[*bulk.ReadingDoubt](err)
			if !ok {
				t.Fatal(err)
			}
			time.Sleep(time.Millisecond) // of the bubble
			return bulk.ImportFile{ID: doubt.FileID, Columns: []bulk.ColumnUse{bulk.LoginColumn}}
		}
		isStored := func(o operator.Operator, file bulk.ImportFile) bool {
			_, err := d.Bulk.PlanImport(t.Context(), d.request(o), file)
			return err == nil
		}
		other := upload(admin())
		files := []bulk.ImportFile{upload(editor()), upload(editor()), upload(editor())}
		if isStored(editor(), files[0]) || !isStored(editor(), files[1]) || !isStored(admin(), other) {
			t.Error("the two newest files of each operator are not the ones that are stored")
		}
		stop := d.startWorkers()
		time.Sleep(2 * time.Hour)
		stop()
		if isStored(editor(), files[2]) {
			t.Error("a file is stored after two hours")
		}
	})
}

// TestImportWithoutRoles imports files of which no column is for roles. If one is not used, it may hold the roles under
// another name, so the start has to confirm that the subusers get none.
func TestImportWithoutRoles(t *testing.T) {
	tests := map[string]bool{ // whether it must be confirmed
		"login,description\nanna_k,Anna\n":                    false,
		"login,description,\nanna_k,Anna,\n":                  false,
		"login,phone,roles\nanna_k,1,\n":                      false,
		"login,description,access\nanna_k,Anna,Support\n":     true,
		"login,description,\nanna_k,Anna,Support\n":           true,
		"id,login,inherited roles,keys\n7,anna_k,Support,0\n": true,
	}
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		for file, confirm := range tests {
			change := d.draftImport(editor(), file)
			if stored := d.show(change.ID); change.NoRolesColumn != confirm || stored.NoRolesColumn != confirm {
				t.Errorf("%q: must be confirmed: %v, stored %v, want %v", file, change.NoRolesColumn, stored.NoRolesColumn, confirm)
			}
			if !confirm {
				continue
			}
			_, err := d.Bulk.Start(t.Context(), d.request(editor()), change.ID, bulk.StartForm{})
			invalid, ok := errors.AsType[*operations.Invalid](err)
			if !ok || len(invalid.Fields) != 1 || !strings.Contains(invalid.Fields["without_roles"], "without roles") {
				t.Errorf("%q: %+v", file, err)
			}
			wantSummary(t, d.show(change.ID), "draft, 1 waiting")
		}
		change := d.draftImport(editor(), "login,access\nanna_k,Support\n")
		form := bulk.StartForm{WithoutRoles: true}
		started, err := d.Bulk.Start(t.Context(), d.request(editor()), change.ID, form)
		if err != nil || len(started.Passwords) != 1 {
			t.Errorf("%+v, %v", started, err)
		}
	})
}

// TestImportWithoutAnyRole imports files in which some subusers get roles and others none. Their cell may be empty by
// mistake, or their roles may be in a column that is not used, so the start has to confirm how many get none.
func TestImportWithoutAnyRole(t *testing.T) {
	row := func(line int, login string) bulk.ImportedRow { return bulk.ImportedRow{Line: line, Login: login} }
	tests := []struct {
		file string
		want []bulk.ImportedRow
	}{
		{"login,roles\nanna_k,Support\nbob_kk,\n", []bulk.ImportedRow{row(3, "bob_kk")}},
		{"login,roles\nanna_k,Support\nbob_kk,;; ,\n\ncarl_k\n", []bulk.ImportedRow{row(3, "bob_kk"), row(5, "carl_k")}},
		// A subuser that cannot be created does not count, but its roles show that the file has some.
		{"login,roles\nanna_k,Suport\nbob_kk,\nx,\n", []bulk.ImportedRow{row(3, "bob_kk")}},
		// A cell of a column that is not used names a role.
		{
			"login,roles,access\nanna_k,,support; Accountant\nbob_kk,,none\n",
			[]bulk.ImportedRow{row(2, "anna_k"), row(3, "bob_kk")},
		},
		{"login,phone,roles\nanna_k,1,\n", nil},
		{"login,roles\nanna_k,\nbob_kk,\n", nil},
		{"login,roles\nanna_k,Support\nbob_kk,Accountant\n", nil},
	}
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		for _, test := range tests {
			change := d.draftImport(editor(), test.file)
			if !slices.Equal(change.WithoutRoles.First, test.want) || change.WithoutRoles.Count != len(test.want) {
				t.Errorf("%q: %+v, want %+v", test.file, change.WithoutRoles, test.want)
			}
			if stored := d.show(change.ID); !reflect.DeepEqual(stored.WithoutRoles, change.WithoutRoles) {
				t.Errorf("%q: stored %+v", test.file, stored.WithoutRoles)
			}
			_, err := d.Bulk.Start(t.Context(), d.request(editor()), change.ID, bulk.StartForm{})
			invalid, ok := errors.AsType[*operations.Invalid](err)
			if confirm := len(test.want) > 0; ok != confirm || ok && invalid.Fields["without_roles"] == "" {
				t.Errorf("%q: started with %v", test.file, err)
			}
		}
		// The page names the first ones only.
		many := "login,roles\nanna_k,Support\n"
		for n := range 50 {
			many += fmt.Sprintf("person_%d,\n", n)
		}
		change := d.draftImport(editor(), many)
		if got := change.WithoutRoles; got.Count != 50 || len(got.First) != 10 || got.First[9] != row(12, "person_9") {
			t.Errorf("%+v", got)
		}
		// Retry asks again.
		change = d.draftImport(editor(), "login,access\nanna_k,Support\n")
		form := bulk.StartForm{WithoutRoles: true}
		if _, err := d.Bulk.Start(t.Context(), d.request(editor()), change.ID, form); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Bulk.Stop(t.Context(), editor(), change.ID); err != nil {
			t.Fatal(err)
		}
		again := must[bulk.Change](t)(d.Bulk.Retry(t.Context(), d.request(editor()), change.ID))
		if again.WithoutRoles.Count != 1 {
			t.Errorf("retry: %+v", again.WithoutRoles)
		}
	})
}

func TestImport(t *testing.T) {
	folder := t.TempDir()
	inWorld(t, apptest.Options{Database: filepath.Join(folder, "voxwarden.db")}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		change := d.draftImport(
			editor(),
			"phone;login;roles;description\r\n1;Anna_K;Support;Anna\r\n2;bob_k;Support, "+
				"Accountant;\r\n3;agent_0001;;\r\n4;carl_k;;=1+1\r\n",
		)
		wantSummary(t, change, "draft, 3 waiting, 1 skipped")
		if strings.Join(change.IgnoredColumns, " ") != "phone" {
			t.Errorf("ignored %q", change.IgnoredColumns)
		}
		// Meanwhile a login is taken, so that the vendor refuses it.
		if err := d.Sim.ApplyExternal(voxsim.ExternalChange{
			Kind:     voxsim.ExternalAddSubuser,
			Login:    "bob_k",
			Password: voxsim.SeedPassword,
		}); err != nil {
			t.Fatal(err)
		}
		started := d.start(change)
		if len(started.Passwords) != 3 || started.Passwords[0].Login != "anna_k" {
			t.Fatalf("%+v", started.Passwords)
		}
		wantSummary(t, d.waitUntilEnded(change.ID), "done, 1 skipped, 2 applied, 1 refused")
		if d.roleNamesOf("anna_k") != "Support" || d.roleNamesOf("carl_k") != "" {
			t.Errorf("anna_k has %q, carl_k %q", d.roleNamesOf("anna_k"), d.roleNamesOf("carl_k"))
		}
		if failed := d.items(change.ID, string(audit.Refused)); len(failed) != 1 || failed[0].Name != "bob_k" ||
			failed[0].Code != 436 || failed[0].Message == "" {
			t.Errorf("%+v", failed)
		}
		d.checkAgreement()
		d.checkPassword(started.Passwords[0])
		if _, err := d.Bulk.Start(t.Context(), d.request(editor()), change.ID, bulk.StartForm{}); err == nil {
			t.Error("started twice")
		} else if conflict, ok := errors.AsType[*bulk.StateConflict](err); !ok || conflict.Change.State != bulk.Done {
			t.Errorf("%v", err)
		}
		files := must[[]string](t)(filepath.Glob(filepath.Join(folder, "*")))
		for _, name := range files {
			data := must[[]byte](t)(os.ReadFile(name))
			for _, p := range started.Passwords {
				if bytes.Contains(data, []byte(p.Password.Reveal())) {
					t.Errorf("%s contains the password of %s", filepath.Base(name), p.Login)
				}
			}
		}
		if len(files) == 0 || !bytes.Contains(must[[]byte](t)(os.ReadFile(files[0])), []byte("anna_k")) && len(files) == 1 {
			t.Error("the database file was not checked")
		}
	})
}

// TestConcurrentStartsReturnPasswordsOnce starts a bulk change many times at once in two processes.
func TestConcurrentStartsReturnPasswordsOnce(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		other := d.otherProcess()
		defer startLoops(d.Bulk.Run, other.Run)()
		change := d.draftImport(admin(), "login\nanna_k\nbob_kk\n")
		var (
			starts  sync.WaitGroup
			started [16]bulk.Started
			errs    [16]error
		)
		for i := range started {
			service := []*bulk.Service{d.Bulk, other}[i%2]
			starts.Go(func() {
				started[i], errs[i] = service.Start(t.Context(), d.request(admin()), change.ID, bulk.StartForm{})
			})
		}
		starts.Wait()
		var passwords []bulk.LoginPassword
		for i, err := range errs {
			switch {
			case err == nil && passwords == nil:
				passwords = started[i].Passwords
			case !isStateConflict(err) || len(started[i].Passwords) > 0:
				t.Errorf("start %d: %v", i, err)
			}
		}
		wantSummary(t, d.waitUntilEnded(change.ID), "done, 2 applied")
		if len(passwords) != 2 {
			t.Fatalf("%d passwords", len(passwords))
		}
		for _, p := range passwords {
			d.checkPassword(p)
		}
	})
}

// checkPassword checks a returned password by changing it, for which the vendor requires the current one.
func (d fixture) checkPassword(p bulk.LoginPassword) {
	d.t.Helper()
	for _, s := range d.Sim.State().Subusers {
		if s.Login != p.Login {
			continue
		}
		request := d.request(admin())
		request.ID = d.Operations.NewID()
		out, err := d.Operations.ChangeSubuserPassword(
			d.t.Context(),
			operations.ChangeSubuserPassword{Request: request, SubuserID: s.ID, Current: p.Password},
		)
		if err != nil || out.Result != audit.Applied {
			d.t.Errorf("wrong password for %s: %s, %v", p.Login, out.Result, err)
		}
	}
}

// TestLargestImport plans the largest file that is allowed.
func TestLargestImport(t *testing.T) {
	var file strings.Builder
	file.WriteString("login,description,roles\n")
	for i := range bulk.MaxItems {
		fmt.Fprintf(&file, "person_%d,\"Person, %d\",Support;Accountant\n", i, i)
	}
	w := apptest.NewWorld(t, apptest.Options{Company: agents(8)})
	defer w.Close()
	d := fixture{World: w, t: t}
	for range 10_000 { // the first listing is still being read
		if list, err := d.Directory.List(t.Context(), d.Account, access.Subuser, directory.Filter{}); err != nil ||
			!list.Status.Cold() {
			break
		}
	}
	began := time.Now()
	change := d.draftImport(admin(), file.String())
	t.Logf("drafted in %v", time.Since(began))
	wantSummary(t, change, "draft, 10000 waiting")
	began = time.Now()
	page := must[bulk.ItemPage](t)(d.Bulk.Items(t.Context(), admin(), change.ID, bulk.ItemFilter{Page: 100}))
	t.Logf("a page in %v", time.Since(began))
	if page.Matches != bulk.MaxItems || page.Pages != 100 || page.Page != 100 || len(page.Items) != 100 ||
		page.Items[99].Name != "person_9999" {
		t.Errorf("%d matches, page %d of %d, %d items", page.Matches, page.Page, page.Pages, len(page.Items))
	}
	began = time.Now()
	d.show(change.ID)
	t.Logf("counted in %v", time.Since(began))
}
