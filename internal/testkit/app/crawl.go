package app

import (
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// Crawl visits pages and all pages that they link to, directly or not, up to limit pages.
func (v *Visitor) Crawl(t testing.TB, limit int, visit func(Page), starts ...string) {
	t.Helper()
	base, err := url.Parse(v.site.URL)
	if err != nil {
		t.Fatal(err)
	}
	queue, seen := starts, map[string]bool{}
	for len(queue) > 0 && len(seen) < limit {
		path := queue[0]
		queue = queue[1:]
		if seen[path] {
			continue
		}
		seen[path] = true
		page := v.Get(path)
		visit(page)
		for _, address := range page.addresses("href", "src") {
			if rest, ours := strings.CutPrefix(address, base.Path); ours && strings.HasPrefix(rest, "/") {
				rest, _, _ = strings.Cut(rest, "#")
				queue = append(queue, rest)
			}
		}
	}
}

// Addresses returns all addresses in a page's links, forms and assets, as they are written.
func (p Page) Addresses() []string {
	return p.addresses("href", "src", "action", "formaction", "hx-get", "hx-post")
}

func (p Page) addresses(attributes ...string) []string {
	var addresses []string
	for _, attribute := range attributes {
		p.Find("[" + attribute + "]").Each(func(_ int, element *goquery.Selection) {
			if address := element.AttrOr(attribute, ""); address != "" {
				addresses = append(addresses, address)
			}
		})
	}
	return addresses
}
