package handlers

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operations"
)

func TestARunIsPlannedForThoseWhoAreTicked(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("editor", "/subusers").wants(t, 200).says(t, "Change selected…")
	s.get("editor", "/runs/new?id=7&id=8").wants(t, 200).says(t, "2 subusers are selected: anna_novakova and boss.")
	s.get("editor", "/runs/new").wants(t, 200).says(t, "Nobody is selected")
	form := url.Values{"id": {"7", "8"}, "act": {"roles"}, "grant": {"3"}, "reason": {"TICKET"}}
	s.post("editor", "/runs/new", form).leads(t, "/runs/"+s.runs.run.ID)
	if got := s.runs.planned[0]; !slices.Equal(got.IDs, []int64{7, 8}) || got.All ||
		!slices.Equal(s.runs.grant, []int64{3}) {
		t.Errorf("planned %+v, grant %v", got, s.runs.grant)
	}
	all := url.Values{"all": {"1"}, "q": {"anna"}, "role_filter": {"Support"}, "act": {"delete"}}
	s.post("editor", "/runs/new", all).leads(t, "/runs/"+s.runs.run.ID)
	if got := s.runs.planned[1]; !got.All || got.Filter.Query != "anna" || got.Filter.Role != "Support" {
		t.Errorf("planned %+v", got)
	}
	s.runs.err = &operations.Invalid{Fields: map[string]string{"roles": "Tick a role."}}
	s.post("editor", "/runs/new", form).wants(t, 422).says(t, "Tick a role.")
	s.post("editor", "/runs/new", url.Values{"act": {"nonsense"}}).wants(t, 400)
}

func TestAViewerTicksNobody(t *testing.T) {
	t.Parallel()
	if page := newSite(t).get("viewer", "/subusers").wants(t, 200); strings.Contains(page.text(), "Change selected") {
		t.Error("a viewer is offered to change many")
	}
}

func TestARunIsShownAndStarted(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	path := "/runs/" + s.runs.run.ID
	page := s.get("editor", path).
		wants(t, 200).
		says(
			t,
			"Nothing was sent yet",
			"Holds a privileged role.",
			"The vendor said no.",
			"Change 1 subuser",
			"SetSubUserRoles",
			"role_id=1",
		)
	if page.doc.Find(`form[action="`+path+`/start"]`).Length() != 1 ||
		page.doc.Find(`form[action="`+path+`/stop"]`).Length() != 0 {
		t.Error("a draft can be started, and not stopped")
	}
	if other := s.get("admin", path); other.doc.Find(`form[action="`+path+`/start"]`).Length() != 0 {
		t.Error("somebody else's draft can be started")
	}
	s.post("editor", path+"/start", url.Values{"confirm": {"1"}, "warned": {"keys"}, "reason": {"R"}}).leads(t, path)
	if got := s.runs.started[0]; got.Confirm != "1" || got.Reason != "R" ||
		!slices.Equal(got.Warned, []operations.Warning{operations.WarnKeys}) {
		t.Errorf("started with %+v", got)
	}
	s.runs.err = &operations.Invalid{Fields: map[string]string{"confirm": "Type the number."}}
	s.post("editor", path+"/start", url.Values{"confirm": {"7"}}).wants(t, 422).says(t, "Type the number.")
	s.runs.err = &bulk.StateConflict{Change: s.runs.run}
	s.post("editor", path+"/start", nil).leads(t, path)
	s.runs.err, s.runs.run.State = nil, bulk.Running
	s.get("editor", path).wants(t, 200).says(t, "you may close this page")
	s.post("editor", path+"/stop", nil).leads(t, path)
	s.runs.run.State, s.runs.run.StopReason = bulk.Stopped, "Voximplant could not be reached."
	s.get("editor", path).wants(t, 200).says(t, "Voximplant could not be reached.", "Retry what was not sent")
	s.runs.run.Counts.InProgress, s.runs.run.EndedAt = 1, noon.Add(-2*time.Second)
	s.get("editor", path).wants(t, 200).says(t, "What is under way is brought to its end", `http-equiv="refresh"`)
	s.runs.run.EndedAt = noon.Add(-time.Hour)
	s.get("editor", path).wants(t, 200).hides(t, `http-equiv="refresh"`)
	s.post("editor", path+"/retry", nil).leads(t, path)
	s.get("editor", "/runs").wants(t, 200).says(t, "Change the roles of 2 subusers")
}

func TestPasswordsOfARunAreShownOnceAndKeptNowhere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.runs.run.Kind = bulk.Create
	page := s.post("editor", "/runs/"+s.runs.run.ID+"/start", nil).wants(t, 200)
	if n := strings.Count(page.Body.String(), "Planted-Passw0rd"); n != 1 ||
		page.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("the password stands %d times, cache %q", n, page.Header().Get("Cache-Control"))
	}
	if f := s.sessions.flash; f != nil && strings.Contains(f.Text+f.Held, "Planted") ||
		strings.Contains(s.log.String(), "Planted") {
		t.Error("the password is in the session or the log")
	}
}

// uploadOf is an upload of these fields; the one called file is a file.
func uploadOf(t *testing.T, fields map[string]string) *http.Request {
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

func TestAFileIsCheckedAndNothingElse(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("editor", "/subusers/import").wants(t, 200).says(t, "nothing is sent before you press")
	s.do("editor", uploadOf(t, map[string]string{"file": "login\nanna_k\n", "rows": "", "reason": "R"})).
		leads(t, "/runs/"+s.runs.run.ID)
	s.do("editor", uploadOf(t, map[string]string{"file": "", "rows": "login\npasted_one\n"})).
		leads(t, "/runs/"+s.runs.run.ID)
	if want := []string{"login\nanna_k\n", "login\npasted_one\n"}; !slices.Equal(s.runs.files, want) {
		t.Errorf("checked %q", s.runs.files)
	}
	s.runs.err = &bulk.FileProblem{Line: 3, Text: "A quote is never closed."}
	for field, filled := range map[string]map[string]string{
		"rows": {"rows": "login\n\"x"},
		"file": {"file": "login\n\"x", "rows": "login\nother\n"},
	} {
		got := s.do("editor", uploadOf(t, filled)).wants(t, 422).says(t, "Line 3: A quote is never closed.")
		if got.doc.Find("#f-"+field+"-error").Length() != 1 {
			t.Errorf("what is wrong with the %s is not said there", field)
		}
	}
	s.do("editor", uploadOf(t, map[string]string{"rows": " "})).wants(t, 422).says(t, "Choose a file, or paste the rows.")
	s.do("editor", uploadOf(t, map[string]string{"file": strings.Repeat("x", maxUpload)})).wants(t, 413)
	s.do("viewer", uploadOf(t, map[string]string{"rows": "login"})).wants(t, 403)
}
