package kill

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/voxwarden/voxwarden/internal/testkit/process"
)

// worker is an admin who makes changes without a pause, each at a random address.
type worker struct {
	*process.Operator
	addresses func() []string // of the consoles, and of a proxy in front of them
	random    *rand.Rand
	names     int         // how many names were used
	own       []principal // subusers that it created and has not deleted

	mu           sync.Mutex
	acknowledged []string // ids of operations that a console reported as done
	bulkStarted  int      // bulk changes that a console reported as started
}

// principal is a subuser or key that a worker created.
type principal struct{ path, name string }

func newWorker(n int, addresses func() []string, seed uint64) *worker {
	return &worker{
		Operator:  process.NewOperator(fmt.Sprintf("worker%d", n), time.Minute),
		addresses: addresses,
		random:    rand.New(rand.NewPCG(seed, uint64(n))),
	}
}

// run makes changes until stop is closed.
func (w *worker) run(stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
			w.changeOnce()
		}
	}
}

// changeOnce makes one change of any kind.
func (w *worker) changeOnce() {
	switch n := w.random.IntN(20); {
	case n < 6:
		w.create("/subusers/new", "login")
	case n < 7:
		w.create("/keys/new", "name")
	case n < 12:
		w.submitForm(w.randomSubuserPath()+"/roles", w.changeRandomRoles)
	case n < 14:
		w.submitForm(w.randomSubuserPath()+"/edit", func(form url.Values, _ *goquery.Document) {
			form.Set("description", fmt.Sprint("by ", w.Name, w.random.IntN(1000)))
		})
	case n < 16:
		w.deleteOwn()
	case n < 17:
		w.reissueOwn()
	case n < 19:
		w.changeInBulk()
	default:
		w.importTable()
	}
}

// nextName returns a name that no principal has had.
func (w *worker) nextName() string {
	w.names++
	return fmt.Sprintf("%s_%d", w.Name, w.names)
}

// principalPath matches the path of the page of a subuser or a key.
var principalPath = regexp.MustCompile(`^/(subusers/[0-9]+|keys/[0-9a-f-]{36})$`)

func (w *worker) create(path, field string) {
	name := w.nextName()
	page := w.submitForm(path, func(form url.Values, _ *goquery.Document) { form.Set(field, name) })
	w.remember(page, name)
}

// remember adds a principal that a page shows as created.
func (w *worker) remember(page *goquery.Document, name string) {
	if page == nil {
		return
	}
	page.Find("main a[href]").EachWithBreak(func(_ int, link *goquery.Selection) bool {
		path := link.AttrOr("href", "")
		if principalPath.MatchString(path) {
			w.own = append(w.own, principal{path, name})
		}
		return !principalPath.MatchString(path)
	})
}

// forget returns a principal that the worker created, and forgets it.
func (w *worker) forget(prefix string) (principal, bool) {
	for i, p := range w.own {
		if strings.HasPrefix(p.path, prefix) {
			w.own = append(w.own[:i:i], w.own[i+1:]...)
			return p, true
		}
	}
	return principal{}, false
}

func (w *worker) deleteOwn() {
	if own, ok := w.forget("/"); ok {
		w.submitForm(own.path+"/delete", func(form url.Values, _ *goquery.Document) { form.Set("confirm", own.name) })
	}
}

func (w *worker) reissueOwn() {
	if own, ok := w.forget("/subusers/"); ok {
		page := w.submitForm(own.path+"/re-issue", func(form url.Values, _ *goquery.Document) {
			form.Set("confirm", own.name)
		})
		w.remember(page, own.name)
	}
}

func (w *worker) changeRandomRoles(form url.Values, page *goquery.Document) {
	form.Set("step", "apply")
	page.Find(`input[name=role]:not([disabled])`).Each(func(_ int, box *goquery.Selection) {
		if w.random.IntN(4) == 0 {
			toggle(form, box.AttrOr("value", ""))
		}
	})
}

// changeInBulk grants a role to three subusers.
func (w *worker) changeInBulk() {
	query := url.Values{}
	for range 3 {
		query.Add("id", strings.TrimPrefix(w.randomSubuserPath(), "/subusers/"))
	}
	page, _, err := w.do(http.MethodGet, "/bulk/new?"+query.Encode(), nil)
	if err != nil {
		return
	}
	form := process.FormValues(page, "/bulk/new")
	roles := page.Find(`input[name="grant"]`)
	if roles.Length() == 0 {
		return
	}
	form.Set("act", "roles")
	form.Set("grant", roles.Eq(w.random.IntN(roles.Length())).AttrOr("value", ""))
	w.startBulk(w.do(http.MethodPost, "/bulk/new", form))
}

// importTable creates two subusers from a file.
func (w *worker) importTable() {
	page, _, err := w.do(http.MethodGet, "/subusers/import", nil)
	if err != nil {
		return
	}
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for name, values := range process.FormValues(page, "/subusers/import") {
		for _, value := range values {
			_ = parts.WriteField(name, value) // a bytes.Buffer never fails
		}
	}
	file, _ := parts.CreateFormFile("file", "people.csv")
	fmt.Fprintf(file, "login,roles\n%s,Support\n%s,Support\n", w.nextName(), w.nextName())
	_ = parts.Close()
	w.startBulk(w.Send(http.MethodPost, w.randomAddress(), "/subusers/import", parts.FormDataContentType(), &body))
}

// startBulk starts the bulk change that a preview has prepared.
func (w *worker) startBulk(_ *goquery.Document, answer *http.Response, err error) {
	if err != nil || answer.StatusCode != http.StatusSeeOther {
		return
	}
	path := answer.Header.Get("Location")
	page, _, err := w.do(http.MethodGet, path, nil)
	if err != nil {
		return
	}
	if _, answer, err = w.do(http.MethodPost, path+"/start", process.FormValues(page, path+"/start")); err == nil &&
		answer.StatusCode == http.StatusSeeOther {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.bulkStarted++
	}
}

// randomSubuserPath returns the path of a subuser of the small company without a privileged role.
func (w *worker) randomSubuserPath() string { return fmt.Sprint("/subusers/", 130+w.random.IntN(15)) }

func toggle(form url.Values, value string) {
	for i, ticked := range form["role"] {
		if ticked == value {
			form["role"] = append(form["role"][:i], form["role"][i+1:]...)
			return
		}
	}
	form.Add("role", value)
}

// submitForm opens a form, changes it and sends it, each at a random address. It returns the page that follows, nil for
// none. It ignores errors, which are expected when consoles are killed.
func (w *worker) submitForm(path string, change func(url.Values, *goquery.Document)) *goquery.Document {
	page, _, err := w.do(http.MethodGet, path, nil)
	if err != nil {
		return nil
	}
	values := process.FormValues(page, path)
	operation := values.Get("operation")
	if operation == "" {
		return nil
	}
	change(values, page)
	page, answer, err := w.do(http.MethodPost, path, values)
	if err != nil || answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusSeeOther {
		return nil
	}
	// A repeated request leads to the operation, which may be under way. Status 200 for roles may be another preview.
	if !strings.HasPrefix(answer.Header.Get("Location"), "/audit/") && !strings.HasSuffix(path, "/roles") {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.acknowledged = append(w.acknowledged, operation)
	}
	return page
}

// do sends a request to a random address. A form gets a reason, without which no privileged role is granted.
func (w *worker) do(method, path string, form url.Values) (*goquery.Document, *http.Response, error) {
	if form.Has("reason") {
		form.Set("reason", "random change")
	}
	return w.Submit(method, w.randomAddress(), path, form)
}

func (w *worker) randomAddress() string {
	addresses := w.addresses()
	return addresses[w.random.IntN(len(addresses))]
}
