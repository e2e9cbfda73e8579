package browsertest

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

// in is the same person, looking at a part of the page only.
func (p *person) in(role, name string) *person {
	closer := *p
	closer.area = &area{role, name}
	return &closer
}

// thing is something on the page, as a screen reader finds it.
type thing struct{ *accessibility.Node }

// find waits for the one thing with this role and name.
func (p *person) find(role, name string) thing {
	p.t.Helper()
	var found []thing
	p.wait(func() (bool, string) {
		var err error
		found, err = p.things(role, name)
		return err == nil && len(found) == 1, fmt.Sprintf("for one %s %q: there are %d, %v", role, name, len(found), err)
	})
	return found[0]
}

// count is how many things have this role and name now.
func (p *person) count(role, name string) int {
	p.t.Helper()
	var found []thing
	p.wait(func() (bool, string) {
		var err error
		found, err = p.things(role, name)
		return err == nil, fmt.Sprintf("for a look at the page: %v", err) // between two pages there is none
	})
	return len(found)
}

// gone waits until nothing has this role and name any more.
func (p *person) gone(role, name string) {
	p.t.Helper()
	p.wait(func() (bool, string) { return p.count(role, name) == 0, fmt.Sprintf("for %s %q to go", role, name) })
}

// things asks the browser for what it tells a screen reader. Name "" is any.
func (p *person) things(role, name string) ([]thing, error) {
	root, err := p.root()
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
	var found []thing
	for _, node := range answer.Nodes {
		if !node.Ignored {
			found = append(found, thing{node})
		}
	}
	return found, nil
}

// root is what is looked through: the page, or the area.
func (p *person) root() (runtime.RemoteObjectID, error) {
	if p.area == nil {
		return p.object("document")
	}
	whole := *p
	whole.area = nil
	found, err := whole.things(p.area.role, p.area.name)
	if err != nil {
		return "", err
	}
	if len(found) != 1 {
		return "", fmt.Errorf("there are %d of %s %q", len(found), p.area.role, p.area.name)
	}
	return p.resolve(found[0])
}

// object is a handle on what a script expression gives.
func (p *person) object(expression string) (runtime.RemoteObjectID, error) {
	answer, err := chromedp.Call(p.tab, runtime.Evaluate, runtime.EvaluateParams{Expression: expression})
	if err != nil {
		return "", err
	}
	if answer.ExceptionDetails != nil {
		return "", errors.New(answer.ExceptionDetails.Text)
	}
	return answer.Result.ObjectID, nil
}

// wait asks until the answer is yes. Its error says what it was waiting for.
func (p *person) wait(yes func() (bool, string)) {
	p.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		ok, why := yes()
		if ok {
			return
		}
		if time.Now().After(deadline) || p.tab.Err() != nil {
			p.t.Fatalf("waited in vain %s; the address is %s and the page says: %.1800s", why, p.address(), p.words())
		}
		<-time.After(40 * time.Millisecond)
	}
}

// words is what can be read on the page, with its white space made one.
func (p *person) words() string {
	text, err := chromedp.Run(p.tab, chromedp.Evaluate[string]("document.body.innerText"))
	if err != nil {
		return ""
	}
	return strings.Join(strings.Fields(text), " ")
}

// at waits for the page with this heading, until all of it is there.
func (p *person) at(heading string) {
	p.t.Helper()
	p.wait(func() (bool, string) {
		state, err := chromedp.Run(p.tab, chromedp.Evaluate[string]("document.readyState"))
		if err != nil {
			return false, err.Error()
		}
		found, err := p.things("heading", heading)
		return state == "complete" && err == nil && len(found) > 0, fmt.Sprintf("for the page %q", heading)
	})
}

// sees waits until these words can be read on the page.
func (p *person) sees(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		p.wait(func() (bool, string) { return strings.Contains(p.words(), text), fmt.Sprintf("for the words %q", text) })
	}
}

// seesNot fails the walk if any of these words can be read on the page.
func (p *person) seesNot(texts ...string) {
	p.t.Helper()
	words := p.words()
	for _, text := range texts {
		if strings.Contains(words, text) {
			p.t.Errorf("%q can be read on %s", text, p.address())
		}
	}
}

// lacks fails the walk if there is anything with this role and name.
func (p *person) lacks(role, name string) {
	p.t.Helper()
	if n := p.count(role, name); n > 0 {
		p.t.Errorf("there are %d of %s %q on %s", n, role, name, p.address())
	}
}

// value is what is typed in a field, or chosen.
func (t thing) value() string { return plain(t.Value) }

// is says whether a state such as "checked", "disabled" or "focused" is told of the thing.
func (t thing) is(state string) bool {
	for _, property := range t.Properties {
		if string(property.Name) == state {
			return strings.Contains(plain(property.Value), "true")
		}
	}
	return false
}

func plain(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	var text any
	if err := json.Unmarshal(v.Value, &text); err != nil || text == nil {
		return ""
	}
	return fmt.Sprint(text)
}
