package faults

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/voxwarden/voxwarden/internal/testkit/process"
)

// The promises about a console with a fault.
const (
	mostTimeToAgree   = 5 * time.Second  // until /readyz agrees with what changes get, after a fault begins or ends
	mostTimeOfRequest = 30 * time.Second // of any request
	mostTimeToRecover = 30 * time.Second // from the end of a fault to the next recorded change
	mostTimeToStop    = 45 * time.Second // from SIGTERM to the end of the process
)

// probePause is the time between two requests of a probe.
const probePause = 200 * time.Millisecond

// sample is one request of a probe.
type sample struct {
	what       string // "/readyz", "change" or the path of a page
	start, end time.Time
	status     int // 0 for no response
	text       string
	err        error
}

// ok reports whether the console was ready, or the change was recorded. A repeated change leads to its operation.
func (s sample) ok() bool { return s.status == http.StatusOK || s.status == http.StatusSeeOther }

func (s sample) String() string {
	result := fmt.Sprintf("status %d", s.status)
	if s.err != nil {
		result = s.err.Error()
	}
	return fmt.Sprintf(
		"%s from %s for %d ms: %s: %s",
		s.what,
		s.start.Format("05.000"),
		s.end.Sub(s.start).Milliseconds(),
		result,
		s.text,
	)
}

// probes are an admin who creates subusers, one after the other, a visitor of pages, and a balancer that checks
// /readyz. Each sends its requests one at a time.
type probes struct {
	address  func() string
	admin    *process.Operator
	stopped  chan struct{}
	running  sync.WaitGroup
	changing sync.Mutex // held during a change

	mu           sync.Mutex
	samples      []sample
	acknowledged []acknowledged

	// Of the change. Only its goroutine uses them.
	form  url.Values // of the next change, nil for none
	names int
}

// acknowledged is an operation that the console reported as done.
type acknowledged struct {
	id string
	at time.Time
}

// clientTimeout is longer than mostTimeOfRequest, to see by how much a request takes too long.
const clientTimeout = 2 * mostTimeOfRequest

func startProbes(t *testing.T, address func() string) *probes {
	t.Helper()
	p := &probes{address: address, admin: process.NewOperator("admin", clientTimeout), stopped: make(chan struct{})}
	visitor := process.NewOperator("visitor", clientTimeout)
	balancer := process.NewOperator("balancer", clientTimeout)
	p.repeat(func() { p.get(balancer, "/readyz") })
	p.repeat(p.change)
	paths, n := []string{"/subusers", "/audit", "/healthz", "/"}, 0
	p.repeat(func() {
		n++
		if n%len(paths) == 0 { // a browser without a session
			visitor = process.NewOperator(fmt.Sprint("visitor ", n), clientTimeout)
		}
		p.get(visitor, paths[n%len(paths)])
	})
	t.Cleanup(p.stop)
	return p
}

// repeat calls request again and again until the probes stop.
func (p *probes) repeat(request func()) {
	p.running.Go(func() {
		for {
			select {
			case <-p.stopped:
				return
			case <-time.After(probePause):
				request()
			}
		}
	})
}

// stop stops the probes and waits for their last requests.
func (p *probes) stop() {
	select {
	case <-p.stopped:
	default:
		close(p.stopped)
	}
	p.running.Wait()
}

func (p *probes) get(client *process.Operator, path string) {
	s := sample{what: path, start: time.Now()}
	page, response, err := client.Submit(http.MethodGet, p.address(), path, nil)
	p.add(s, page, response, err)
}

// change creates a subuser with the form of the last time, if that was refused without an effect.
func (p *probes) change() {
	p.changing.Lock()
	defer p.changing.Unlock()
	const path = "/subusers/new"
	s := sample{what: "change", start: time.Now()}
	if p.form == nil {
		page, response, err := p.admin.Submit(http.MethodGet, p.address(), path, nil)
		if err != nil || response.StatusCode != http.StatusOK {
			s.what = "change, its form"
			p.add(s, page, response, err)
			return
		}
		p.names++
		p.form = process.FormValues(page, path)
		p.form.Set("login", fmt.Sprint("probe_", p.names))
	}
	page, response, err := p.admin.Submit(http.MethodPost, p.address(), path, p.form)
	s = p.add(s, page, response, err)
	if s.ok() {
		p.mu.Lock()
		p.acknowledged = append(p.acknowledged, acknowledged{p.form.Get("operation"), s.end})
		p.mu.Unlock()
	}
	if s.err == nil && s.status != http.StatusServiceUnavailable {
		p.form = nil
	}
}

// add ends a sample and keeps it.
func (p *probes) add(s sample, page *goquery.Document, response *http.Response, err error) sample {
	s.end, s.err = time.Now(), err
	if response != nil {
		s.status = response.StatusCode
	}
	if page != nil {
		s.text = strings.Join(strings.Fields(messageOf(page)), " ")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.samples = append(p.samples, s)
	return s
}

// messageOf returns the message of a page about an error, or its heading, or the whole text of a response without a
// page.
func messageOf(page *goquery.Document) string {
	page.Find("#notices, .sr, .message-links").Remove()
	main := page.Find("main")
	if main.Length() == 0 {
		return page.Text()
	}
	texts := main.Find(".message.danger p, .message.danger li").Map(func(_ int, p *goquery.Selection) string {
		return p.Text()
	})
	switch {
	case len(texts) == 0:
		return main.Find("h1").Text()
	case len(texts) > 1 && strings.TrimSpace(texts[0]) == "Nothing was changed":
		return texts[1]
	default:
		return texts[0]
	}
}

// all returns the samples so far, in the order of their ends.
func (p *probes) all() []sample {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.samples[:len(p.samples):len(p.samples)]
}

// count returns how many samples of a kind that began after a time meet a condition.
func (p *probes) count(what string, after time.Time, condition func(sample) bool) (n int) {
	for _, s := range p.all() {
		if strings.HasPrefix(s.what, what) && s.start.After(after) && condition(s) {
			n++
		}
	}
	return n
}

// await waits until a condition holds, and reports whether it did within the limit.
func await(limit time.Duration, condition func() bool) bool {
	for deadline := time.Now().Add(limit); !condition(); {
		if time.Now().After(deadline) {
			return false
		}
		<-time.After(probePause / 2)
	}
	return true
}

func anySample(sample) bool { return true }
