package browser

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// submitSearch presses the button Search without JavaScript; with JavaScript the list follows what is typed.
func (p *testPage) submitSearch() {
	p.t.Helper()
	if !p.js {
		p.press("button", "Search")
	}
}

// TestListSearchAndExport searches, filters, sorts and exports the list, and opens its address in another tab.
func TestListSearchAndExport(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Viewer, "/")
		p.inArea("navigation", "Main").press("link", "Subusers")
		p.expectHeading("Subusers")
		p.expectText("1–40 of 40")

		p.focus("searchbox", "Search subusers")
		p.replaceText("NOVAKOVA")
		p.submitSearch()
		p.expectText("1–1 of 1 found, 40 in all", "anna_novakova")
		p.expectNoText("jiri_dvorak")
		p.focus("searchbox", "Search subusers")
		p.replaceText("nobody at all")
		p.submitSearch()
		p.expectText("No subusers match")
		p.press("link", "Clear search")
		p.expectText("1–40 of 40")

		p.selectOption("Role", "Owner")
		p.submitSearch()
		p.expectText("1–3 of 3 found", "marie_svobodova")
		p.inArea("table", "Subusers").press("link", "Login")
		p.expectAttribute("columnheader", "Login", "aria-sort", "descending")
		p.find("link", "marie_svobodova")
		if first := p.firstLogin(); first != "marie_svobodova" {
			t.Errorf("in descending order, %s comes first", first)
		}
		colleague := p.anotherTab()
		colleague.open(p.address())
		colleague.expectHeading("Subusers")
		colleague.expectText("1–3 of 3 found")
		role := colleague.find("combobox", "Role").value()
		if first := colleague.firstLogin(); role != "Owner" || first != "marie_svobodova" {
			t.Errorf("the same address shows role %q and %s first", role, first)
		}

		file := p.download("link", "Export CSV")
		if lines := strings.Count(file, "\n"); lines != 4 || !strings.Contains(file, "anna_novakova") ||
			strings.Contains(file, "petr_kucera") {
			t.Errorf("the file has %d lines: %s", lines, file)
		}
		p.press("link", "anna_novakova")
		p.expectHeading("anna_novakova")
		p.expectText("Anna Nováková, head of operations", "Owner")
		p.back()
		p.expectHeading("Subusers")
		p.expectText("1–3 of 3 found")
		p.reload()
		p.expectText("1–3 of 3 found")
	})
}

// TestPrivilegedHolders finds the people and keys that hold a privileged role with one click, and exports them.
func TestPrivilegedHolders(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Viewer, "/subusers")
		p.press("link", "Privileged")
		p.expectText("1–5 of 5 found, 40 in all", "marie_svobodova")
		if file := p.download("link", "Export CSV"); strings.Count(file, "\n") != 6 || !strings.Contains(file, "marie") {
			t.Errorf("the file: %s", file)
		}
		p.focus("searchbox", "Search subusers")
		p.replaceText("anna")
		p.submitSearch()
		p.expectText("1–2 of 2 found, 40 in all")
		p.press("link", "Remove filter Privileged")
		p.waitGone("link", "Remove filter Privileged")
		if got := p.address(); !strings.Contains(got, "q=anna") {
			t.Errorf("the address after removing the filter: %s", got)
		}

		p.inArea("navigation", "Main").press("link", "Keys")
		p.expectHeading("Keys")
		p.press("link", "Privileged")
		p.expectText("1–3 of 3 found, 12 in all", "On-call runbook")
		p.expectNoText("CI deploy")
	})
}

// TestListPagination: the pages of a long list keep the search.
func TestListPagination(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		company, err := voxsim.CompanyNamed("large", 130)
		if err != nil {
			t.Fatal(err)
		}
		site := apptest.NewSite(t, apptest.Options{Company: company})
		p := newTestPage(t, site, js).signInAs(policy.Viewer, "/subusers?sort=keys&desc=1")
		p.expectText("1–50 of 130", "Page 1 of 3")
		p.expectAbsent("link", "Previous")
		p.press("link", "Next")
		p.expectText("51–100 of 130")
		p.press("link", "Last")
		p.expectText("101–130 of 130", "Page 3 of 3")
		p.expectAbsent("link", "Next")
		p.back()
		p.expectText("51–100 of 130")
		if got := p.address(); !strings.Contains(got, "sort=keys") || !strings.Contains(got, "page=2") {
			t.Errorf("the address after going back: %s", got)
		}
	})
}

// firstLogin returns the login in the first row of the list.
func (p *testPage) firstLogin() string {
	p.t.Helper()
	cells, err := p.inArea("table", "Subusers").query("rowheader", "")
	if err != nil {
		p.t.Fatal(err)
	}
	if len(cells) == 0 {
		if cells, err = p.inArea("table", "Subusers").query("cell", ""); err != nil || len(cells) == 0 {
			p.t.Fatalf("the table is empty: %v", err)
		}
	}
	return axString(cells[0].Name)
}

// download presses an element that saves a file and returns the file's content.
func (p *testPage) download(role, name string) string {
	p.t.Helper()
	return p.savedFile(func() { p.press(role, name) })
}

// savedFile returns the content of the file that save makes the browser save.
func (p *testPage) savedFile(save func()) string {
	p.t.Helper()
	folder := p.t.TempDir()
	_, err := chromedp.CallBrowser(p.tab, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior:         browser.SetDownloadBehaviorBehaviorAllow,
		BrowserContextID: chromedp.FromContext(p.tab).BrowserContextID,
		DownloadPath:     folder,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	save()
	var text []byte
	p.waitUntil(func() (bool, string) {
		files, err := filepath.Glob(filepath.Join(folder, "*"))
		incomplete := func(f string) bool { return strings.HasSuffix(f, ".crdownload") }
		if err != nil || len(files) == 0 || slices.ContainsFunc(files, incomplete) {
			return false, "for a file"
		}
		// A double click saves the file twice.
		text, err = os.ReadFile(files[0])
		return err == nil && len(text) > 0, "for a file that is not empty"
	})
	return string(text)
}

// TestListChips sets and removes filters of the list of keys. A search keeps them.
func TestListChips(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Viewer, "/keys")
		p.find("link", "Data warehouse")
		p.press("link", "Without roles")
		p.find("link", "Remove filter Without roles")
		p.waitGone("link", "Data warehouse")
		p.focus("searchbox", "Search keys")
		p.replaceText("no such key")
		p.submitSearch()
		p.expectText("No keys match")
		p.press("link", "Remove filter Without roles")
		p.find("link", "Without roles")
		p.expectText("No keys match")
		p.press("link", "Clear search")
		p.find("link", "Data warehouse")
	})
}

// TestCopyKeyID: the list shows an id in one line, cut where there is little room. Its text, which the button copies,
// is the whole.
func TestCopyKeyID(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Viewer, "/keys")
		p.expectHeading("Keys")
		for _, key := range site.Sim.State().Keys {
			if !strings.Contains(p.evalText(`document.getElementById("results").textContent`), key.ID) {
				t.Errorf("the list lacks the id %s", key.ID)
			}
		}
		if lines := p.linesOf("td.short-id code"); lines != 1 {
			t.Errorf("an id takes %d lines", lines)
		}
		const button = "Copy id of Data warehouse"
		if !js {
			p.expectAbsent("button", button)
			return
		}
		id := ""
		for _, key := range site.Sim.State().Keys {
			if key.Name == "Data warehouse" {
				id = key.ID
			}
		}
		p.do(chromedp.Evaluate[chromedp.Void](`navigator.clipboard.writeText = () => Promise.reject()`))
		p.press("button", button)
		p.waitUntil(func() (bool, string) {
			return p.evalText(`getSelection().toString()`) == id, "for the id to be selected without a clipboard"
		})
		p.do(chromedp.Evaluate[chromedp.Void](`navigator.clipboard.writeText = async (text) => { window.copied = text }`))
		p.press("button", button)
		p.find("button", button+" Copied")
		if copied := p.evalText("window.copied"); copied != id {
			t.Errorf("the button copied %q, want %q", copied, id)
		}
	})
}

// linesOf returns the number of lines of the tallest of these elements.
func (p *testPage) linesOf(selector string) int {
	p.t.Helper()
	return p.evalInt(`Math.max(...[...document.querySelectorAll("` + selector + `")].map((element) =>
		element.getBoundingClientRect().height / parseFloat(getComputedStyle(element).lineHeight)))`)
}

// setWidth sets the width of the window.
func (p *testPage) setWidth(width int64) {
	p.t.Helper()
	params := emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 900, DeviceScaleFactor: 1}
	if _, err := chromedp.Call(p.tab, emulation.SetDeviceMetricsOverride, params); err != nil {
		p.t.Fatal(err)
	}
}

// TestLongDescription: a description takes two lines of the list at most, leaves room for the roles, and can be read
// whole.
func TestLongDescription(t *testing.T) {
	t.Parallel()
	company := voxsim.SmallCompany()
	long := strings.TrimSpace(strings.Repeat("second line in Brno and on call at night ", 6))
	company.Subusers[0].Description = long
	site := apptest.NewSite(t, apptest.Options{Company: company})
	p := newTestPage(t, site, true).signInAs(policy.Viewer, "/subusers")
	p.expectHeading("Subusers")
	for _, width := range []int64{1920, 1280, 800, 390} {
		p.setWidth(width)
		if lines := p.linesOf("td > p"); lines != 2 {
			t.Errorf("at %d px, a description takes %d lines, want 2", width, lines)
		}
		roles := p.evalInt(`Math.min(...[...document.querySelectorAll("th + td + td")].map((cell) => cell.offsetWidth))`)
		if roles < 190 {
			t.Errorf("at %d px, the roles are %d px wide", width, roles)
		}
	}
	if title := p.evalText(`document.querySelector("td > p[title]").title`); title != long {
		t.Errorf("the tooltip is %q", title)
	}
}

// TestFirstSelectionMovesNoRow: the bar that appears with the first selected row leaves the rows where they were.
func TestFirstSelectionMovesNoRow(t *testing.T) {
	t.Parallel()
	p := newTestPage(t, apptest.NewSite(t, apptest.Options{}), true).signInAs(policy.Admin, "/subusers")
	p.expectHeading("Subusers")
	const top = `document.querySelector("tbody tr").getBoundingClientRect().top`
	before := p.evalInt(top)
	p.press("checkbox", "Select anna_novakova")
	p.expectText("1 selected")
	if after := p.evalInt(top); after != before {
		t.Errorf("the first row is at %d px after a selection, before at %d px", after, before)
	}
}
