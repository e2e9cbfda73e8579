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

// area is a part of the page, by what a screen reader says of it.
type area struct{ role, name string }

// area is the same person, looking at a part of the page only.
func (p *testPage) inArea(role, name string) *testPage {
	scoped := *p
	scoped.area = &area{role, name}
	return &scoped
}

// element is something on the page, as a screen reader finds it.
type element struct{ *accessibility.Node }

// find waits for the one thing with this role and name.
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

// count is how many things have this role and name now.
func (p *testPage) count(role, name string) int {
	p.t.Helper()
	var found []element
	p.waitUntil(func() (bool, string) {
		var err error
		found, err = p.query(role, name)
		return err == nil, fmt.Sprintf("for a look at the page: %v", err) // between two pages there is none
	})
	return len(found)
}

// goneHeading waits until nothing has this role and name any more.
func (p *testPage) waitGone(role, name string) {
	p.t.Helper()
	p.waitUntil(func() (bool, string) { return p.count(role, name) == 0, fmt.Sprintf("for %s %q to go", role, name) })
}

// query asks the browser for what it tells a screen reader. Name "" is any.
func (p *testPage) query(role, name string) ([]element, error) {
	root, err := p.rootObject()
	if err != nil {
		return nil, err
	}
	answer, err := chromedp.Call(
		p.tab,
		accessibility.QueryAXTree,
		accessibility.QueryAXTreeParams{ObjectID: root, Role: role, AccessibleName: name},
	)
	if err != nil {
		return nil, err
	}
	var found []element
	for _, node := range answer.Nodes {
		if !node.Ignored {
			found = append(found, element{node})
		}
	}
	return found, nil
}

// rootObject is what is looked through: the page, or the area.
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

// evalObject is a handle on what a script expression gives.
func (p *testPage) evalObject(expression string) (runtime.RemoteObjectID, error) {
	answer, err := chromedp.Call(p.tab, runtime.Evaluate, runtime.EvaluateParams{Expression: expression})
	if err != nil {
		return "", err
	}
	if answer.ExceptionDetails != nil {
		return "", errors.New(answer.ExceptionDetails.Text)
	}
	return answer.Result.ObjectID, nil
}

// waitUntil asks until the answer is yes. Its error says what it was waiting for.
func (p *testPage) waitUntil(condition func() (bool, string)) {
	p.t.Helper()
	deadline := time.Now().Add(waitTimeout)
	for {
		ok, why := condition()
		if ok {
			return
		}
		if time.Now().After(deadline) || p.tab.Err() != nil {
			p.t.Fatalf("waited in vain %s; the address is %s and the page says: %.1800s", why, p.address(), p.visibleText())
		}
		<-time.After(40 * time.Millisecond)
	}
}

// visibleText is what can be read on the page, with its white space made one.
func (p *testPage) visibleText() string {
	text, err := chromedp.Run(p.tab, chromedp.Evaluate[string]("document.body.innerText"))
	if err != nil {
		return ""
	}
	return strings.Join(strings.Fields(text), " ")
}

// heading waits for the page with this heading, until all of it is there.
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

// texts waits until these words can be read on the page.
func (p *testPage) expectText(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		p.waitUntil(func() (bool, string) {
			return strings.Contains(p.visibleText(), text), fmt.Sprintf("for the words %q", text)
		})
	}
}

// expectNoText fails the walk if any of these words can be read on the page.
func (p *testPage) expectNoText(texts ...string) {
	p.t.Helper()
	words := p.visibleText()
	for _, text := range texts {
		if strings.Contains(words, text) {
			p.t.Errorf("%q can be read on %s", text, p.address())
		}
	}
}

// expectAbsent fails the walk if there is anything with this role and name.
func (p *testPage) expectAbsent(role, name string) {
	p.t.Helper()
	if n := p.count(role, name); n > 0 {
		p.t.Errorf("there are %d of %s %q on %s", n, role, name, p.address())
	}
}

// value is what is typed in a field, or chosen.
func (t element) value() string { return axString(t.Value) }

// is says whether a state such as "checked", "disabled" or "focused" is told of the thing.
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
