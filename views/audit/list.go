package audit

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// List is the page /audit: the filter and one page of operations.
type List struct {
	Frame      page.Frame
	Filter     Filter
	Errors     []ui.FieldError // fields: the query parameters of Filter; with errors, nothing is searched
	TimedOut   bool            // the search took too long and has no result
	OwnOnly    bool            // the operator may see only their own operations
	Actors     []ui.Option     // suggestions for the actor; none with OwnOnly
	Actions    []ui.Option     // without "Any action"
	Roles      []ui.Option     // without "Any role"; values are ids
	Changes    []ui.Option     // of a role, without "Any change"
	Results    []ui.Option     // without "Any result"
	Operations []page.Operation
	BulkHref   string    // path of the bulk change that the filter names; "" for none, or without its operations
	TextSince  time.Time // start of the text search when the filter has no first day; zero otherwise
	Newest     string    // path of the first page; "" on it
	Newer      string    // path of the previous page; "" for none
	Older      string    // path of the next page; "" for none
	ExportCSV  string    // path of the export with the same filter; "" without permission
	ExportJSON string
}

// Filter is the filter as it was typed.
type Filter struct {
	Actor, Target, From, To, Text string
	Action, Result                string // values of Actions and Results
	Role, Change                  string // values of Roles and Changes
	BulkID                        string // of a bulk change
}

// IsSet reports whether any field is set.
func (a Filter) IsSet() bool { return a != Filter{} }

// filterField is a field of the filter: its name in URLs and its value.
type filterField struct{ name, value string }

// fields returns the fields that are set, in the order of the form.
func (a Filter) fields() []filterField {
	all := []filterField{
		{"actor", a.Actor},
		{"target", a.Target},
		{"action", a.Action},
		{"role", a.Role},
		{"change", a.Change},
		{"result", a.Result},
		{"from", a.From},
		{"to", a.To},
		{"q", a.Text},
		{"bulk", a.BulkID},
	}
	return slices.DeleteFunc(all, func(f filterField) bool { return f.value == "" })
}

// Query returns the filter as a query string with "?", "" when no field is set.
func (a Filter) Query() string { return a.queryWithout() }

// queryWithout returns the filter without some fields, as Query does.
func (a Filter) queryWithout(names ...string) string {
	q := url.Values{}
	for _, f := range a.fields() {
		if !slices.Contains(names, f.name) {
			q.Set(f.name, f.value)
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// HrefOfBulk returns the path of the list of those operations of a bulk change that match the filter.
func (a Filter) HrefOfBulk(id string) string {
	a.BulkID = id
	return "/audit" + a.Query()
}

// BulkHref returns the path of the list of all operations of a bulk change.
func BulkHref(id string) string { return Filter{}.HrefOfBulk(id) }

// chips returns the filters that are set. The form of an operator who sees only their own operations has no actor. A
// change without its role is not a filter, so both are removed together.
func (m List) chips() []ui.FilterChip {
	var chips []ui.FilterChip
	for _, f := range m.Filter.fields() {
		if f.name == "actor" && m.OwnOnly {
			continue
		}
		removed := []string{f.name}
		if f.name == "role" {
			removed = append(removed, "change")
		}
		chips = append(chips, ui.FilterChip{
			Text: fieldLabel(f.name) + ": " + m.valueText(f),
			Href: "/audit" + m.Filter.queryWithout(removed...),
			Set:  true,
		})
	}
	return chips
}

// valueText returns the value of a field as the form shows it.
func (m List) valueText(f filterField) string {
	options := map[string][]ui.Option{"action": m.Actions, "role": m.Roles, "change": m.Changes, "result": m.Results}
	for _, option := range options[f.name] {
		if option.Value == f.value {
			return option.Text
		}
	}
	return f.value
}

// startsDay reports whether an operation is the first one of its day, in UTC, on this page.
func (m List) startsDay(i int) bool {
	day := func(o page.Operation) string { return o.At.UTC().Format(time.DateOnly) }
	return i == 0 || day(m.Operations[i]) != day(m.Operations[i-1])
}

// columns returns the columns of the table.
func (m List) columns() []ui.Column {
	columns := []ui.Column{
		{Text: "Time"},
		{Text: "Actor"},
		{Text: "Action"},
		{Text: "Change"},
		{Text: "Result"},
		{Text: "Reason"},
	}
	if m.OwnOnly {
		columns = append(columns[:1], columns[2:]...)
	}
	return columns
}

// emptyState returns the texts for a list without operations.
func (m List) emptyState() ui.EmptyProps {
	switch {
	case m.Filter.IsSet():
		text := "Results match every filter. Target needs a complete login, key name or id; Text also finds parts."
		if m.OwnOnly {
			text += " Only your own operations are searched."
		}
		return ui.EmptyProps{Title: "No operations match", Text: text}
	case m.OwnOnly:
		return ui.EmptyProps{
			Title: "No operations yet",
			Text:  "Your changes appear here with their results. Auditors and admins see the operations of everyone.",
		}
	default:
		return ui.EmptyProps{
			Title: "No operations yet",
			Text:  "Changes made in this console appear here. Other changes are listed under Drift, on the overview.",
		}
	}
}

// countText returns the number of operations shown, and whether there are more.
func (m List) countText() string {
	n := 0
	for _, o := range m.Operations {
		if o.Entry != nil {
			n += o.Entry.Count
		} else {
			n++
		}
	}
	switch {
	case n == 0:
		return ""
	case m.Newer == "" && m.Older == "":
		return ui.Count(n, "operation", "operations")
	case m.Newer == "":
		return "The newest " + ui.Number(n)
	case m.Older == "":
		return "The oldest " + ui.Number(n)
	default:
		return ui.Number(n) + " operations; there are newer and older ones"
	}
}

// labelledErrors returns the errors with the label of their field in front, for the summary.
func (m List) labelledErrors() []ui.FieldError {
	named := make([]ui.FieldError, 0, len(m.Errors))
	for _, e := range m.Errors {
		named = append(named, ui.FieldError{Field: e.Field, Text: fieldLabel(e.Field) + ": " + e.Text})
	}
	return named
}

func (m List) fieldError(field string) string { return ui.ErrorFor(m.Errors, field) }

// withAllOption returns the options with one for all in front.
func withAllOption(all string, options []ui.Option) []ui.Option {
	return append([]ui.Option{{Text: all}}, options...)
}

// fieldLabel returns the label of a field.
func fieldLabel(field string) string {
	switch field {
	case "actor":
		return "Actor"
	case "from":
		return "From (UTC)"
	case "to":
		return "To, inclusive (UTC)"
	case "change":
		return "Change of the role"
	case "q":
		return "Text"
	case "bulk":
		return "Bulk change"
	default:
		return strings.ToUpper(field[:1]) + field[1:]
	}
}

// withNoBreakSpaces keeps each sign of a summary on one line with its role.
func withNoBreakSpaces(summary string) string {
	return strings.NewReplacer("− ", "−\u00a0", "+ ", "+\u00a0").Replace(summary)
}

// dayInputType returns the input type for a day: "text" for an invalid value, because a date field would not show it.
func dayInputType(day string) string {
	if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
		return "text"
	}
	return "date"
}
