package browser

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// area is a part of the page, by its role and accessible name.
type area struct{ role, name string }

// inArea returns p limited to a part of the page.
func (p *testPage) inArea(role, name string) *testPage {
	scoped := *p
	scoped.area = &area{role, name}
	return &scoped
}

// element is a node of the page's accessibility tree.
type element struct{ *accessibility.Node }

// find waits until exactly one element has a role and name, and returns it.
func (p *testPage) find(role, name string) element {
	p.t.Helper()
	var found []element
	p.waitUntil(func() (bool, string) {
		var err error
		found, err = p.query(role, name)
		return err == nil && len(found) == 1, fmt.Sprintf("for one %s %q: there are %d, %v", role, name, len(found), err)
	})
	return found[0]
}

// count returns the number of elements that have a role and name now.
func (p *testPage) count(role, name string) int {
	p.t.Helper()
	var found []element
	p.waitUntil(func() (bool, string) {
		var err error
		found, err = p.query(role, name)
		return err == nil, fmt.Sprintf("for the page: %v", err) // there is none between two pages
	})
	return len(found)
}

// waitGone waits until no element has a role and name.
func (p *testPage) waitGone(role, name string) {
	p.t.Helper()
	p.waitUntil(func() (bool, string) { return p.count(role, name) == 0, fmt.Sprintf("for %s %q to go", role, name) })
}

// query returns the elements of the accessibility tree with a role and a name. An empty name matches any.
func (p *testPage) query(role, name string) ([]element, error) {
	root, err := p.rootObject()
	if err != nil {
		return nil, err
	}
	params := accessibility.QueryAXTreeParams{ObjectID: root, Role: role, AccessibleName: name}
	result, err := chromedp.Call(p.tab, accessibility.QueryAXTree, params)
	if err != nil {
		return nil, err
	}
	var found []element
	for _, node := range result.Nodes {
		if !node.Ignored {
			found = append(found, element{node})
		}
	}
	return found, nil
}

// rootObject returns the object in which elements are looked for: the page or the area.
func (p *testPage) rootObject() (runtime.RemoteObjectID, error) {
	if p.area == nil {
		return p.evalObject("document")
	}
	whole := *p
	whole.area = nil
	found, err := whole.query(p.area.role, p.area.name)
	if err != nil {
		return "", err
	}
	if len(found) != 1 {
		return "", fmt.Errorf("there are %d of %s %q", len(found), p.area.role, p.area.name)
	}
	return p.resolve(found[0])
}

// evalObject returns the id of the object that a JavaScript expression evaluates to.
func (p *testPage) evalObject(expression string) (runtime.RemoteObjectID, error) {
	result, err := chromedp.Call(p.tab, runtime.Evaluate, runtime.EvaluateParams{Expression: expression})
	if err != nil {
		return "", err
	}
	if result.ExceptionDetails != nil {
		return "", errors.New(result.ExceptionDetails.Text)
	}
	return result.Result.ObjectID, nil
}

// waitUntil waits until condition is true. The text that condition returns, "for …", becomes part of the error.
func (p *testPage) waitUntil(condition func() (bool, string)) {
	p.t.Helper()
	deadline := time.Now().Add(waitTimeout)
	for {
		ok, why := condition()
		if ok {
			return
		}
		if time.Now().After(deadline) || p.tab.Err() != nil {
			p.t.Fatalf("gave up waiting %s; address %s, page text: %.1800s", why, p.address(), p.visibleText())
		}
		<-time.After(40 * time.Millisecond)
	}
}

// visibleText returns the visible text of the page, with one space for all white space.
func (p *testPage) visibleText() string {
	text, err := chromedp.Run(p.tab, chromedp.Evaluate[string]("document.body.innerText"))
	if err != nil {
		return ""
	}
	return strings.Join(strings.Fields(text), " ")
}

// expectHeading waits for a page with this heading to load completely.
func (p *testPage) expectHeading(heading string) {
	p.t.Helper()
	p.waitUntil(func() (bool, string) {
		state, err := chromedp.Run(p.tab, chromedp.Evaluate[string]("document.readyState"))
		if err != nil {
			return false, err.Error()
		}
		found, err := p.query("heading", heading)
		return state == "complete" && err == nil && len(found) > 0, fmt.Sprintf("for the page %q", heading)
	})
}

// expectText waits until these texts are visible on the page.
func (p *testPage) expectText(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		p.waitUntil(func() (bool, string) {
			return strings.Contains(p.visibleText(), text), fmt.Sprintf("for the text %q", text)
		})
	}
}

// expectNoText fails the test if any of these texts is visible on the page.
func (p *testPage) expectNoText(texts ...string) {
	p.t.Helper()
	visible := p.visibleText()
	for _, text := range texts {
		if strings.Contains(visible, text) {
			p.t.Errorf("%q is visible on %s", text, p.address())
		}
	}
}

// expectAbsent fails the test if an element has this role and name.
func (p *testPage) expectAbsent(role, name string) {
	p.t.Helper()
	if n := p.count(role, name); n > 0 {
		p.t.Errorf("there are %d of %s %q on %s", n, role, name, p.address())
	}
}

// expectAttribute waits until the only element with this role and name has an attribute with this value.
func (p *testPage) expectAttribute(role, name, attribute, value string) {
	p.t.Helper()
	p.waitUntil(func() (bool, string) {
		why := fmt.Sprintf("for %s=%q of %s %q", attribute, value, role, name)
		found, err := p.query(role, name)
		if err != nil || len(found) != 1 {
			return false, fmt.Sprintf("%s: there are %d, %v", why, len(found), err)
		}
		handle, err := p.resolve(found[0])
		if err != nil {
			return false, fmt.Sprintf("%s: %v", why, err)
		}
		got, err := p.callFunction(handle, fmt.Sprintf("function() { return this.getAttribute(%q) ?? ''; }", attribute))
		return err == nil && got == value, fmt.Sprintf("%s: it is %q, %v", why, got, err)
	})
}

// value returns what is typed or chosen in a field.
func (t element) value() string { return axString(t.Value) }

// is reports whether the element has a state such as "checked", "disabled" or "focused".
func (t element) is(state string) bool {
	for _, property := range t.Properties {
		if string(property.Name) == state {
			return strings.Contains(axString(property.Value), "true")
		}
	}
	return false
}

func axString(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	var text any
	if err := json.Unmarshal(v.Value, &text); err != nil || text == nil {
		return ""
	}
	return fmt.Sprint(text)
}
