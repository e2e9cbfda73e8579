package main

import (
	"bytes"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
)

// lockedBuffer is a log that can be read while it is written.
type lockedBuffer struct {
	mu    sync.Mutex
	text  bytes.Buffer
	watch string        // text to wait for
	found chan struct{} // closed when watch was written
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n, err := b.text.Write(p)
	if b.watch != "" && bytes.Contains(p, []byte(b.watch)) {
		b.watch = ""
		close(b.found)
	}
	return n, err
}

// await returns a channel that is closed when text is written from now on.
func (b *lockedBuffer) await(text string) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watch, b.found = text, make(chan struct{})
	return b.found
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func newBrowser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, Timeout: 30 * time.Second}
}

// page returns the page after redirects.
func (d *demo) page(answer *http.Response, err error) (*goquery.Document, *http.Response) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
	defer answer.Body.Close()
	doc, err := goquery.NewDocumentFromReader(answer.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return doc, answer
}

func (d *demo) open(path string) (*goquery.Document, *http.Response) {
	d.t.Helper()
	return d.page(d.browser.Get(d.url + path))
}

func (d *demo) send(path string, form url.Values) (*goquery.Document, *http.Response) {
	d.t.Helper()
	return d.page(d.browser.PostForm(d.url+path, form))
}

// filled returns the hidden fields and checked boxes of a form, as a browser sends them.
func filled(doc *goquery.Document, action string) url.Values {
	form := url.Values{}
	inputs := doc.Find(`form[action="` + action + `"] input, form[action="` + action + `?sent"] input`)
	inputs.Each(func(_ int, s *goquery.Selection) {
		_, checked := s.Attr("checked")
		_, disabled := s.Attr("disabled")
		if kind := s.AttrOr("type", "text"); !disabled && (kind == "hidden" || kind == "checkbox" && checked) {
			form.Add(s.AttrOr("name", ""), s.AttrOr("value", ""))
		}
	})
	return form
}

// roleCheckboxValue returns the value of the checkbox with a role's name.
func roleCheckboxValue(doc *goquery.Document, role string) string {
	value := ""
	doc.Find(`input[name="role"][type="checkbox"]`).Each(func(_ int, s *goquery.Selection) {
		label := doc.Find(`label[for="` + s.AttrOr("id", "") + `"]`)
		if label.Length() == 0 {
			label = s.Closest("label")
		}
		if fields := strings.Fields(label.Text()); len(fields) > 0 && fields[0] == role {
			value = s.AttrOr("value", "")
		}
	})
	return value
}

// TestDemoWalk signs in, creates a subuser, changes its roles, opens the list and signs out. Afterwards the password
// must not be in the log or the database.
func TestDemoWalk(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "kept.db")
	d := startDemoIn(t, []string{"VOXWARDEN_DATABASE_URL=sqlite:" + database})

	doc, _ := d.open("/subusers/new")
	if got := doc.Find("h1").Text(); !strings.Contains(got, "Sign in") {
		t.Fatalf("without sign-in: page %q", got)
	}
	doc, _ = d.send("/sign-in", url.Values{"role": {"admin"}, "return": {"/subusers/new"}})
	form := filled(doc, "/subusers/new")
	form.Set("login", "Petra_Mala")
	form.Set("description", "Noční směna")
	form.Add("role", roleCheckboxValue(doc, "Support"))
	doc, answer := d.send("/subusers/new", form)
	password := doc.Find(`input[readonly]`).First().AttrOr("value", "")
	if answer.StatusCode != http.StatusOK || len(password) < 8 {
		t.Fatalf(
			"created: status %d, password of %d characters; %s",
			answer.StatusCode,
			len(password),
			doc.Find("main").Text(),
		)
	}
	show := doc.Find(`main a[href^="/subusers/"]`).FilterFunction(func(_ int, s *goquery.Selection) bool {
		return strings.Trim(strings.TrimPrefix(s.AttrOr("href", ""), "/subusers/"), "0123456789") == ""
	}).First().AttrOr("href", "")
	if show == "" {
		t.Fatal("the page has no link to the new subuser")
	}

	doc, answer = d.send("/subusers/new", form)
	if !strings.HasPrefix(answer.Request.URL.Path, "/audit/") || strings.Contains(doc.Text(), password) {
		t.Errorf("sending the form twice leads to %s", answer.Request.URL.Path)
	}

	doc, _ = d.open(show + "/roles")
	form = filled(doc, show+"/roles")
	form["role"] = []string{roleCheckboxValue(doc, "Supervisor")}
	form.Set("step", "review")
	doc, answer = d.send(show+"/roles", form)
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("review: status %d: %s", answer.StatusCode, doc.Find("main").Text())
	}
	form = filled(doc, show+"/roles")
	form.Set("step", "apply")
	form.Set("reason", "TICKET-7")
	doc, answer = d.send(show+"/roles", form)
	text := strings.Join(strings.Fields(doc.Find("main").Text()), " ")
	if answer.Request.URL.Path != show || !strings.Contains(text, "The roles of petra_mala were changed.") ||
		!strings.Contains(text, "Read back at") ||
		!strings.Contains(text, "− Support, + Supervisor") {
		t.Errorf("applied: at %s: %s", answer.Request.URL.Path, text)
	}
	doc, _ = d.open("/subusers?q=petra")
	if rows := doc.Find("tbody tr"); rows.Length() != 1 || !strings.Contains(rows.Text(), "Supervisor") ||
		!strings.Contains(rows.Text(), "Noční směna") {
		t.Errorf("the list shows %q", rows.Text())
	}
	d.send("/sign-out", filled(doc, "/sign-out"))
	if _, answer = d.open("/subusers"); answer.Request.URL.Path != "/sign-in" {
		t.Error("still signed in after signing out")
	}

	d.stop()
	if err := <-d.ended; err != nil {
		t.Errorf("the demo ended with %v", err)
	}
	sinks := map[string]string{"log": d.log.String()}
	for _, end := range []string{"", "-wal"} {
		if data, err := os.ReadFile(database + end); err == nil {
			sinks["database"+end] = string(data)
		}
	}
	for name, text := range sinks {
		if strings.Contains(text, password) {
			t.Errorf("the password is in the %s", name)
		}
	}
	if !strings.Contains(sinks["database"], "TICKET-7") {
		t.Error("the reason is not in the database")
	}
}

func TestDemoRemovesItsFiles(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	d := startDemo(t)
	if left, err := os.ReadDir(temp); err != nil || len(left) != 1 {
		t.Fatalf("files while it runs: %v, %v", left, err)
	}
	d.stop()
	if err := <-d.ended; err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) != 0 {
		t.Errorf("files afterwards: %v, %v", left, err)
	}
}

// TestShutdownCompletesRequests stops the program between the vendor call of an operation and its outcome.
func TestShutdownCompletesRequests(t *testing.T) {
	t.Parallel()
	d := startDemo(t, "-latency", "400ms")
	doc, _ := d.send("/sign-in", url.Values{"role": {"admin"}, "return": {"/subusers/new"}})
	form := filled(doc, "/subusers/new")
	form.Set("login", "late_arrival")
	sent := d.log.await(`"method":"AddSubUser"`)
	go func() {
		<-sent // reading back and the outcome follow
		d.stop()
	}()
	doc, answer := d.send("/subusers/new", form)
	if answer.StatusCode != http.StatusOK || !strings.Contains(doc.Find("h1").Text(), "late_arrival was created") {
		t.Errorf("status %d: %s", answer.StatusCode, doc.Find("h1").Text())
	}
	if err := <-d.ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}
