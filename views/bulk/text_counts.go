package bulk

import "github.com/voxwarden/voxwarden/views/ui"

// Totals is how many rows of a run came to what.
type Totals struct {
	Applied, InProgress, Waiting, Refused, PartlyApplied, NotApplied, Unknown, NotSent, Skipped, Unchanged int
}

// ResultCounts says in words how many rows of a run in that state came to what. What none came to is left out.
func (t Totals) ResultCounts(s State) []ResultCount {
	all := []ResultCount{
		{Count: t.Applied, Text: "done", Tone: ui.Done},
		{Count: t.InProgress, Text: ItemInProgress, Tone: ui.Info},
		{Count: t.Waiting, Text: waitingText(s), Tone: ui.Info},
		{Count: t.Refused, Text: "refused", Tone: ui.Danger},
		{Count: t.PartlyApplied, Text: "done in part", Tone: ui.Warning},
		{Count: t.NotApplied, Text: "did not happen", Tone: ui.Info},
		{Count: t.Unknown, Text: "not known yet", Tone: ui.Warning},
		{Count: t.NotSent, Text: "not sent", Tone: ui.Warning},
		{Count: t.Skipped, Text: "cannot be done", Tone: ui.Danger},
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

// waitingText is what becomes of the rows that have not had their turn.
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
