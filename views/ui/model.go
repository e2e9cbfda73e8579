// Package ui contains the console's components, such as buttons, fields, tables and banners. Each has one struct of
// properties. No component depends on the domain.
package ui

// Tone is the severity of a message. It sets the colour, the icon and the word that screen readers read.
type Tone string

// The tones of flashes and banners.
const (
	Done    Tone = "done"    // success
	Info    Tone = "info"    // information
	Warning Tone = "warning" // needs attention
	Danger  Tone = "danger"  // a failure, or a change that cannot be undone
)

// Link is a text link. Href is a path of the console ("/subusers?q=a"), or a full https address when External. htmx
// does not follow a link to "/sign-in", because that page may redirect to another origin.
type Link struct {
	Text     string
	Href     string
	External bool // leaves the console: opens in a new tab, without referrer
	NewTab   bool // a page of the console that opens in a new tab
	Download bool // downloads a file
	Primary  bool // drawn as the main button, where links are drawn as buttons
}

// Flash is the result of a change, shown once at the top of the next page.
type Flash struct {
	Tone Tone
	Text string
	Link *Link // nil for none
}

// Banner is a message at the top of a page, shown as long as a condition holds.
type Banner struct {
	Tone  Tone
	Title string // a few words
	Text  string // one or two sentences, "" for none
	Links []Link
}

// FieldError is an error of one field of a form. Field is the field's name in the form, "" for an error of the form as
// a whole.
type FieldError struct {
	Field string
	Text  string // a sentence
}

// ErrorFor returns the text of the first error of a field, "" when it has none.
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

// Hidden is a hidden form field with any number of values.
type Hidden struct {
	Name   string
	Values []string
}

// Fact is one line of a definition list.
type Fact struct {
	Term string
	Text string
}
