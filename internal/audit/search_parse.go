package audit

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// DayLayout is how the days of a search are written, in UTC.
const DayLayout = "2006-01-02"

// textWindow is how far back a free text is looked for when no first day is given: it has no index.
const textWindow = 90 * 24 * time.Hour

// maxSearchText is how long a part of a search may be, in bytes; what is longer is nothing that a person types.
const maxSearchText = 400

// ParseSearch reads a search as addresses and the command line write it; given answers the part of a name, "" for none.
// Days are whole ones in UTC, the last one included. problems are sentences about what cannot be used, by name; the
// search is then as if it had not been given. windowed says that the free text made it begin textWindow before now,
// or before the last day.
func ParseSearch(param func(name string) string, now time.Time) (s Search, problems map[string]string, windowed bool) {
	problems = map[string]string{}
	text := func(name string) string {
		value := strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(param(name), "\x00", ""), ""))
		if len(value) > maxSearchText {
			problems[name] = "This is too long to look for. Use fewer words."
			return ""
		}
		return value
	}
	s = Search{
		Actor:  text("actor"),
		Action: Action(text("action")),
		Target: text("target"),
		Result: Result(text("result")),
		Text:   text("q"),
	}
	if s.Action != "" && !slices.Contains(Actions(), s.Action) {
		s.Action, problems["action"] = "", "There is no such action. Choose one from the list."
	}
	if s.Result != "" && !slices.Contains(Results(), s.Result) && s.Result != OnlyOpen {
		s.Result, problems["result"] = "", "There is no such result. Choose one from the list."
	}
	day := func(name string) time.Time {
		value := text(name)
		if value == "" {
			return time.Time{}
		}
		at, err := time.Parse(DayLayout, value)
		if err != nil || utf8.RuneCountInString(value) != len(DayLayout) || at.Year() < 2000 {
			problems[name] = "Write a day as year-month-day, such as " + now.UTC().Format(DayLayout) + "."
			return time.Time{}
		}
		return at
	}
	s.From = day("from")
	if last := day("to"); !last.IsZero() {
		s.To = last.AddDate(0, 0, 1)
	}
	if !s.To.IsZero() && !s.From.Before(s.To) {
		s.To, problems["to"] = time.Time{}, "The last day is before the first. Choose a later one."
	}
	if s.Text != "" && s.From.IsZero() {
		end := now.UTC()
		if !s.To.IsZero() && s.To.Before(end) {
			end = s.To
		}
		s.From, windowed = end.Truncate(24*time.Hour).Add(-textWindow), true
	}
	return s, problems, windowed
}

// CurrentResults lists every last word there is.
func Results() []Result {
	return []Result{Applied, Refused, NotSent, PartlyApplied, NotApplied, Unknown}
}
