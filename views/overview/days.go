package overview

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/views/ui"
)

// Sizes of the picture of the changes per day. Its width is stretched to its place, its height is in pixels, as in the
// style sheet.
const (
	dayWidth   = 20
	barWidth   = 14
	tallLane   = 44
	flatLane   = 16
	laneGap    = 8
	shortestBy = 3 // height of the smallest bar
)

// lane is a line of the picture: one result, with a scale of its own.
type lane struct {
	class, text string
	known       bool
	of          func(Day) int
	total       int
	top, height int
	bars        string // path of the bars
}

// lanes returns the lines of the picture from top to bottom. The one of unresolved operations is rare.
func (m Overview) lanes() []lane {
	all := []lane{
		{class: "applied", text: "Applied", known: true, of: func(d Day) int { return d.Applied }, height: tallLane},
		{class: "failed", text: "Refused or failed", known: true, of: func(d Day) int { return d.Failed }},
		{class: "open", text: "Unresolved", known: true, of: func(d Day) int { return d.Open }},
		{class: "outside", text: "From outside", known: !m.NotCompared, of: func(d Day) int { return d.Outside }},
	}
	var lanes []lane
	top := 0
	for _, l := range all {
		most := 0
		for _, d := range m.Days {
			l.total += l.of(d)
			most = max(most, l.of(d))
		}
		if l.class == "open" && l.total == 0 {
			continue
		}
		l.height = max(l.height, flatLane)
		l.top, top = top, top+l.height+laneGap
		l.bars = l.path(m.Days, most)
		lanes = append(lanes, l)
	}
	return lanes
}

// path returns the path of the bars.
func (l lane) path(days []Day, most int) string {
	var path strings.Builder
	for i, d := range days {
		n := l.of(d)
		if n == 0 {
			continue
		}
		height := max(shortestBy, l.height*n/most)
		for _, part := range []struct {
			command string
			value   int
		}{
			{"M", i*dayWidth + (dayWidth-barWidth)/2},
			{" ", l.top + l.height - height},
			{"h", barWidth},
			{"v", height},
			{"h", -barWidth},
		} {
			path.WriteString(part.command + strconv.Itoa(part.value))
		}
		path.WriteString("z")
	}
	return path.String()
}

// totalText returns the number of all days.
func (l lane) totalText() string {
	if l.known {
		return ui.Number(l.total)
	}
	return "at least " + ui.Number(l.total)
}

// dayText returns the number of a day for the table.
func (l lane) dayText(d Day) string {
	if l.known || l.of(d) > 0 {
		return ui.Number(l.of(d))
	}
	return "not known"
}

// pictureHeight returns the height of the picture.
func (m Overview) pictureHeight() int {
	last := m.lanes()[len(m.lanes())-1]
	return last.top + last.height + laneGap
}

// baselines returns the path of the lines on which the bars stand.
func (m Overview) baselines() string {
	var path strings.Builder
	for _, l := range m.lanes() {
		path.WriteString("M0 " + strconv.Itoa(l.top+l.height) + "h" + strconv.Itoa(len(m.Days)*dayWidth))
	}
	return path.String()
}

// changedDays returns the days with changes, the newest first.
func (m Overview) changedDays() []Day {
	days := slices.DeleteFunc(slices.Clone(m.Days), func(d Day) bool {
		return d.Applied+d.Failed+d.Open+d.Outside == 0
	})
	slices.Reverse(days)
	return days
}

func (m Overview) dayColumns() []ui.Column {
	columns := []ui.Column{{Text: "Day"}}
	for _, l := range m.lanes() {
		columns = append(columns, ui.Column{Text: l.text, Numeric: true})
	}
	return columns
}

// dayTitle returns the tooltip of a day: "3 Nov: 12 applied, 1 refused or failed".
func (m Overview) dayTitle(d Day) string {
	var parts []string
	for _, l := range m.lanes() {
		if n := l.of(d); n > 0 {
			parts = append(parts, ui.Number(n)+" "+strings.ToLower(l.text))
		}
	}
	if len(parts) == 0 {
		parts = []string{"no changes"}
	}
	return dayText(d) + ": " + strings.Join(parts, ", ")
}

// noChangesText returns what stands in place of an empty picture, "" when there are changes.
func (m Overview) noChangesText() string {
	switch {
	case len(m.changedDays()) > 0:
		return ""
	case m.NotCompared:
		return "No changes in this console in the last 30 days. Changes made outside it are not known yet."
	default:
		return "No changes in the last 30 days."
	}
}

// daysNote explains the days.
const daysNote = "Days are in UTC. A change made outside this console counts on the day " +
	"on which it was noticed."

// dayText returns a day without the year.
func dayText(d Day) string { return d.At.Format("2 Jan") }

// auditPath returns the path of the day in the audit log.
func (d Day) auditPath() string {
	day := d.At.Format(time.DateOnly)
	return "/audit?from=" + day + "&to=" + day
}
