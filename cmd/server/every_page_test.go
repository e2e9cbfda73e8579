package main

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// idInPath matches a subuser's number, a key's UUID, and the random id of an operation or a bulk change.
var idInPath = regexp.MustCompile(`/([0-9]+|[0-9a-f-]{36}|[a-z2-7]{26})(/|$)`)

// TestEveryPageOnEachEngine visits the pages of the whole program that can be reached by links, three of each kind,
// after a subuser was created and a bulk change was prepared and started. A query that one engine refuses is a page
// with status 5xx.
func TestEveryPageOnEachEngine(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, database string) {
		d := startDemoIn(t, []string{"VOXWARDEN_DATABASE_URL=" + database})
		doc, _ := d.send("/sign-in", url.Values{"role": {"admin"}, "return": {"/subusers/new"}})
		form := filled(doc, "/subusers/new")
		form.Set("login", "every_page")
		d.send("/subusers/new", form)
		doc, _ = d.open("/subusers?q=every_page")
		subuser := doc.Find(`input[name="id"]`).First().AttrOr("value", "")
		doc, _ = d.open("/bulk/new?id=" + subuser)
		form = filled(doc, "/bulk/new")
		form.Set("act", "roles")
		form.Set("grant", doc.Find(`input[name="grant"]`).First().AttrOr("value", ""))
		doc, answer := d.send("/bulk/new", form)
		draft := answer.Request.URL.Path
		if !strings.HasPrefix(draft, "/bulk/") || answer.StatusCode != http.StatusOK {
			t.Fatalf("preview: %s: %s", draft, doc.Find("main").Text())
		}
		d.send(draft+"/start", filled(doc, draft+"/start"))

		visited := map[string]int{}
		for queue := []string{"/", "/drift"}; len(queue) > 0; queue = queue[1:] {
			address, err := url.Parse(queue[0])
			if err != nil {
				t.Fatal(err)
			}
			pattern := idInPath.ReplaceAllString(address.Path, "/{id}$2")
			if visited[pattern] >= 3 || address.Path == "/sign-in" {
				continue
			}
			visited[pattern]++
			doc, answer := d.open(queue[0])
			if answer.StatusCode >= http.StatusInternalServerError {
				t.Errorf("%s: status %d: %s", queue[0], answer.StatusCode, doc.Find("main").Text())
			}
			doc.Find("[href]").Each(func(_ int, link *goquery.Selection) {
				if href := link.AttrOr("href", ""); strings.HasPrefix(href, "/") && !slices.Contains(queue, href) {
					queue = append(queue, href)
				}
			})
		}
		for _, pattern := range []string{
			"/audit", "/audit.csv", "/audit.jsonl", "/audit/{id}", "/bulk", "/bulk/{id}", "/drift", "/keys", "/keys.csv",
			"/keys/compare", "/keys/{id}", "/keys/{id}/roles", "/me", "/roles", "/roles/matrix", "/roles/{id}",
			"/sessions", "/subusers", "/subusers.csv", "/subusers/compare", "/subusers/{id}", "/subusers/{id}/roles",
		} {
			if visited[pattern] == 0 {
				t.Errorf("no link leads to %s", pattern)
			}
		}
	})
}
