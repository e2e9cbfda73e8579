package audit

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// List is the record, at /audit, and what of it is asked for.
type List struct {
	Frame      page.Frame
	Filter     Filter
	Errors     []ui.FieldError // fields: those of Asked by their name in the address; with any, nothing was searched
	OwnOnly    bool            // only the operator's own operations may be seen
	Actors     []ui.Option     // whoever ever acted, to choose from; none when Own
	Actions    []ui.Option     // without "any action", which is drawn always
	Results    []ui.Option     // without "any result"
	Operations []page.Operation
	TextSince  time.Time // the free text was looked for from then on, since no first day was given; zero when it was
	Newest     string    // path of the newest page; "" when this is it
	Newer      string    // path of the page before; "" for none
	Older      string    // path of the page behind; "" for none
	ExportCSV  string    // path of the file with exactly what is asked for; "" when it may not be had
	ExportJSON string
}

// Filter is what the record is asked for, as it was written.
type Filter struct {
	Actor, Target, From, To, Text string
	Action, Result                string // values of Actions and Results
}

// IsSet says whether anything is asked for at all.
func (a Filter) IsSet() bool { return a != Filter{} }

// Query is the part of an address behind the question mark that asks for this, with it; "" for nothing.
func (a Filter) Query() string {
	q := url.Values{}
	for name, value := range map[string]string{
		"actor":  a.Actor,
		"action": a.Action,
		"target": a.Target,
		"result": a.Result,
		"from":   a.From,
		"to":     a.To,
		"q":      a.Text,
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// columns are the heads of the table.
func (m List) columns() []ui.Column {
	columns := []ui.Column{
		{Text: "When"},
		{Text: "Who"},
		{Text: "What"},
		{Text: "Change"},
		{Text: "Result"},
		{Text: "Reason"},
	}
	if m.OwnOnly {
		columns = append(columns[:1], columns[2:]...)
	}
	return columns
}

// emptyState says that nothing was found, and what to do.
func (m List) emptyState() ui.EmptyProps {
	switch {
	case m.Filter.IsSet():
		text := "Everything that is filled in above must be the case. Days are in UTC. Target wants a whole login, key " +
			"name or id; Text finds parts of them."
		if m.OwnOnly {
			text += " Only your own operations are looked through."
		}
		return ui.EmptyProps{Title: "Nothing in the record matches", Text: text}
	case m.OwnOnly:
		return ui.EmptyProps{
			Title: "You have not changed anything yet",
			Text: "What you change with this console is listed here, with what became of it. Operations of others are shown " +
				"to auditors and admins.",
		}
	default:
		return ui.EmptyProps{
			Title: "The record is empty",
			Text:  "Nothing was changed with this console yet. What is changed in Voximplant's own panel is not seen here.",
		}
	}
}

// countText says how many are shown, and that there may be more.
func (m List) countText() string {
	n := len(m.Operations)
	switch {
	case n == 0:
		return ""
	case m.Newer == "" && m.Older == "":
		return ui.Count(n, "operation", "operations")
	case m.Newer == "":
		return "The newest " + strconv.Itoa(n)
	case m.Older == "":
		return "The oldest " + strconv.Itoa(n)
	default:
		return strconv.Itoa(n) + " operations, with newer and older ones"
	}
}

// labelledErrors are the errors with the label of their field in front, as the summary lists them.
func (m List) labelledErrors() []ui.FieldError {
	named := make([]ui.FieldError, 0, len(m.Errors))
	for _, e := range m.Errors {
		named = append(named, ui.FieldError{Field: e.Field, Text: fieldLabel(e.Field) + ": " + e.Text})
	}
	return named
}

func (m List) fieldError(field string) string { return ui.ErrorFor(m.Errors, field) }

// withAllOption are options with one in front that stands for all.
func withAllOption(all string, options []ui.Option) []ui.Option {
	return append([]ui.Option{{Text: all}}, options...)
}

// fieldLabel is what a field is called.
func fieldLabel(field string) string {
	switch field {
	case "actor":
		return "Person"
	case "from":
		return "From (UTC)"
	case "to":
		return "To, inclusive (UTC)"
	case "q":
		return "Text"
	default:
		return strings.ToUpper(field[:1]) + field[1:]
	}
}

// withNoBreakSpaces keeps each sign of a change on one line with what it is the sign of.
func withNoBreakSpaces(summary string) string {
	return strings.NewReplacer("− ", "−\u00a0", "+ ", "+\u00a0").Replace(summary)
}

// dayInputType is the kind of a field for a day. One of the browser's own would not show what is none, and what was
// written stays to be put right.
func dayInputType(day string) string {
	if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
		return "text"
	}
	return "date"
}
