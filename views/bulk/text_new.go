package bulk

import (
	"fmt"
	"maps"
	"slices"

	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

func (m New) info() page.KindInfo { return page.InfoOf(m.Of) }

// listHref is the path of the list that the principals were selected in.
func (m New) listHref() string {
	if m.AllMatching {
		return m.List.Href("", false, 1)
	}
	return "/" + m.Of.RouteSegment()
}

// filterFields returns the filter of the list as hidden fields.
func (m New) filterFields() []ui.Hidden {
	var fields []ui.Hidden
	query := m.List.FilterQuery()
	for _, name := range slices.Sorted(maps.Keys(query)) {
		fields = append(fields, ui.Hidden{Name: name, Values: query[name]})
	}
	return fields
}

// selectedText returns sentences about the selected principals.
func (m New) selectedText() string {
	selected := ui.Count(m.Count, m.info().Singular+" is", m.info().Plural+" are") + " selected"
	switch more := m.Count - len(m.Names); {
	case more > 0 && len(m.Names) > 0:
		selected = fmt.Sprintf("%s: %s and %s more.", selected, ui.List(m.Names), ui.Number(more))
	case len(m.Names) > 0:
		selected += ": " + ui.List(m.Names) + "."
	default:
		selected += "."
	}
	if m.RolesUnknown > 0 {
		selected += " The roles of " + ui.Number(m.RolesUnknown) + " of them are not known."
	}
	return selected
}

// notMatchedBanner returns the banner about principals that a filter by roles leaves out.
func (m New) notMatchedBanner() ui.Banner {
	return ui.Banner{
		Tone:  ui.Warning,
		Title: "The filter leaves out " + count(m.Of, m.NotMatched) + " with unknown roles",
		Text:  "They may match. Refresh the list, then check them.",
	}
}

// HoldersText returns how many of the selected principals have a role.
func HoldersText(direct, inherited, selected int) string {
	text := "Held by " + ui.Number(direct+inherited) + " of " + ui.Number(selected)
	switch {
	case inherited > 0 && direct > 0:
		return text + ", " + ui.Number(inherited) + " by inheritance."
	case inherited > 0:
		return text + ", by inheritance."
	default:
		return text + "."
	}
}
