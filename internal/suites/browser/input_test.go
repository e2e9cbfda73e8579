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

// press clicks on the one thing with this role and name.
func (p *testPage) press(role, name string) {
	p.t.Helper()
	x, y := p.clickPoint(role, name)
	p.do(chromedp.MouseClickXY(x, y))
}

// pressTwice is a double click, as by people who are used to it. Faster than a hand, the browser takes both clicks
// for one.
func (p *testPage) pressTwice(role, name string) {
	p.t.Helper()
	x, y := p.clickPoint(role, name)
	p.do(chromedp.MouseClickXY(x, y))
	<-time.After(120 * time.Millisecond)
	p.do(chromedp.MouseClickXY(x, y, chromedp.ClickCount(2)))
}

// clickPoint waits for a thing to be in sight and answers where to click. A page that renews itself may take the
// thing away at any moment and bring it again.
func (p *testPage) clickPoint(role, name string) (x, y float64) {
	p.t.Helper()
	p.waitUntil(func() (bool, string) {
		var err error
		x, y, err = p.centerOf(p.find(role, name))
		return err == nil, fmt.Sprintf("to see %s %q: %v", role, name, err)
	})
	return x, y
}

// centerOf brings a thing into sight and answers where its middle is.
func (p *testPage) centerOf(target element) (x, y float64, err error) {
	if _, err := chromedp.Call(
		p.tab,
		dom.ScrollIntoViewIfNeeded,
		dom.ScrollIntoViewIfNeededParams{BackendNodeID: target.BackendDOMNodeID},
	); err != nil {
		return 0, 0, err
	}
	answer, err := chromedp.Call(
		p.tab,
		dom.GetContentQuads,
		dom.GetContentQuadsParams{BackendNodeID: target.BackendDOMNodeID},
	)
	if err != nil {
		return 0, 0, err
	}
	if len(answer.Quads) == 0 {
		return 0, 0, errors.New("it takes no room")
	}
	for i, at := range answer.Quads[0] {
		if i%2 == 0 {
			x += at / 4
		} else {
			y += at / 4
		}
	}
	return x, y, nil
}

// openMenu opens the menu under one's name. It is called by the name and the roles, and stands before all else that
// opens.
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

// signOut ends the session by what is in that menu.
func (p *testPage) signOut() {
	p.t.Helper()
	p.openMenu()
	p.press("button", "Sign out")
}

// revealSecret asks for what is hidden under this name, and answers what the field then holds. Nobody sees it before.
func (p *testPage) revealSecret(name, field string) string {
	p.t.Helper()
	if p.count("textbox", field) > 0 {
		p.t.Errorf("%s is in sight before anybody asked for it", field)
	}
	p.press("DisclosureTriangle", "Show "+name)
	p.waitUntil(func() (bool, string) { return p.count("textbox", field) == 1, "to see " + field })
	return p.find("textbox", field).value()
}

// fill types into the field of this name, in place of what is there.
func (p *testPage) fill(name, text string) {
	p.t.Helper()
	p.focus("textbox", name)
	p.replaceText(text)
}

// replaceText replaces what stands in the field that has the focus.
func (p *testPage) replaceText(text string) {
	p.t.Helper()
	p.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)), chromedp.KeyEvent(kb.Backspace))
	if _, err := chromedp.Call(p.tab, input.InsertText, input.InsertTextParams{Text: text}); err != nil {
		p.t.Fatal(err)
	}
}

// selectOption goes down a list to an option. Typing its name would do too, for who is quick enough: a browser
// forgets the letters after a second.
func (p *testPage) selectOption(name, option string) {
	p.t.Helper()
	p.focus("combobox", name)
	p.do(chromedp.KeyEvent(kb.Home))
	const most = 60
	for range most {
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

// tabTo presses Tab until the focus is on the thing with this role and name.
func (p *testPage) tabTo(role, name string) {
	p.t.Helper()
	const most = 90
	for range most {
		p.do(chromedp.KeyEvent(kb.Tab))
		if it := p.focusedElement(); axString(it.Role) == role && axString(it.Name) == name {
			return
		}
	}
	p.t.Fatalf("%s %q is not reached by %d presses of Tab", role, name, most)
}

// focusedElement is the thing that the keyboard acts on.
func (p *testPage) focusedElement() element {
	p.t.Helper()
	object, err := p.evalObject("document.activeElement")
	if err != nil {
		p.t.Fatal(err)
	}
	answer, err := chromedp.Call(
		p.tab,
		accessibility.GetPartialAXTree,
		accessibility.GetPartialAXTreeParams{ObjectID: object, FetchRelatives: new(false)},
	)
	if err != nil || len(answer.Nodes) == 0 {
		p.t.Fatalf("nothing has the focus: %v", err)
	}
	return element{answer.Nodes[0]}
}

// resolve is a handle on a thing for the browser's scripts.
func (p *testPage) resolve(target element) (runtime.RemoteObjectID, error) {
	answer, err := chromedp.Call(p.tab, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: target.BackendDOMNodeID})
	if err != nil {
		return "", fmt.Errorf("resolving %s %q: %w", axString(target.Role), axString(target.Name), err)
	}
	return answer.Object.ObjectID, nil
}

// callFunction calls a function of a script on a thing and answers the text it gives.
func (p *testPage) callFunction(object runtime.RemoteObjectID, function string) (text string, err error) {
	answer, err := chromedp.Call(
		p.tab,
		runtime.CallFunctionOn,
		runtime.CallFunctionOnParams{ObjectID: object, FunctionDeclaration: function, ReturnByValue: new(true)},
	)
	if err != nil {
		return "", err
	}
	if answer.ExceptionDetails != nil {
		return "", errors.New(answer.ExceptionDetails.Text)
	}
	err = json.Unmarshal(answer.Result.Value, &text)
	return text, err
}
