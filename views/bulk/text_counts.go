package bulk

import (
	"net/url"
	"time"

	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// Totals holds the number of items for each result.
type Totals struct {
	Applied, InProgress, Waiting, Refused, PartlyApplied, NotApplied, Unknown, NotSent, Skipped, Unchanged int
}

// ResultCounts returns the counts with their texts for a bulk change in state s, without zero counts except the one
// that the filter selects.
func (t Totals) ResultCounts(s State, filter string) []ResultCount {
	all := []ResultCount{
		{Count: t.Applied, Text: "applied", Tone: ui.Done, Filter: string(page.Applied)},
		{Count: t.InProgress, Text: ItemInProgress, Tone: ui.Info, Filter: "busy"},
		{Count: t.Waiting, Text: waitingText(s), Tone: ui.Info, Filter: "waiting"},
		{Count: t.Refused, Text: "refused", Tone: ui.Danger, Filter: string(page.Refused)},
		{Count: t.PartlyApplied, Text: "partly applied", Tone: ui.Warning, Filter: string(page.PartlyApplied)},
		{Count: t.NotApplied, Text: "not applied", Tone: ui.Info, Filter: string(page.NotApplied)},
		{Count: t.Unknown, Text: "unknown", Tone: ui.Warning, Filter: string(page.Unknown)},
		{Count: t.NotSent, Text: "not sent", Tone: ui.Warning, Filter: string(page.NotSent)},
		{Count: t.Skipped, Text: ItemNotPossible, Tone: ui.Danger, Filter: "skipped"},
		{Count: t.Unchanged, Text: ItemUnchanged, Tone: ui.Info, Filter: "idle"},
	}
	var shown []ResultCount
	for _, sum := range all {
		if sum.Count > 0 || sum.Filter == filter {
			shown = append(shown, sum)
		}
	}
	return shown
}

// waitingText returns the text for items that were not processed.
func waitingText(s State) string {
	switch s {
	case Draft:
		return ItemWillBeSent
	case Running:
		return ItemWaiting
	default:
		return ItemNeverSent
	}
}

// tabs returns the tabs of the items: all items, and each result with its count.
func (m Show) tabs() []ResultCount {
	all := ResultCount{Text: "in all"}
	for _, count := range m.Counts {
		all.Count += count.Count
	}
	return append([]ResultCount{all}, m.Counts...)
}

// query returns the query that selects the items.
func (c ResultCount) query() string {
	if c.Filter == "" {
		return ""
	}
	return "?only=" + url.QueryEscape(c.Filter)
}

// remainingText returns an estimate in words, "" for none: "About 2 minutes left at the pace so far."
func remainingText(d time.Duration) string {
	left := ""
	switch minutes := int((d + 30*time.Second) / time.Minute); {
	case d <= 0:
		return ""
	case d < 45*time.Second:
		left = "Less than a minute"
	case minutes < 90:
		left = "About " + ui.Count(max(minutes, 1), "minute", "minutes")
	default:
		left = "About " + ui.Count((minutes+30)/60, "hour", "hours")
	}
	return left + " left at the pace so far."
}

// leftOutText returns what an undo leaves out of the bulk change that it reverses, "" for nothing.
func (m Show) leftOutText() string {
	switch m.LeftOut {
	case 0:
		return ""
	case 1:
		return "1 item of it is left out: it was not applied, or its outcome is not known."
	default:
		return ui.Number(m.LeftOut) + " items of it are left out: they were not applied, or their outcome is not known."
	}
}
