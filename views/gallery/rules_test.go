package gallery_test

import (
	"bytes"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/voxwarden/voxwarden/views/gallery"
	"github.com/voxwarden/voxwarden/views/ui"
)

// TestRules checks the rules that all pages follow, on every state.
func TestRules(t *testing.T) {
	t.Parallel()
	rules := map[string]func(*testing.T, *goquery.Document){
		"one heading":               oneHeading,
		"ids are unique":            uniqueIDs,
		"references exist":          references,
		"fields have names":         fieldsHaveNames,
		"no code in the page":       noInlineCode,
		"paths are under the base":  pathsUnderBase,
		"forms carry the token":     formsCarryToken,
		"one autofocus":             oneAutofocus,
		"password fields are empty": passwordsAreEmpty,
		"signing in is a page load": signInIsUnboosted,
		"the list is near":          listIsNear,
		"icons exist":               iconsExist,
		"times are exact":           timesAreExact,
	}
	for _, s := range gallery.States() {
		var page bytes.Buffer
		ctx := ui.WithToken(ui.WithBase(t.Context(), "/base/"), "the-token")
		if err := s.Component.Render(ctx, &page); err != nil {
			t.Fatal(err)
		}
		for name, rule := range rules {
			t.Run(s.Key()+"/"+name, func(t *testing.T) {
				t.Parallel()
				rule(t, parse(t, page.String()))
			})
		}
	}
}

func parse(t *testing.T, page string) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// each calls f for every element that matches a selector.
func each(doc *goquery.Document, selector string, f func(*goquery.Selection)) {
	doc.Find(selector).Each(func(_ int, s *goquery.Selection) { f(s) })
}

func oneHeading(t *testing.T, doc *goquery.Document) {
	if n := doc.Find("h1").Length(); n != 1 {
		t.Errorf("%d h1 elements", n)
	}
	if strings.TrimSpace(doc.Find("h1").Text()) == "" {
		t.Error("the heading is empty")
	}
	title := doc.Find("head > title").Text()
	if strings.HasPrefix(title, " ") || !strings.HasSuffix(title, " · Voxwarden") {
		t.Errorf("title %q", title)
	}
}

func uniqueIDs(t *testing.T, doc *goquery.Document) {
	seen := map[string]bool{}
	each(doc, "[id]", func(s *goquery.Selection) {
		if id := s.AttrOr("id", ""); seen[id] {
			t.Errorf("id %q occurs twice", id)
		} else {
			seen[id] = true
		}
	})
}

func references(t *testing.T, doc *goquery.Document) {
	there := func(id string) bool { return doc.Find(`[id="`+id+`"]`).Length() == 1 }
	for _, attribute := range []string{
		"for", "aria-describedby", "aria-labelledby", "data-copy", "data-save", "data-dialog", "list",
	} {
		each(doc, "["+attribute+"]", func(s *goquery.Selection) {
			for id := range strings.FieldsSeq(s.AttrOr(attribute, "")) {
				if !there(id) {
					t.Errorf("%s refers to %q, which is not on the page", attribute, id)
				}
			}
		})
	}
	each(doc, `a[href^="#"]`, func(s *goquery.Selection) {
		id := strings.TrimPrefix(s.AttrOr("href", ""), "#")
		switch {
		case !there(id):
			t.Errorf("a link leads to #%s, which is not on the page", id)
		case !doc.Find(`[id="` + id + `"]`).Is(focusable + `, [tabindex="-1"]`):
			t.Errorf("a link leads to #%s, which cannot take the focus", id)
		}
	})
}

func fieldsHaveNames(t *testing.T, doc *goquery.Document) {
	each(doc, `input:not([type="hidden"]), textarea, select, button, a`, func(s *goquery.Selection) {
		if accessibleName(doc, s) == "" {
			t.Errorf("a control has no accessible name: %s", outer(t, s))
		}
	})
}

func noInlineCode(t *testing.T, doc *goquery.Document) {
	each(doc, "style, [style], script:not([src])", func(s *goquery.Selection) {
		t.Errorf("inline code: %s", outer(t, s))
	})
	each(doc, "*", func(s *goquery.Selection) {
		for _, a := range s.Nodes[0].Attr {
			handler := strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on")
			if handler || strings.HasPrefix(a.Val, "javascript:") || strings.HasPrefix(a.Val, "about:") {
				t.Errorf("inline code in the attribute %s=%q", a.Key, a.Val)
			}
		}
	})
}

func pathsUnderBase(t *testing.T, doc *goquery.Document) {
	for _, attribute := range []string{"href", "src", "action", "hx-get"} {
		each(doc, "["+attribute+"]", func(s *goquery.Selection) {
			path := s.AttrOr(attribute, "")
			external := strings.HasPrefix(path, "https://") && s.AttrOr("rel", "") == "noopener noreferrer"
			self := path == "" && attribute == "hx-get"
			if !strings.HasPrefix(path, "/base/") && !strings.HasPrefix(path, "#") && !external && !self {
				t.Errorf("%s=%q is not under the base path", attribute, path)
			}
		})
	}
}

func formsCarryToken(t *testing.T, doc *goquery.Document) {
	each(doc, `form:not([method="dialog"])`, func(s *goquery.Selection) {
		tokens := s.Find(`input[type="hidden"][name="token"][value="the-token"]`).Length()
		switch method := s.AttrOr("method", ""); {
		case method == "post" && tokens != 1:
			t.Errorf("the form to %s has %d tokens", s.AttrOr("action", ""), tokens)
		case method == "get" && tokens != 0:
			t.Errorf("the form to %s would send the token in the URL", s.AttrOr("action", ""))
		case method != "post" && method != "get":
			t.Errorf("a form with method %q", method)
		}
	})
}

func oneAutofocus(t *testing.T, doc *goquery.Document) {
	if n := doc.Find("main [autofocus]").Length(); n > 1 {
		t.Errorf("%d elements have autofocus", n)
	}
	each(doc, ".summary, .flash", func(s *goquery.Selection) {
		if s.AttrOr("tabindex", "") != "-1" || s.AttrOr("role", "") == "" {
			t.Error("a message has no tabindex of -1 or no role")
		}
	})
}

// timesAreExact checks that each time has its date, time and time zone as a tooltip, also without the script, but for
// the rows of the large lists, where bytes count, and for days that are headings.
func timesAreExact(t *testing.T, doc *goquery.Document) {
	exact := regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$`)
	doc.Find("time").Not(".principals time, [data-show=heading]").Each(func(_ int, s *goquery.Selection) {
		if !exact.MatchString(s.AttrOr("title", "")) {
			t.Errorf("no exact time: %s", outer(t, s))
		}
	})
}

func passwordsAreEmpty(t *testing.T, doc *goquery.Document) {
	each(doc, `input[type="password"]`, func(s *goquery.Selection) {
		if s.AttrOr("value", "") != "" {
			t.Error("a password field has a value")
		}
	})
}

// signInIsUnboosted checks that the script does not fetch addresses that may redirect to another origin or end the
// session of the page.
func signInIsUnboosted(t *testing.T, doc *goquery.Document) {
	for attribute, paths := range map[string][]string{
		"href":   {"/base/sign-in"},
		"action": {"/base/sign-in", "/base/sign-out"},
	} {
		each(doc, "["+attribute+"]", func(s *goquery.Selection) {
			path, _, _ := strings.Cut(s.AttrOr(attribute, ""), "?")
			if slices.Contains(paths, path) && s.AttrOr("hx-boost", "") != "false" {
				t.Errorf("the script would fetch %s", outer(t, s))
			}
		})
	}
}

// iconsExist checks that the style sheet knows the icons of the page.
func iconsExist(t *testing.T, doc *goquery.Document) {
	sheet, err := os.ReadFile("../../static/css/25-icons.css")
	if err != nil {
		t.Fatal(err)
	}
	each(doc, "[data-icon]", func(s *goquery.Selection) {
		if name := s.AttrOr("data-icon", ""); !bytes.Contains(sheet, []byte(`[data-icon="`+name+`"]`)) {
			t.Errorf("there is no icon %q", name)
		}
	})
}

// maxTabs is the number of presses of Tab from the top of a page to the first row of its list.
const maxTabs = 8

// focusable matches what Tab reaches. The script shows what has the class needs-js.
const focusable = `a[href], button, input:not([type="hidden"]), select, textarea, summary, [tabindex="0"]`

// listIsNear checks that a skip link leads past the controls above the first row of a list. Each skip link takes one
// press to reach, and Enter on it is no press of Tab.
func listIsNear(t *testing.T, doc *goquery.Document) {
	const list = "main tbody, main .hits, main .covers"
	hidden := "dialog *, form[hidden] *, details:not([open]) > :not(summary) *"
	before := func(rows *goquery.Selection) int {
		first, presses := rows.Find(focusable).First(), 1
		controls := doc.Find("main").Find(focusable).Not(hidden)
		return presses + controls.IndexOfSelection(first) + 1
	}
	rows := doc.Find(list).Not("main form tbody").FilterFunction(func(_ int, s *goquery.Selection) bool {
		return s.Find(focusable).Length() > 0
	}).First()
	target := strings.TrimPrefix(doc.Find("#skips a").Eq(1).AttrOr("href", ""), "#")
	switch {
	case target != "" && strings.TrimSpace(doc.Find("#"+target).Text()) == "":
		t.Errorf("the skip link to #%s leads to an empty list", target)
	case target == "" && rows.Length() > 0 && before(rows) > maxTabs:
		t.Errorf("the first row takes %d presses of Tab", before(rows))
	}
}
