package kill

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/PuerkitoBio/goquery"
)

// worker is an admin who makes changes without a pause, each at a random console.
type worker struct {
	name     string
	consoles []*console
	client   *http.Client
	random   *rand.Rand

	mu           sync.Mutex
	acknowledged []string // ids of operations that a console reported as done
	created      int      // creates that were sent
}

func newWorker(n int, consoles []*console, seed uint64) *worker {
	jar, _ := cookiejar.New(nil) // never fails without options
	// Without keep-alive, because http.Client sends a request again when a kept connection of a killed console fails.
	transport := &http.Transport{DisableKeepAlives: true}
	return &worker{
		name:     fmt.Sprintf("worker%d", n),
		consoles: consoles,
		random:   rand.New(rand.NewPCG(seed, uint64(n))),
		client:   &http.Client{Jar: jar, Transport: transport, Timeout: time.Minute},
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

// changeOnce creates a subuser or a key, or changes the roles or the description of a subuser.
func (w *worker) changeOnce() {
	switch n := w.random.IntN(10); {
	case n < 4:
		w.created++
		w.submitForm("/subusers/new", func(form url.Values, _ *goquery.Document) {
			form.Set("login", fmt.Sprintf("%s_%d", w.name, w.created))
		})
	case n < 5:
		w.created++
		w.submitForm("/keys/new", func(form url.Values, _ *goquery.Document) {
			form.Set("name", fmt.Sprintf("%s key %d", w.name, w.created))
		})
	case n < 9:
		w.submitForm(w.randomSubuserPath()+"/roles", func(form url.Values, page *goquery.Document) {
			form.Set("step", "apply")
			page.Find(`input[name=role]:not([disabled])`).Each(func(_ int, box *goquery.Selection) {
				if w.random.IntN(4) == 0 {
					w.toggle(form, box.AttrOr("value", ""))
				}
			})
		})
	default:
		w.submitForm(w.randomSubuserPath()+"/edit", func(form url.Values, _ *goquery.Document) {
			form.Set("description", fmt.Sprint("by ", w.name, w.random.IntN(1000)))
		})
	}
}

// randomSubuserPath returns the path of a subuser of the small company without a privileged role.
func (w *worker) randomSubuserPath() string { return fmt.Sprint("/subusers/", 130+w.random.IntN(15)) }

func (*worker) toggle(form url.Values, value string) {
	for i, ticked := range form["role"] {
		if ticked == value {
			form["role"] = append(form["role"][:i], form["role"][i+1:]...)
			return
		}
	}
	form.Add("role", value)
}

// submitForm opens a form, changes it and sends it, each at a random console. It ignores errors, which are expected
// when consoles are killed.
func (w *worker) submitForm(path string, change func(url.Values, *goquery.Document)) {
	page, _, err := w.do(http.MethodGet, path, nil)
	if err != nil {
		return
	}
	form := page.Find(`form[method=post][action="` + path + `"]`).First()
	values := url.Values{}
	form.Find("input[name], textarea[name]").Each(func(_ int, field *goquery.Selection) {
		kind := field.AttrOr("type", "")
		_, checked := field.Attr("checked")
		if (kind == "checkbox" || kind == "radio") && !checked {
			return
		}
		values.Add(field.AttrOr("name", ""), field.AttrOr("value", field.Text()))
	})
	operation := values.Get("operation")
	if operation == "" {
		return
	}
	change(values, page)
	_, status, err := w.do(http.MethodPost, path, values)
	if err == nil && (status == http.StatusOK || status == http.StatusSeeOther) && !strings.HasSuffix(path, "/roles") {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.acknowledged = append(w.acknowledged, operation)
	}
}

func (w *worker) do(method, path string, form url.Values) (*goquery.Document, int, error) {
	address := "http://" + w.consoles[w.random.IntN(len(w.consoles))].listen + path
	request, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, 0, err
	}
	request.Header.Set("Remote-User", w.name)
	request.Header.Set("Remote-Groups", "admins")
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	client := *w.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := client.Do(request)
	if err != nil {
		return nil, 0, err
	}
	defer response.Body.Close()
	page, err := goquery.NewDocumentFromReader(response.Body)
	return page, response.StatusCode, err
}
