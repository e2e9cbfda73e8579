package bulk

import "github.com/voxwarden/voxwarden/views/ui"

// Totals holds the number of items for each result.
type Totals struct {
	Applied, InProgress, Waiting, Refused, PartlyApplied, NotApplied, Unknown, NotSent, Skipped, Unchanged int
}

// ResultCounts returns the counts with their texts for a bulk change in state s, without zero counts.
func (t Totals) ResultCounts(s State) []ResultCount {
	all := []ResultCount{
		{Count: t.Applied, Text: "applied", Tone: ui.Done},
		{Count: t.InProgress, Text: ItemInProgress, Tone: ui.Info},
		{Count: t.Waiting, Text: waitingText(s), Tone: ui.Info},
		{Count: t.Refused, Text: "refused", Tone: ui.Danger},
		{Count: t.PartlyApplied, Text: "partly applied", Tone: ui.Warning},
		{Count: t.NotApplied, Text: "not applied", Tone: ui.Info},
		{Count: t.Unknown, Text: "unknown", Tone: ui.Warning},
		{Count: t.NotSent, Text: "not sent", Tone: ui.Warning},
		{Count: t.Skipped, Text: "not possible", Tone: ui.Danger},
		{Count: t.Unchanged, Text: ItemUnchanged, Tone: ui.Info},
	}
	var shown []ResultCount
	for _, sum := range all {
		if sum.Count > 0 {
			shown = append(shown, sum)
		}
	}
	return shown
}

// waitingText returns the text for items that were not processed.
func waitingText(s State) string {
	switch s {
	case Draft:
		return "will be sent"
	case Running:
		return ItemWaiting
	default:
		return ItemNeverSent
	}
}
