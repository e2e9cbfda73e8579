package browser

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// press clicks the element with a role and name.
func (p *testPage) press(role, name string) {
	p.t.Helper()
	x, y := p.clickPoint(role, name)
	p.do(chromedp.MouseClickXY(x, y))
}

// pressTwice double-clicks at the speed of a person. The browser would merge faster clicks.
func (p *testPage) pressTwice(role, name string) {
	p.t.Helper()
	x, y := p.clickPoint(role, name)
	p.do(chromedp.MouseClickXY(x, y))
	<-time.After(120 * time.Millisecond)
	p.do(chromedp.MouseClickXY(x, y, chromedp.ClickCount(2)))
}

// clickPoint waits until an element is visible and returns where to click it. A page that refreshes itself may replace
// the element at any moment.
func (p *testPage) clickPoint(role, name string) (x, y float64) {
	p.t.Helper()
	p.waitUntil(func() (bool, string) {
		var err error
		x, y, err = p.centerOf(p.find(role, name))
		return err == nil, fmt.Sprintf("to see %s %q: %v", role, name, err)
	})
	return x, y
}

// centerOf scrolls an element into view and returns its centre.
func (p *testPage) centerOf(target element) (x, y float64, err error) {
	id := target.BackendDOMNodeID
	scroll := dom.ScrollIntoViewIfNeededParams{BackendNodeID: id}
	if _, err := chromedp.Call(p.tab, dom.ScrollIntoViewIfNeeded, scroll); err != nil {
		return 0, 0, err
	}
	result, err := chromedp.Call(p.tab, dom.GetContentQuads, dom.GetContentQuadsParams{BackendNodeID: id})
	if err != nil {
		return 0, 0, err
	}
	if len(result.Quads) == 0 {
		return 0, 0, errors.New("the element has no size")
	}
	for i, at := range result.Quads[0] {
		if i%2 == 0 {
			x += at / 4
		} else {
			y += at / 4
		}
	}
	return x, y, nil
}

// openMenu opens the operator's menu, which is the first disclosure on every page.
func (p *testPage) openMenu() {
	p.t.Helper()
	var x, y float64
	p.waitUntil(func() (bool, string) {
		menus, err := p.query("DisclosureTriangle", "")
		if err != nil || len(menus) == 0 {
			return false, fmt.Sprintf("for a menu: there are %d, %v", len(menus), err)
		}
		x, y, err = p.centerOf(menus[0])
		return err == nil, fmt.Sprintf("to see the menu: %v", err)
	})
	p.do(chromedp.MouseClickXY(x, y))
}

// signOut signs out with the button in the operator's menu.
func (p *testPage) signOut() {
	p.t.Helper()
	p.openMenu()
	p.press("button", "Sign out")
}

// revealSecret opens the disclosure "Show <name>" and returns the value of the field in it, which must be hidden
// before.
func (p *testPage) revealSecret(name, field string) string {
	p.t.Helper()
	if p.count("textbox", field) > 0 {
		p.t.Errorf("%s is visible before it is asked for", field)
	}
	p.press("DisclosureTriangle", "Show "+name)
	p.waitUntil(func() (bool, string) { return p.count("textbox", field) == 1, "to see " + field })
	return p.find("textbox", field).value()
}

// fill replaces the text of a field.
func (p *testPage) fill(name, text string) {
	p.t.Helper()
	p.focus("textbox", name)
	p.replaceText(text)
}

// replaceText replaces the text of the field that has the focus.
func (p *testPage) replaceText(text string) {
	p.t.Helper()
	p.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)), chromedp.KeyEvent(kb.Backspace))
	if _, err := chromedp.Call(p.tab, input.InsertText, input.InsertTextParams{Text: text}); err != nil {
		p.t.Fatal(err)
	}
}

// selectOption selects an option with the arrow keys. Typing its name depends on speed: the browser forgets the letters
// after a second.
func (p *testPage) selectOption(name, option string) {
	p.t.Helper()
	p.focus("combobox", name)
	p.do(chromedp.KeyEvent(kb.Home))
	const maxOptions = 60
	for range maxOptions {
		list, err := p.resolve(p.find("combobox", name))
		if err != nil {
			p.t.Fatal(err)
		}
		chosen, err := p.callFunction(list, "function() { return this.selectedOptions[0].label; }")
		if err != nil {
			p.t.Fatal(err)
		}
		if chosen == option {
			return
		}
		p.do(chromedp.KeyEvent(kb.ArrowDown))
	}
	p.t.Fatalf("the list %q has no %q", name, option)
}

func (p *testPage) focus(role, name string) {
	p.t.Helper()
	p.waitUntil(func() (bool, string) {
		target := p.find(role, name)
		_, err := chromedp.Call(p.tab, dom.Focus, dom.FocusParams{BackendNodeID: target.BackendDOMNodeID})
		return err == nil, fmt.Sprintf("for the focus on %s %q: %v", role, name, err)
	})
}

// tabTo presses Tab until the element with a role and name has the focus.
func (p *testPage) tabTo(role, name string) {
	p.t.Helper()
	const maxPresses = 90
	for range maxPresses {
		p.do(chromedp.KeyEvent(kb.Tab))
		if focused := p.focusedElement(); axString(focused.Role) == role && axString(focused.Name) == name {
			return
		}
	}
	p.t.Fatalf("%d presses of Tab do not reach %s %q", maxPresses, role, name)
}

// focusedElement returns the element that has the focus.
func (p *testPage) focusedElement() element {
	p.t.Helper()
	object, err := p.evalObject("document.activeElement")
	if err != nil {
		p.t.Fatal(err)
	}
	params := accessibility.GetPartialAXTreeParams{ObjectID: object, FetchRelatives: new(false)}
	result, err := chromedp.Call(p.tab, accessibility.GetPartialAXTree, params)
	if err != nil || len(result.Nodes) == 0 {
		p.t.Fatalf("no element has the focus: %v", err)
	}
	return element{result.Nodes[0]}
}

// resolve returns the id of an element's JavaScript object.
func (p *testPage) resolve(target element) (runtime.RemoteObjectID, error) {
	result, err := chromedp.Call(p.tab, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: target.BackendDOMNodeID})
	if err != nil {
		return "", fmt.Errorf("resolving %s %q: %w", axString(target.Role), axString(target.Name), err)
	}
	return result.Object.ObjectID, nil
}

// callFunction calls a JavaScript function with an object as this and returns its text.
func (p *testPage) callFunction(object runtime.RemoteObjectID, function string) (text string, err error) {
	result, err := chromedp.Call(p.tab, runtime.CallFunctionOn, runtime.CallFunctionOnParams{
		ObjectID:            object,
		FunctionDeclaration: function,
		ReturnByValue:       new(true),
	})
	if err != nil {
		return "", err
	}
	if result.ExceptionDetails != nil {
		return "", errors.New(result.ExceptionDetails.Text)
	}
	err = json.Unmarshal(result.Result.Value, &text)
	return text, err
}
