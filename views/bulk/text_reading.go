package bulk

import (
	"strconv"

	"github.com/voxwarden/voxwarden/views/ui"
)

// encodingText returns the name of an encoding. Its values are those of package internal/bulk.
func encodingText(encoding string) string {
	switch encoding {
	case "utf-8":
		return "UTF-8"
	case "utf-16le":
		return "UTF-16 (Unicode text)"
	case "utf-16be":
		return "UTF-16, big-endian"
	case "windows-1252":
		return "Windows-1252 (Western Europe)"
	case "windows-1250":
		return "Windows-1250 (Central Europe)"
	case "windows-1251":
		return "Windows-1251 (Cyrillic)"
	default:
		return encoding
	}
}

func (m *Reading) encodingOptions() []ui.Option {
	var options []ui.Option
	for _, e := range m.Encodings {
		options = append(options, ui.Option{Value: e, Text: encodingText(e), Selected: e == m.Encoding})
	}
	return options
}

// separatorOptions returns the usual separators, and the one that was used.
func (m *Reading) separatorOptions() []ui.Option {
	options := []ui.Option{
		{Value: ",", Text: "Comma"},
		{Value: ";", Text: "Semicolon"},
		{Value: "\t", Text: "Tab"},
		{Value: "|", Text: "Vertical bar"},
	}
	for i, o := range options {
		if o.Value == m.Separator {
			options[i].Selected = true
			return options
		}
	}
	return append(options, ui.Option{Value: m.Separator, Text: m.Separator, Selected: true})
}

func columnID(i int) string { return "column-" + strconv.Itoa(i+1) }

// label returns the label of the field, such as Column 2: Phone.
func (c ReadingColumn) label(i int) string {
	label := "Column " + strconv.Itoa(i+1)
	if c.Name != "" {
		label += ": " + c.Name
	}
	return label
}

// heading returns the name of the column in the table.
func (c ReadingColumn) heading(i int) string {
	if c.Name != "" {
		return c.Name
	}
	return c.label(i)
}

func (c ReadingColumn) options() []ui.Option {
	options := []ui.Option{
		{Text: "Not used"},
		{Value: "login", Text: "Login"},
		{Value: "description", Text: "Description"},
		{Value: "roles", Text: "Roles"},
	}
	for i := range options {
		options[i].Selected = options[i].Value == c.Use
	}
	return options
}

func (m *Reading) tableColumns() []ui.Column {
	var columns []ui.Column
	for i, c := range m.Columns {
		columns = append(columns, ui.Column{Text: c.heading(i)})
	}
	return columns
}

// linesText returns the number of lines, and of those in the table.
func (m *Reading) linesText() string {
	text := "The file has " + ui.Count(m.Lines, "line", "lines") + " below the column names."
	if m.Lines > len(m.Rows) && len(m.Rows) > 0 {
		text += " Shown: " + ui.Number(len(m.Rows)) + "."
	}
	return text
}

// problemsText returns the number of lines that cannot be read, and of those that are listed.
func (m *Reading) problemsText() string {
	text := ui.Count(m.Unread, "line", "lines") + " cannot be read."
	if m.Unread > len(m.Problems) {
		text += " The first " + ui.Number(len(m.Problems)) + ":"
	}
	return text
}
