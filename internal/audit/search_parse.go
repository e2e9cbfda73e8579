package audit

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// DayLayout is the format of the days of a search, in UTC.
const DayLayout = "2006-01-02"

// textWindow is how far back a free text is searched when no first day is given, because free text has no index.
const textWindow = 90 * 24 * time.Hour

// maxSearchText is the longest value of a filter in bytes.
const maxSearchText = 400

// ParseSearch parses the filters of a URL or a command line; param returns the value of a filter, "" for none. Days
// are in UTC, and "to" is inclusive. problems has a sentence for each filter with an invalid value, which is then
// ignored. windowed reports that the search was limited to textWindow before now, or before the last day, because of
// a free text.
func ParseSearch(param func(name string) string, now time.Time) (s Search, problems map[string]string, windowed bool) {
	problems = map[string]string{}
	text := func(name string) string {
		value := strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(param(name), "\x00", ""), ""))
		if len(value) > maxSearchText {
			problems[name] = "This text is too long. Use at most 400 bytes."
			return ""
		}
		return value
	}
	s = Search{
		Actor:  text("actor"),
		Action: Action(text("action")),
		Target: text("target"),
		Result: Result(text("result")),
		Effect: RoleEffect(text("change")),
		Text:   text("q"),
		BulkID: text("bulk"),
	}
	if role := text("role"); role != "" {
		var err error
		if s.Role, err = strconv.ParseInt(role, 10, 64); err != nil || s.Role <= 0 {
			s.Role, problems["role"] = 0, "Write the id of a role, such as 3."
		}
	}
	switch {
	case s.Effect == "":
	case !slices.Contains(RoleEffects(), s.Effect):
		s.Effect, problems["change"] = "", "There is no such change of a role. Choose one from the list."
	case s.Role == 0 && problems["role"] == "":
		s.Effect, problems["role"] = "", "Choose the role that was granted or revoked."
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

// Results returns every result, in the order in which pages list them.
func Results() []Result {
	return []Result{Applied, Refused, NotSent, PartlyApplied, NotApplied, Unknown}
}
