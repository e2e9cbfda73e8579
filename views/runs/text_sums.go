package runs

import "github.com/voxwarden/voxwarden/views/ui"

// Tally is how many rows of a run came to what.
type Tally struct {
	Applied, Busy, Waiting, Refused, Partly, NotApplied, Unknown, NotSent, Skipped, Idle int
}

// Sums says in words how many rows of a run in that state came to what. What none came to is left out.
func (t Tally) Sums(s State) []Sum {
	all := []Sum{
		{Count: t.Applied, Text: "done", Tone: ui.Done},
		{Count: t.Busy, Text: RowBusy, Tone: ui.Info},
		{Count: t.Waiting, Text: waiting(s), Tone: ui.Info},
		{Count: t.Refused, Text: "refused", Tone: ui.Danger},
		{Count: t.Partly, Text: "done in part", Tone: ui.Warning},
		{Count: t.NotApplied, Text: "did not happen", Tone: ui.Info},
		{Count: t.Unknown, Text: "not known yet", Tone: ui.Warning},
		{Count: t.NotSent, Text: "not sent", Tone: ui.Warning},
		{Count: t.Skipped, Text: "cannot be done", Tone: ui.Danger},
		{Count: t.Idle, Text: RowIdle, Tone: ui.Info},
	}
	var shown []Sum
	for _, sum := range all {
		if sum.Count > 0 {
			shown = append(shown, sum)
		}
	}
	return shown
}

// waiting is what becomes of the rows that have not had their turn.
func waiting(s State) string {
	switch s {
	case Draft:
		return "will be sent"
	case Running:
		return RowWaiting
	default:
		return RowLeft
	}
}
