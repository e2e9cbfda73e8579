package handlers

import (
	"bytes"
	"cmp"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
)

func TestPlanBulkChange(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("editor", "/subusers").hasStatus(t, 200).contains(t, "Change selected…")
	s.get("editor", "/bulk/new?id=7&id=8").hasStatus(t, 200).contains(
		t,
		"2 subusers are selected: anna_novakova and boss.",
	)
	s.get("editor", "/bulk/new?id=7&id=8&id=7&id=999").hasStatus(t, 200).contains(
		t,
		"3 subusers are selected",
		"Held by 2 of 3, 1 by inheritance.",
		"The roles of 1 of them are not known.",
	)
	s.get("editor", "/runs/abc?filter=open").redirectsTo(t, "/bulk/abc?filter=open")
	s.get("editor", "/bulk/new").hasStatus(t, 200).contains(t, "No subusers selected")
	form := url.Values{"id": {"7", "8"}, "act": {"roles"}, "grant": {"3"}, "reason": {"TICKET"}}
	s.post("editor", "/bulk/new", form).redirectsTo(t, "/bulk/"+s.bulk.change.ID)
	want := []access.Ref{access.SubuserRef(7), access.SubuserRef(8)}
	if got := s.bulk.targets[0]; !slices.Equal(got.Refs, want) || got.All || !slices.Equal(s.bulk.grant, []int64{3}) {
		t.Errorf("planned %+v, grant %v", got, s.bulk.grant)
	}
	all := url.Values{"all": {"1"}, "q": {"anna"}, "role": {"Support"}, "act": {"delete"}}
	s.post("editor", "/bulk/new", all).redirectsTo(t, "/bulk/"+s.bulk.change.ID)
	if got := s.bulk.targets[1]; !got.All || got.Filter.Query != "anna" || got.Filter.Role != "Support" {
		t.Errorf("planned %+v", got)
	}
	s.bulk.err = &operations.Invalid{Fields: map[string]string{"roles": "Tick a role."}}
	s.post("editor", "/bulk/new", form).hasStatus(t, 422).contains(t, "Tick a role.")
	s.post("editor", "/bulk/new", url.Values{"act": {"nonsense"}}).hasStatus(t, 400)
}

func TestViewerCannotSelect(t *testing.T) {
	t.Parallel()
	if page := newSite(t).get("viewer", "/subusers").hasStatus(t, 200); strings.Contains(page.text(), "Change selected") {
		t.Error("a viewer is offered to change many")
	}
}

func TestShowAndStartBulkChange(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.bulk.change.Reason = "OPS-9 moves"
	path := "/bulk/" + s.bulk.change.ID
	page := s.get("editor", path).
		hasStatus(t, 200).
		contains(
			t,
			"Nothing was sent yet",
			"Has a privileged role.",
			"The vendor said no.",
			"Change 1 subuser",
			"SetSubUserRoles",
			"role_id=1",
		)
	if got := page.doc.Find(`form[action="`+path+`/start"] [name="reason"]`).AttrOr("value", ""); got != "OPS-9 moves" {
		t.Errorf("the form has the reason %q, want that of the draft", got)
	}
	if page.doc.Find(`form[action="`+path+`/start"]`).Length() != 1 ||
		page.doc.Find(`form[action="`+path+`/stop"]`).Length() != 0 {
		t.Error("a draft can be started, and not stopped")
	}
	other := s.get("admin", path).contains(t, "OPS-9 moves")
	if other.doc.Find(`form[action="`+path+`/start"]`).Length() != 0 {
		t.Error("the draft of another operator can be started")
	}
	s.post("editor", path+"/start", url.Values{"confirm": {"1"}, "warned": {"keys"}, "reason": {"R"}}).redirectsTo(t, path)
	if got := s.bulk.started[0]; got.Confirm != "1" || got.Reason != "R" ||
		!slices.Equal(got.Warned, []operations.Warning{operations.WarnKeys}) {
		t.Errorf("started with %+v", got)
	}
	s.bulk.err = &operations.Invalid{Fields: map[string]string{"confirm": "Type the number."}}
	s.post("editor", path+"/start", url.Values{"confirm": {"7"}}).hasStatus(t, 422).contains(t, "Type the number.")
	s.bulk.err = &bulk.StateConflict{Change: s.bulk.change}
	s.post("editor", path+"/start", nil).redirectsTo(t, path)
	s.bulk.err, s.bulk.change.State = nil, bulk.Running
	s.get("editor", path).hasStatus(t, 200).contains(t, "You can close this page")
	s.post("editor", path+"/stop", nil).redirectsTo(t, path)
	s.bulk.change.State, s.bulk.change.StopReason = bulk.Stopped, "Voximplant could not be reached."
	s.get("editor", path).hasStatus(t, 200).contains(t, "Voximplant could not be reached.", "Retry items not sent")
	s.bulk.change.Counts.InProgress, s.bulk.change.EndedAt = 1, noon.Add(-2*time.Second)
	s.get("editor", path).hasStatus(t, 200).contains(t, "The current item will finish.", `http-equiv="refresh"`)
	s.bulk.change.EndedAt = noon.Add(-time.Hour)
	s.get("editor", path).hasStatus(t, 200).excludes(t, `http-equiv="refresh"`)
	s.post("editor", path+"/retry", nil).redirectsTo(t, path)
	s.get("editor", "/bulk").hasStatus(t, 200).contains(t, "Change the roles of 2 subusers")
}

// The results of a bulk change are tabs with counts, which keep the filter in the file of the results.
func TestBulkChangeTabs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	path := "/bulk/" + s.bulk.change.ID
	s.bulk.change.State, s.bulk.change.Remaining = bulk.Running, 100*time.Second
	s.bulk.change.Counts = bulk.Counts{Total: 16, Applied: 10, Refused: 2, Unknown: 1, Waiting: 3}
	page := s.get("editor", path+"?only=refused").hasStatus(t, 200).contains(t, "About 2 minutes left at the pace so far.")
	if s.bulk.filter.Only != "refused" {
		t.Errorf("the filter is %q", s.bulk.filter.Only)
	}
	var tabs []string
	page.doc.Find(`nav[aria-label="Items"] a`).Each(func(_ int, a *goquery.Selection) {
		tabs = append(tabs, a.Text()+" "+a.AttrOr("href", "")+" "+a.AttrOr("aria-current", ""))
	})
	want := []string{
		"16 in all " + path + " ",
		"10 applied " + path + "?only=applied ",
		"3 waiting " + path + "?only=waiting ",
		"2 refused " + path + "?only=refused true",
		"1 unknown " + path + "?only=unknown ",
	}
	if !slices.Equal(tabs, want) {
		t.Errorf("the tabs are\n%s", strings.Join(tabs, "\n"))
	}
	if page.doc.Find(`a[href="`+path+`.csv?only=refused"][download]`).Length() != 1 {
		t.Error("the file does not keep the filter")
	}
	for left, text := range map[time.Duration]string{
		0:                "",
		20 * time.Second: "Less than a minute left",
		58 * time.Second: "About 1 minute left",
		80 * time.Minute: "About 80 minutes left",
		3 * time.Hour:    "About 3 hours left",
	} {
		s.bulk.change.Remaining = left
		page := s.get("editor", path).hasStatus(t, 200)
		if text == "" {
			page.excludes(t, "left at the pace")
		} else {
			page.contains(t, text+" at the pace so far.")
		}
	}
}

// The file of a bulk change has a line for each item with its result.
func TestExportBulkChange(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.bulk.change.State = bulk.Stopped
	path := "/bulk/" + s.bulk.change.ID
	file := s.get("editor", path+".csv?only=refused").hasStatus(t, 200)
	want := "\ufeffitem,line,kind,id,name,description,roles granted,roles revoked,result,message,operation\r\n" +
		"1,,subuser,7,anna_novakova,,Owner,,not started,,\r\n" +
		"2,,subuser,8,boss,,,,not possible,Has a privileged role.,\r\n" +
		"3,,subuser,9,carl,,,,refused,The vendor said no.," + strings.Repeat("a", 26) + "\r\n" +
		"4,,subuser,10,dora,,,Support,applied,," + strings.Repeat("d", 26) + "\r\n"
	if got := file.Body.String(); got != want || s.bulk.filter.Only != "refused" {
		t.Errorf("with the filter %q:\n%s", s.bulk.filter.Only, got)
	}
	if len(s.auditLog.notices) != 1 {
		t.Errorf("noted %+v", s.auditLog.notices)
	}
	s.get("editor", "/bulk/x.csv").hasStatus(t, 404)
}

// An ended bulk change offers its undo to operators that may make the reverse change, and the undo of each item.
func TestUndoBulkChange(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	path := "/bulk/" + s.bulk.change.ID
	undo := `form[action="` + path + `/undo"] button`
	s.bulk.change.State, s.bulk.change.EndedAt = bulk.Done, noon.Add(-time.Hour)
	s.bulk.change.Filter = &directory.Filter{Query: "anna", Role: "Support", Privileged: true}
	s.bulk.change.Counts = bulk.Counts{Total: 2, Applied: 1, Refused: 1}
	page := s.get("editor", path).hasStatus(t, 200)
	if page.doc.Find(undo).Text() != "Undo this bulk change…" {
		t.Error("no undo is offered")
	}
	links := map[string]string{}
	page.doc.Find("main a[href]").Each(func(_ int, a *goquery.Selection) {
		links[cmp.Or(a.AttrOr("aria-label", ""), a.Text())] = a.AttrOr("href", "")
	})
	for name, href := range map[string]string{
		"Undo the change of dora":      "/subusers/10/roles?undo=" + strings.Repeat("d", 26),
		"Back to the list of subusers": "/subusers?privileged=1&q=anna&role=Support",
		"Change the same subusers…":    "/bulk/new?all=1&privileged=1&q=anna&role=Support",
		"Show in the audit log":        "/audit?bulk=" + s.bulk.change.ID,
	} {
		if links[name] != href {
			t.Errorf("%s leads to %q", name, links[name])
		}
	}
	if links["Undo the change of carl"] != "" {
		t.Error("an item that was refused has an undo")
	}
	s.bulk.change.Filter = nil
	page = s.get("editor", path)
	for _, href := range []string{"/bulk/new?id=7&id=8&id=9&id=10", "/subusers"} {
		if page.doc.Find(`main .inline-links a[href="`+href+`"]`).Length() != 1 {
			t.Errorf("no link leads to %s", href)
		}
	}
	if s.get("auditor", path).hasStatus(t, 200).doc.Find(undo).Length() != 0 {
		t.Error("an auditor is offered the undo")
	}
	// What was undone is offered no more, and leads to the operation that undid it, if the operator may see that.
	dora := strings.Repeat("d", 26)
	by := audit.Operation{
		ID:     strings.Repeat("b", 26),
		Actor:  audit.Actor{Issuer: "test", Subject: "another"},
		Action: audit.ChangeSubuserRoles,
		BulkID: strings.Repeat("c", 26),
	}
	s.bulk.undone = bulk.Undone{By: map[string]audit.Operation{dora: by}, Whole: true}
	for role, links := range map[string]int{"auditor": 1, "editor": 0} {
		page = s.get(role, path).contains(t, "Undone: all changes.", "Undone")
		if page.doc.Find(undo).Length() != 0 || page.doc.Find(`a[aria-label="Undo the change of dora"]`).Length() != 0 {
			t.Errorf("%s: what was undone is offered again", role)
		}
		for _, href := range []string{"/audit/" + by.ID, "/bulk/" + by.BulkID} {
			if got := page.doc.Find(`main a[href="` + href + `"]`).Length(); got != links {
				t.Errorf("%s: %d links lead to %s, want %d", role, got, href, links)
			}
		}
	}
	s.bulk.undone.Whole = false
	if s.get("editor", path).doc.Find(undo).Length() != 1 {
		t.Error("no undo of the rest is offered")
	}
	s.bulk.undone = bulk.Undone{}
	s.post("editor", path+"/undo", nil).redirectsTo(t, path)
	if !slices.Equal(s.bulk.commands, []string{"undo"}) {
		t.Errorf("commands: %v", s.bulk.commands)
	}
	s.bulk.err = &operations.Invalid{Fields: map[string]string{"rows": "Nothing of this bulk change was applied."}}
	s.post("editor", path+"/undo", nil).redirectsTo(t, path)
	s.get("editor", path).contains(t, "Nothing of this bulk change was applied.")
	// Nothing was applied, an item is still in progress, or it was a deletion.
	for _, change := range []func(*bulk.Change){
		func(c *bulk.Change) { c.Counts.Applied = 0 },
		func(c *bulk.Change) { c.Counts.InProgress = 1 },
		func(c *bulk.Change) { c.State = bulk.Running },
		func(c *bulk.Change) { c.Kind = bulk.Delete },
	} {
		before := s.bulk.change
		change(&s.bulk.change)
		page := s.get("admin", path).hasStatus(t, 200)
		if page.doc.Find(undo).Length() != 0 {
			t.Errorf("an undo of %+v is offered", s.bulk.change)
		}
		if s.bulk.change.Kind == bulk.Delete {
			page.contains(t, "A deletion cannot be undone.")
		}
		s.bulk.change = before
	}
	// The preview names what it reverses.
	s.bulk.change.State, s.bulk.change.UndoOf, s.bulk.change.LeftOut = bulk.Draft, strings.Repeat("o", 26), 2
	page = s.get("editor", path).
		contains(t, "of these subusers. What was changed again later stays.", "2 items of it are left out")
	if page.doc.Find(`a[href="/bulk/`+s.bulk.change.UndoOf+`"]`).Length() != 1 {
		t.Error("no link leads to what is reversed")
	}
}

// A filter survives the way through the address of its list.
func TestListQueryIsReadAsTheFilter(t *testing.T) {
	t.Parallel()
	for _, f := range []directory.Filter{
		{},
		{Query: "anna & co", Role: "-"},
		{OutlivedOwner: true, Privileged: true},
		{OwnerUnknown: true, WithoutDescription: true},
	} {
		got := listFilter(access.Key, filteredListing(access.Key, f).FilterQuery())
		f.Sort, f.Page, f.PerPage = "name", 1, perPage
		if got != f {
			t.Errorf("got %+v, want %+v", got, f)
		}
	}
}

// TestImportWithoutRolesIsConfirmed checks the box that the preview of a file without a column for the roles has.
// A draft says what its start will do, or that nothing can be started.
func TestDraftNamesWhatHappensAtTheStart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind    bulk.Kind
		waiting int
		want    string
		without string
	}{
		{bulk.Roles, 3, "Each subuser is read again before its change.", "Nothing can be"},
		{bulk.Roles, 0, "Nothing can be sent: each item below has its reason.", "is read again"},
		{bulk.Create, 3, "The passwords are generated at the start and shown once.", "is read again"},
		{bulk.Create, 0, "Nothing can be created: each line below has its reason.", "is read again"},
	} {
		s := newSite(t)
		s.bulk.change.Kind, s.bulk.change.State = c.kind, bulk.Draft
		s.bulk.change.Counts = bulk.Counts{Total: 3, Waiting: c.waiting, Skipped: 3 - c.waiting}
		page := s.get("editor", "/bulk/"+s.bulk.change.ID).hasStatus(t, 200).contains(t, c.want)
		if strings.Contains(page.doc.Find("main").Text(), c.without) {
			t.Errorf("%s of %d: the page contains %q", c.kind, c.waiting, c.without)
		}
	}
}

func TestImportWithoutRolesIsConfirmed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	path := "/bulk/" + s.bulk.change.ID
	s.bulk.change.Kind, s.bulk.change.State = bulk.Create, bulk.Draft
	s.bulk.change.IgnoredColumns = []string{"access", "phone"}
	page := s.get("editor", path).hasStatus(t, 200).contains(t, "Unused columns: access and phone")
	if page.doc.Find(`[name="without_roles"]`).Length() != 0 {
		t.Error("a file with a column for the roles must be confirmed")
	}
	s.bulk.change.NoRolesColumn = true
	s.bulk.change.WithoutRoles = bulk.WithoutRoles{Count: 1204, First: []bulk.ImportedRow{{Line: 7, Login: "anna_k"}}}
	page = s.get("editor", path).hasStatus(t, 200).contains(t, "No column of the file is used for roles",
		"1,204 subusers will be created without any role", "anna_k (line 7) and 1,203 more",
		"Create 1,204 subusers without any role")
	if box := page.doc.Find(`form[action$="/start"] input[type="checkbox"][name="without_roles"]`); box.Length() != 1 ||
		box.Is("[checked]") {
		t.Error("no box to tick")
	}
	s.bulk.err = &operations.Invalid{Fields: map[string]string{"reason": "Enter a reason."}}
	page = s.post("editor", path+"/start", url.Values{"without_roles": {"1"}}).hasStatus(t, 422)
	if !page.doc.Find(`[name="without_roles"]`).Is("[checked]") {
		t.Error("the tick is lost")
	}
	s.bulk.err = &operations.Invalid{Fields: map[string]string{"without_roles": "Tick the box."}}
	page = s.post("editor", path+"/start", nil).hasStatus(t, 422)
	if page.doc.Find("#f-without_roles-error").Length() != 1 || page.doc.Find(`a[href="#f-without_roles"]`).Length() != 1 {
		t.Error("the error is not at the box")
	}
	s.bulk.err = nil
	s.post("editor", path+"/start", nil).hasStatus(t, 200)
	if got := s.bulk.started; len(got) != 3 || !got[0].WithoutRoles || got[1].WithoutRoles {
		t.Errorf("started %+v", got)
	}
}

func TestBulkPasswordsAreShownOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.bulk.change.Kind = bulk.Create
	page := s.post("editor", "/bulk/"+s.bulk.change.ID+"/start", nil).hasStatus(t, 200)
	for button, want := range map[string]string{
		"Download passwords.csv": "login,password\nnew_one,Planted-Passw0rd\n",
		"CSV with semicolons":    "login;password\nnew_one;Planted-Passw0rd\n",
	} {
		save := page.doc.Find("button[data-save]").FilterFunction(func(_ int, b *goquery.Selection) bool {
			return strings.TrimSpace(b.Text()) == button
		})
		got := page.doc.Find("[data-secret] #" + save.AttrOr("data-save", "missing")).Text()
		if got != want || save.AttrOr("data-name", "") != "passwords.csv" {
			t.Errorf("%s saves %q as %q, want %q", button, got, save.AttrOr("data-name", ""), want)
		}
	}
	if n := strings.Count(page.Body.String(), "Planted-Passw0rd"); n != 2 ||
		page.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("the password stands %d times, cache %q", n, page.Header().Get("Cache-Control"))
	}
	if f := s.sessions.flash; f != nil && strings.Contains(f.Text+f.DirectRoles, "Planted") ||
		strings.Contains(s.log.String(), "Planted") {
		t.Error("the password is in the session or the log")
	}
}

// uploadRequest is an upload of these fields. The field "file" is a file.
func uploadRequest(t *testing.T, fields map[string]string) *http.Request {
	t.Helper()
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for name, text := range fields {
		var err error
		if name == "file" {
			w, e := parts.CreateFormFile(name, "people.csv")
			if err = e; err == nil {
				_, err = w.Write([]byte(text))
			}
		} else {
			err = parts.WriteField(name, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := parts.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/subusers/import", &body)
	r.Header.Set("Content-Type", parts.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

// TestImportAsksHowToRead checks the form about how a file is read: it names the stored file, and the columns chosen in
// it count only for the encoding and the separator that it showed.
func TestImportAsksHowToRead(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	fileID := strings.Repeat("f", 26)
	s.bulk.err = &bulk.ReadingDoubt{FileID: fileID, Reading: bulk.FileReading{
		Encoding:  bulk.Windows1252,
		Separator: ";",
		Columns:   []bulk.FileColumn{{Name: "Wer", Use: bulk.LoginColumn}, {Name: "Was"}},
		Rows:      [][]string{{"anna_k", "Ännchen"}},
		Doubts:    []string{"No column is called roles."},
	}}
	const file = "Wer;Was\nanna_k;\xc4nnchen\n"
	page := s.do("editor", uploadRequest(t, map[string]string{"file": file, "reason": "R", "ask": "1"})).
		hasStatus(t, 200).
		contains(t, "No column is called roles.", "Ännchen")
	sent := map[string]string{}
	page.doc.Find(`form[action*="/subusers/import"] [name]`).Each(func(_ int, field *goquery.Selection) {
		value := field.AttrOr("value", "")
		if field.Is("select") {
			value = field.Find("[selected]").AttrOr("value", "")
		}
		sent[field.AttrOr("name", "")] = value
	})
	if sent["encoding"] != "windows-1252" || sent["separator"] != ";" || sent["reason"] != "R" {
		t.Errorf("the form has %q", sent)
	}
	sent["column"] = "login" // the only one that a map can send
	s.do("editor", uploadRequest(t, sent)).hasStatus(t, 200)
	sent["encoding"] = "utf-8"
	s.do("editor", uploadRequest(t, sent)).hasStatus(t, 200)
	want := []bulk.ImportFile{
		{Content: []byte(file), Ask: true},
		{
			ID:        fileID,
			Ask:       true,
			Encoding:  bulk.Windows1252,
			Separator: ";",
			Columns:   []bulk.ColumnUse{bulk.LoginColumn},
		},
		{ID: fileID, Ask: true, Encoding: bulk.UTF8, Separator: ";"},
	}
	if !reflect.DeepEqual(s.bulk.readings, want) {
		t.Errorf("read as %+v", s.bulk.readings)
	}
	for field, value := range map[string]string{"encoding": "utf-7", "column": "password"} {
		forged := maps.Clone(sent)
		forged["encoding"] = "windows-1252"
		forged[field] = value
		s.do("editor", uploadRequest(t, forged)).hasStatus(t, 400)
	}
	if len(s.bulk.readings) != len(want) {
		t.Error("a forged form was planned")
	}
}

func TestImportOnlyChecksFile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("editor", "/subusers/import").hasStatus(t, 200).contains(t, "nothing is sent before you start")
	s.do("editor", uploadRequest(t, map[string]string{"file": "login\nanna_k\n", "rows": "", "reason": "R"})).
		redirectsTo(t, "/bulk/"+s.bulk.change.ID)
	s.do("editor", uploadRequest(t, map[string]string{"file": "", "rows": "login\npasted_one\n"})).
		redirectsTo(t, "/bulk/"+s.bulk.change.ID)
	if want := []string{"login\nanna_k\n", "login\npasted_one\n"}; !slices.Equal(s.bulk.files, want) {
		t.Errorf("checked %q", s.bulk.files)
	}
	s.bulk.err = &bulk.FileProblem{Line: 3, Text: "A quote is never closed."}
	for field, filled := range map[string]map[string]string{
		"rows": {"rows": "login\n\"x"},
		"file": {"file": "login\n\"x", "rows": "login\nother\n"},
	} {
		got := s.do("editor", uploadRequest(t, filled)).hasStatus(t, 422).contains(t, "Line 3: A quote is never closed.")
		if got.doc.Find("#f-"+field+"-error").Length() != 1 {
			t.Errorf("what is wrong with the %s is not said there", field)
		}
	}
	s.do("editor", uploadRequest(t, map[string]string{"rows": " "})).hasStatus(t, 422).contains(
		t,
		"Choose a file, or paste the lines.",
	)
	s.do("editor", uploadRequest(t, map[string]string{"file": strings.Repeat("x", maxUploadBytes)})).hasStatus(t, 413)
	s.do("viewer", uploadRequest(t, map[string]string{"rows": "login"})).hasStatus(t, 403)
}

// TestBulkChangeOfKeys selects and plans like a bulk change of subusers, and needs an admin.
func TestBulkChangeOfKeys(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("admin", "/keys").hasStatus(t, 200).contains(t, "Change selected…")
	s.get("editor", "/keys").hasStatus(t, 200).excludes(t, "Change selected…")
	path := "/bulk/new?of=keys&id=" + fakeKeyID
	s.get("admin", path).
		hasStatus(t, 200).
		contains(t, "Change many keys", "1 key is selected: Reports.", "Held by 1 of 1.", "Delete keys")
	s.get("admin", "/bulk/new?of=keys&id=7").hasStatus(t, 200).contains(t, "No keys selected", "Go to the list of keys")
	form := url.Values{"of": {"keys"}, "id": {fakeKeyID}, "act": {"roles"}, "grant": {"3"}}
	for _, role := range []string{"viewer", "auditor", "editor"} {
		s.get(role, path).hasStatus(t, 403)
		s.post(role, "/bulk/new", form).hasStatus(t, 403)
	}
	form.Set("id", "7")
	s.post("admin", "/bulk/new", form).hasStatus(t, 400)
	if len(s.bulk.targets) != 0 {
		t.Errorf("planned %+v", s.bulk.targets)
	}
	form.Set("id", fakeKeyID)
	s.post("admin", "/bulk/new", form).redirectsTo(t, "/bulk/"+s.bulk.change.ID)
	want := bulk.Targets{Kind: access.Key, Refs: []access.Ref{access.KeyRef(fakeKeyID)}}
	if got := s.bulk.targets[0]; !reflect.DeepEqual(got, want) {
		t.Errorf("planned %+v", got)
	}
	s.bulk.change.PrincipalKind, s.bulk.change.Kind = access.Key, bulk.Delete
	s.get("editor", "/bulk/"+s.bulk.change.ID).hasStatus(t, 200).contains(
		t,
		"Delete 2 keys",
		"Each key is read again",
		"Type the number of keys to confirm",
		"Programs that use these keys stop working",
	)
}

// TestBulkChangeOfAllThatMatch follows the link of filtered lists to the form, and sends it: each time the filter is
// that of the list.
func TestBulkChangeOfAllThatMatch(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		"/subusers?q=anna",
		"/subusers?role=Support",
		"/subusers?role=-&q=a+b",
		"/subusers?description=none",
		"/subusers?privileged=1",
		"/subusers?description=none&privileged=1&q=x&role=Owner",
		"/keys?q=rep",
		"/keys?role=Support",
		"/keys?role=-",
		"/keys?description=none",
		"/keys?privileged=1",
		"/keys?owner=unknown",
		"/keys?owner=gone",
		"/keys?description=none&owner=gone&privileged=1&q=x&role=Support",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.directory.keyMatches = 2
			list := s.get("admin", path).hasStatus(t, 200)
			want := s.directory.lastFilter
			link := list.doc.Find("#selection a")
			if !strings.Contains(link.Text(), "that match…") {
				t.Fatalf("the link is %q", link.Text())
			}
			form := s.get("admin", link.AttrOr("href", "")).hasStatus(t, 200)
			got := s.directory.lastFilter
			got.Page, got.PerPage = want.Page, want.PerPage
			if got != want {
				t.Errorf("the form is about %+v, want %+v", got, want)
			}
			cancel := form.doc.Find("a.button:contains(Cancel)").AttrOr("href", "")
			if s.get("admin", cancel); s.directory.lastFilter != want {
				t.Errorf("Cancel leads to %s", cancel)
			}
			values := url.Values{"act": {"delete"}}
			form.doc.Find("form.form input[type=hidden]").Each(func(_ int, field *goquery.Selection) {
				values.Add(field.AttrOr("name", ""), field.AttrOr("value", ""))
			})
			s.post("admin", "/bulk/new", values).redirectsTo(t, "/bulk/"+s.bulk.change.ID)
			planned := s.bulk.targets[0]
			planned.Filter.Page, planned.Filter.PerPage = want.Page, want.PerPage
			if planned.Filter != want || !planned.All || "/"+planned.Kind.RouteSegment() != strings.Split(path, "?")[0] {
				t.Errorf("planned %+v, want %+v", planned, want)
			}
		})
	}
}

// TestBulkFormNamesWhatAFilterMisses warns of principals with unknown roles, which no filter by roles finds.
func TestBulkFormNamesWhatAFilterMisses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.directory.page.Status.RolesUnknown = 2
	const banner = "The filter leaves out 2 subusers with unknown roles"
	s.get("admin", "/bulk/new?all=1&role=Support").hasStatus(t, 200).contains(t, banner)
	s.get("admin", "/bulk/new?all=1&q=anna").hasStatus(t, 200).excludes(t, banner)
}

// TestBulkFormGroupsRoles shows the roles by group as the other forms do, with a checkbox to grant and one to revoke.
func TestBulkFormGroupsRoles(t *testing.T) {
	t.Parallel()
	page := newSite(t).get("editor", "/bulk/new?id=7&id=8").hasStatus(t, 200)
	groups := page.doc.Find("#f-role fieldset > legend").Map(func(_ int, legend *goquery.Selection) string {
		return legend.Text()
	})
	if !slices.Equal(groups, []string{"General", "Panel"}) {
		t.Errorf("the groups are %q", groups)
	}
	for name, disabled := range map[string]bool{"Grant Owner": true, "Revoke Owner": true, "Grant Support": false} {
		box := page.doc.Find(`#f-role input[aria-label="` + name + `"]`)
		note := page.doc.Find("#" + box.AttrOr("aria-describedby", "none")).Text()
		if box.Length() != 1 || box.Is("[disabled]") != disabled || !strings.Contains(note, " of 2") ||
			strings.Contains(note, "privileged") != disabled {
			t.Errorf("%s: %d, %q", name, box.Length(), note)
		}
	}
}

// TestDeletionPreviewNamesLostRoles shows in the preview of a deletion which roles are lost.
func TestDeletionPreviewNamesLostRoles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.bulk.change.Kind = bulk.Delete
	s.get("editor", "/bulk/"+s.bulk.change.ID).hasStatus(t, 200).contains(t, "Lose Support")
}
