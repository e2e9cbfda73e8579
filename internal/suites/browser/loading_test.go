package browser

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

var rowsReadPattern = regexp.MustCompile(`([\d,]+) subusers read so far`)

// rowsRead returns the number of rows read so far that the page shows, or 0.
func (p *testPage) rowsRead() int {
	found := rowsReadPattern.FindStringSubmatch(p.visibleText())
	if found == nil {
		return 0
	}
	n, err := strconv.Atoi(strings.ReplaceAll(found[1], ",", ""))
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

// TestLoadingProgress: while the first listing is read, the page shows a growing number of rows, and then the list.
// With JavaScript the page updates itself and keeps the focus; without, it is reloaded.
func TestLoadingProgress(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		company, err := voxsim.CompanyNamed("large", 3_500)
		if err != nil {
			t.Fatal(err)
		}
		const rps = 0.4 // 2.5 s from one page of the vendor's listing to the next
		site := apptest.NewSite(t, apptest.Options{Company: company, RPS: rps})
		p := newTestPage(t, site, js).signInAs(policy.Viewer, "/me")
		p.inArea("navigation", "Main").press("link", "Subusers")
		p.expectHeading("Subusers")
		if js {
			p.expectFocus("heading", "Subusers")
			p.do(chromedp.Evaluate[chromedp.Void]("window.sameDocument = true"))
		}
		grown := 0
		for range 2 {
			before := grown
			p.waitUntil(func() (bool, string) {
				if !js {
					p.reload()
				}
				grown = max(grown, p.rowsRead())
				return grown > before, "for more rows than " + strconv.Itoa(before)
			})
		}
		p.waitUntil(func() (bool, string) {
			if !js {
				p.reload()
			}
			return strings.Contains(p.visibleText(), "1–50 of 3,500"), "for the list"
		})
		if js {
			p.expectFocus("heading", "Subusers")
			if p.evalInt("window.sameDocument ? 1 : 0") != 1 {
				t.Error("the page was loaded again")
			}
		}
	})
}

// TestOverviewBeforeFirstReading: while the first listing is read, the overview and the page of drift report that
// nothing is known yet, never that there is nothing.
func TestOverviewBeforeFirstReading(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		company, err := voxsim.CompanyNamed("large", 3_500)
		if err != nil {
			t.Fatal(err)
		}
		site := apptest.NewSite(t, apptest.Options{Company: company, RPS: 0.4})
		p := newTestPage(t, site, js).signInAs(policy.Viewer, "/")
		p.expectHeading("Overview")
		p.expectText("Not known yet: the account is being read. All operations are finished.")
		p.expectNoText("Nothing.", "without roles", "only the account holder")
		p.open("/drift")
		p.expectHeading("Drift")
		p.expectText("Not known yet")
		p.expectNoText("No findings")
	})
}
