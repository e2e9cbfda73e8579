package browsertest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// search asks for the list again: as one types with JavaScript, by the button without.
func (p *person) search() {
	p.t.Helper()
	if !p.js {
		p.press("button", "Search")
	}
}

// TestWhoHasAccess: who has access, with which roles? Search, filter, sort, share the address, take the list home.
func TestWhoHasAccess(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newPerson(t, site, js).signedIn(policy.Viewer, "/")
		p.in("navigation", "Main").press("link", "Subusers")
		p.at("Subusers")
		p.sees("1–40 of 40")

		p.focus("searchbox", "Search subusers")
		p.typeOver("NOVAKOVA")
		p.search()
		p.sees("1–1 of 1 found, 40 in all", "anna_novakova")
		p.seesNot("jiri_dvorak")
		p.focus("searchbox", "Search subusers")
		p.typeOver("nobody at all")
		p.search()
		p.sees("Nobody matches")
		p.press("link", "Clear search")
		p.sees("1–40 of 40")

		p.choose("Role", "Owner")
		p.search()
		p.sees("1–3 of 3 found", "marie_svobodova")
		p.in("table", "Subusers").press("link", "Login")
		p.wait(func() (bool, string) {
			return p.count("link", "marie_svobodova") == 1 && p.sorted() == "descending", "for the other order"
		})
		if first := p.firstLogin(); first != "marie_svobodova" {
			t.Errorf("sorted the other way, %s comes first", first)
		}
		colleague := p.anotherTab()
		colleague.open(p.address())
		colleague.at("Subusers")
		colleague.sees("1–3 of 3 found")
		if found := colleague.find("combobox", "Role"); found.value() != "Owner" ||
			colleague.firstLogin() != "marie_svobodova" {
			t.Errorf("the same address shows role %q and %s first", found.value(), colleague.firstLogin())
		}

		file := p.download("link", "Export CSV")
		if lines := strings.Count(file, "\n"); lines != 4 || !strings.Contains(file, "anna_novakova") ||
			strings.Contains(file, "petr_kucera") {
			t.Errorf("the file has %d lines: %s", lines, file)
		}
		p.press("link", "anna_novakova")
		p.at("anna_novakova")
		p.sees("Anna Nováková, head of operations", "Owner")
		p.back()
		p.at("Subusers")
		p.sees("1–3 of 3 found")
		p.reload()
		p.sees("1–3 of 3 found")
	})
}

// TestPages: a long list comes in pages that keep what was asked for.
func TestPages(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		company, err := voxsim.CompanyNamed("large", 130)
		if err != nil {
			t.Fatal(err)
		}
		site := apptest.NewSite(t, apptest.Options{Company: company})
		p := newPerson(t, site, js).signedIn(policy.Viewer, "/subusers?sort=keys&desc=1")
		p.sees("1–50 of 130", "Page 1 of 3")
		p.lacks("link", "Previous")
		p.press("link", "Next")
		p.sees("51–100 of 130")
		p.press("link", "Last")
		p.sees("101–130 of 130", "Page 3 of 3")
		p.lacks("link", "Next")
		p.back()
		p.sees("51–100 of 130")
		if got := p.address(); !strings.Contains(got, "sort=keys") || !strings.Contains(got, "page=2") {
			t.Errorf("the address after going back: %s", got)
		}
	})
}

// sorted is how the table says that it is sorted by its first column.
func (p *person) sorted() string {
	heads, err := p.things("columnheader", "Login")
	if err != nil || len(heads) != 1 {
		return ""
	}
	handle, err := p.resolve(heads[0])
	if err != nil {
		return ""
	}
	order, err := p.ask(handle, "function() { return this.getAttribute('aria-sort') ?? ''; }")
	if err != nil {
		return ""
	}
	return order
}

// firstLogin is who stands in the first row.
func (p *person) firstLogin() string {
	p.t.Helper()
	cells, err := p.in("table", "Subusers").things("rowheader", "")
	if err != nil {
		p.t.Fatal(err)
	}
	if len(cells) == 0 {
		if cells, err = p.in("table", "Subusers").things("cell", ""); err != nil || len(cells) == 0 {
			p.t.Fatalf("the table is empty: %v", err)
		}
	}
	return plain(cells[0].Name)
}

// download presses something that saves a file and answers what is in it.
func (p *person) download(role, name string) string {
	p.t.Helper()
	return p.downloaded(func() { p.press(role, name) })
}

// downloaded answers what is in the file that something saves.
func (p *person) downloaded(act func()) string {
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
	act()
	var text []byte
	p.wait(func() (bool, string) {
		files, err := filepath.Glob(filepath.Join(folder, "*"))
		// One who is impatient gets the file twice.
		if err != nil || len(files) == 0 ||
			slices.ContainsFunc(files, func(f string) bool { return strings.HasSuffix(f, ".crdownload") }) {
			return false, "for a file"
		}
		text, err = os.ReadFile(files[0])
		return err == nil && len(text) > 0, "for a file with something in it"
	})
	return string(text)
}
