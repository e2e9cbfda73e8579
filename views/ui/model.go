// Package ui is the component set of the console: buttons, fields, tables, banners and the like, each with
// one struct of properties. No component here knows what a subuser is.
package ui

// Tone is the weight of a message: its colour, its sign and the word that screen readers hear.
type Tone string

// The tones of flashes and banners.
const (
	Done    Tone = "done"    // it worked
	Info    Tone = "info"    // good to know
	Warning Tone = "warning" // look at this before you go on
	Danger  Tone = "danger"  // it did not work, or it cannot be undone
)

// Link is a link in words. Href is a path of ours ("/subusers?q=a"), or a full https address when External. A link to
// "/sign-in" is always an ordinary page load, since that page may lead to another origin.
type Link struct {
	Text     string
	Href     string
	External bool // leads away from the console: opens in a new tab and tells the other side nothing
	NewTab   bool // a page of ours that must not replace this one
	Download bool // the answer is a file
	Primary  bool // drawn as the main button where links are drawn as buttons
}

// Flash tells once, at the top of the next page, what an act came to.
type Flash struct {
	Tone Tone
	Text string
	Link *Link // where to look closer, nil for nowhere
}

// Banner stands above a page as long as something is the case.
type Banner struct {
	Tone  Tone
	Title string // a few words
	Text  string // one or two sentences, "" for none
	Links []Link
}

// FieldError is what is wrong with one field of a form. Field is the field's name in the form;
// "" is for what belongs to no single field.
type FieldError struct {
	Field string
	Text  string // a sentence that says what to do
}

// ErrorFor answers the text of the first error of a field, "" when it has none.
func ErrorFor(errors []FieldError, field string) string {
	for _, e := range errors {
		if e.Field == field {
			return e.Text
		}
	}
	return ""
}

// Option is one choice of a select.
type Option struct {
	Value    string
	Text     string
	Selected bool
}

// Hidden is a hidden field of a form; each value is sent under the same name.
type Hidden struct {
	Name   string
	Values []string
}

// Fact is one line of a definition list in words.
type Fact struct {
	Term string
	Text string
}
