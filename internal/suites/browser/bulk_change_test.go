package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// bulkCase is a bulk change of one kind of principals.
type bulkCase struct {
	kind     access.Kind
	heading  string
	names    []string // of three principals
	filtered string   // a list with the first of them only
}

func bulkCases() []bulkCase {
	return []bulkCase{
		{
			kind:     access.Subuser,
			heading:  "Subusers",
			names:    []string{"adam_navratil", "jurgen_grosse", "lukasz_wisniew"},
			filtered: "/subusers?q=adam_navratil",
		},
		{
			kind:     access.Key,
			heading:  "Keys",
			names:    []string{"Data warehouse", "Campaign loader", "CI deploy"},
			filtered: "/keys?q=warehouse",
		},
	}
}

func (c bulkCase) path() string { return "/" + c.kind.RouteSegment() }

// plural returns the kind within a sentence.
func (c bulkCase) plural() string { return c.kind.RouteSegment() }

// forEachKind runs a test for both kinds of principals, with JavaScript and without it.
func forEachKind(t *testing.T, test func(t *testing.T, js bool, c bulkCase)) {
	t.Helper()
	for _, c := range bulkCases() {
		t.Run(c.plural(), func(t *testing.T) {
			t.Parallel()
			withAndWithoutJS(t, func(t *testing.T, js bool) { test(t, js, c) })
		})
	}
}

// TestBulkRoleChange selects three principals, previews a bulk change of roles with a reason, starts it and waits for
// its end. From the list to the end that takes at most eight clicks.
func TestBulkRoleChange(t *testing.T) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, js bool, c bulkCase) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Admin, c.path())
		p.expectHeading(c.heading)
		clicks := 0
		press := func(role, name string) {
			t.Helper()
			clicks++
			p.press(role, name)
		}
		for _, name := range c.names {
			press("checkbox", "Select "+name)
		}
		press("button", "Change selected…")
		p.expectHeading("Change many " + c.plural())
		p.expectText("3 "+c.plural()+" are selected", "Held by 0 of 3.")
		const reason = "OPS-31 all join the billing team"
		press("checkbox", "Grant Payer")
		press("textbox", "Reason")
		p.fill("Reason", reason)
		press("button", "Preview")
		heading := "Change the roles of 3 " + c.plural()
		p.expectHeading(heading)
		p.expectText(append([]string{"Nothing was sent yet.", "Grant Payer"}, c.names...)...)
		p.expectForm(reason)
		p.expectWrites(0)
		press("button", "Change 3 "+c.plural())
		p.expectHeading(heading)
		p.expectText("Finished: 3 of 3") // the page reloads itself
		if clicks > 8 {
			t.Errorf("%d clicks", clicks)
		}
		p.expectWrites(3)
		p.expectReasons(reason, 3)
	})
}

// TestBulkDeletionOfAllThatMatch deletes the keys that a filter shows. The console key is among them and stays.
func TestBulkDeletionOfAllThatMatch(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Admin, "/keys")
		p.expectHeading("Keys")
		p.press("link", "Privileged")
		p.expectText("Remove filter Privileged", "Access console")
		p.press("link", "Change all 3 that match…")
		p.expectHeading("Change many keys")
		p.expectText("3 keys are selected: Access console,", "Jiří's laptop")
		p.press("radio", "Delete keys")
		p.press("button", "Preview")
		p.expectHeading("Delete 3 keys")
		p.expectText(
			"Programs that use these keys stop working",
			"Lose Owner",
			"Lose Developer",
			"This is the console key, which bulk changes leave out.",
		)
		p.fill("Type the number of keys to confirm", "2")
		p.press("button", "Delete 2 keys")
		p.expectText("Finished: 2 of 2")
		p.expectWrites(2)
		if _, exists := site.Sim.State().Key(site.ConsoleKey()); !exists {
			t.Error("the console key was deleted")
		}
	})
}

// TestEditorSelectsNoKeys shows an editor the list of keys without a selection.
func TestEditorSelectsNoKeys(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		p := newTestPage(t, apptest.NewSite(t, apptest.Options{}), js).signInAs(policy.Editor, "/keys?q=warehouse")
		p.expectText("Data warehouse")
		p.expectAbsent("button", "Change selected…")
		p.expectAbsent("checkbox", "Select Data warehouse")
		p.open("/bulk/new?of=keys&all=1")
		p.expectHeading("You may not do this")
	})
}

// TestSelectRows: a click with Shift selects all rows in between, and one checkbox selects the page.
func TestSelectRows(t *testing.T) {
	t.Parallel()
	site := apptest.NewSite(t, apptest.Options{})
	p := newTestPage(t, site, true).signInAs(policy.Admin, "/subusers")
	p.expectHeading("Subusers")
	p.press("checkbox", "Select adam_navratil")
	p.expectText("1 selected")
	const shiftOnFourth = `(() => {
		const boxes = document.querySelectorAll("#list [name=id]");
		boxes[3].dispatchEvent(new MouseEvent("click", { shiftKey: true, bubbles: true, cancelable: true }));
		return [...boxes].filter((box) => box.checked).length.toString();
	})()`
	if got, err := chromedp.Run(p.tab, chromedp.Evaluate[string](shiftOnFourth)); err != nil || got != "4" {
		t.Errorf("after a click with Shift %s rows are selected, want 4: %v", got, err)
	}
	p.expectText("4 selected")
	p.press("checkbox", "Select all on this page")
	p.expectText("40 selected")
	p.press("checkbox", "Select all on this page")
	p.expectNoText("40 selected")
}

// expectDisabled waits until a control is disabled, or until it is not.
func (p *testPage) expectDisabled(role, name string, disabled bool) {
	p.t.Helper()
	p.waitUntil(func() (bool, string) {
		return p.find(role, name).is("disabled") == disabled, fmt.Sprintf("for %s to be disabled: %v", name, disabled)
	})
}

// TestSelectionIsKept: with JavaScript the selection of a list holds over searches, its pages, Back and a bulk change.
// Without it, it holds for the page, and an empty one leads to a page that says what to do.
func TestSelectionIsKept(t *testing.T) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, js bool, c bulkCase) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Admin, c.path())
		p.expectHeading(c.heading)
		first, second := c.names[0], c.names[1]
		if !js {
			p.expectText("The selection is for this page only.")
			p.press("button", "Change selected…")
			p.expectText("No "+c.plural()+" selected", "Select "+c.plural()+" in the list first.")
			p.press("link", "Go to the list of "+c.plural())
			p.expectHeading(c.heading)
			return
		}
		p.expectDisabled("button", "Change selected…", true)
		p.press("checkbox", "Select "+second)
		p.expectText("1 selected")
		p.expectDisabled("button", "Change selected…", false)
		p.open(c.filtered)
		p.expectText("1 selected, 1 not on this page")
		p.press("checkbox", "Select "+first)
		p.expectText("2 selected, 1 not on this page")
		p.press("button", "Change selected…")
		p.expectHeading("Change many " + c.plural())
		p.expectText("2 "+c.plural()+" are selected", first, second)
		p.back()
		p.expectHeading(c.heading)
		p.expectText("2 selected, 1 not on this page")
		p.press("button", "Compare two")
		p.expectHeading(second + " and " + first)
		p.back()
		p.expectHeading(c.heading)
		for _, other := range bulkCases() {
			if other.kind != c.kind {
				p.open(other.path())
				p.expectHeading(other.heading)
				p.expectDisabled("button", "Change selected…", true)
			}
		}
		p.open(c.path())
		p.expectText("2 selected")
		p.press("button", "Clear selection")
		p.expectNoText("2 selected")
		p.expectDisabled("button", "Change selected…", true)
		p.reload()
		p.expectHeading(c.heading)
		p.expectDisabled("button", "Change selected…", true)
		p.press("checkbox", "Select "+first)
		p.signOut()
		p.expectHeading("Signed out")
		p.signInAs(policy.Admin, c.path()) // in the same tab
		p.expectHeading(c.heading)
		p.expectText("1 selected")
	})
}

// TestSelectionOfAnotherOperator does not show an operator what another one selected in the same tab.
func TestSelectionOfAnotherOperator(t *testing.T) {
	t.Parallel()
	site := apptest.NewSite(t, apptest.Options{})
	p := newTestPage(t, site, true).signInAs(policy.Admin, "/subusers")
	p.expectHeading("Subusers")
	p.press("checkbox", "Select adam_navratil")
	p.expectText("1 selected")
	p.signOut()
	p.expectHeading("Signed out")
	p.signInAs(policy.Editor, "/subusers")
	p.expectHeading("Subusers")
	p.expectDisabled("button", "Change selected…", true)
}

// TestSelectionHasALimit disables the button for more keys than fit into an address, and says how many do.
func TestSelectionHasALimit(t *testing.T) {
	t.Parallel()
	site := apptest.NewSite(t, apptest.Options{})
	p := newTestPage(t, site, true).signInAs(policy.Admin, "/keys")
	p.expectHeading("Keys")
	p.press("checkbox", "Select CI deploy")
	p.expectText("1 selected")
	const selectMany = `(() => {
		const name = Object.keys(sessionStorage).find((key) => key.startsWith("selected "));
		const ids = JSON.parse(sessionStorage.getItem(name));
		while (ids.length < %d) ids.push("00000000-0000-4000-8000-" + String(ids.length).padStart(12, "0"));
		sessionStorage.setItem(name, JSON.stringify(ids));
		return "done";
	})()`
	for _, test := range []struct {
		count    int
		text     string
		disabled bool
	}{{180, "180 selected, 179 not on this page", false}, {181, "181 selected, 180 not on this page, at most 180", true}} {
		if _, err := chromedp.Run(p.tab, chromedp.Evaluate[string](fmt.Sprintf(selectMany, test.count))); err != nil {
			t.Fatal(err)
		}
		p.reload()
		p.expectText(test.text)
		p.expectDisabled("button", "Change selected…", test.disabled)
	}
	p.press("checkbox", "Select CI deploy")
	p.press("button", "Change selected…")
	p.expectHeading("Change many keys")
	p.expectText("180 keys are selected.")
}
