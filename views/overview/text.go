package overview

import (
	"strconv"
	"time"

	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// DriftFound says that the account was changed by others.
func DriftFound(n int) Attention {
	return Attention{
		Tone: ui.Warning, Text: ui.Count(n, "change was", "changes were") + " made outside this console.",
		Link: &ui.Link{Text: "Show what changed", Href: "/drift"},
	}
}

// UnresolvedOperation says that nobody knows yet what became of an operation. path is its page, "" for who may not
// see it.
func UnresolvedOperation(action, target, actor, path string) Attention {
	a := Attention{Tone: ui.Warning, Text: action + ": " + target + ", by " + actor + ", is not settled yet."}
	if path != "" {
		link := page.OperationLink(path)
		a.Link = &link
	}
	return a
}

// UnfinishedReissue says that a re-issue took somebody's access away and gave none back, as far as the record knows.
// path is its page, "" for who may not see it.
func UnfinishedReissue(login, actor, path string) Attention {
	a := Attention{Tone: ui.Danger, Text: "A re-issue by " + actor + " deleted " + login + " and did not create it again."}
	if path != "" {
		link := page.OperationLink(path)
		a.Link = &link
	}
	return a
}

// FromBanner says what other pages say above themselves.
func FromBanner(b ui.Banner) Attention { return Attention{Tone: b.Tone, Text: b.Title + ". " + b.Text} }

// SubusersWithoutRoles says that subusers can do next to nothing.
func SubusersWithoutRoles(n int) Attention {
	return Attention{
		Tone: ui.Info, Text: ui.Count(n, "subuser holds", "subusers hold") + " no role.",
		Link: &ui.Link{Text: "Show them", Href: "/subusers?role=-"},
	}
}

// KeysWithoutDescription says that keys have no description.
func KeysWithoutDescription(n int) Attention {
	text := ui.Number(n) + " keys have no description: nobody can tell what they are for."
	if n == 1 {
		text = "1 key has no description: nobody can tell what it is for."
	}
	return Attention{
		Tone: ui.Info,
		Text: text,
		Link: &ui.Link{Text: "Show the keys", Href: "/keys?desc=1&sort=description"},
	}
}

// UnusableAnswerText is what the vendor did that gave none.
const UnusableAnswerText = "gave no answer that can be used"

// AnsweredText is what the vendor did that was well.
func AnsweredText(took time.Duration) string { return "answered in " + ui.Duration(took) }

// FailedText is what the vendor did that has a fault of its own.
func FailedText(code int) string { return "failed with code " + strconv.Itoa(code) }

// RefusedText is what the vendor did that said no.
func RefusedText(code int) string { return "refused with code " + strconv.Itoa(code) }

// ClockText says how far our clock is from the vendor's; ahead is how far the vendor's is ahead of it.
func ClockText(ahead time.Duration) string {
	seconds := int(ahead.Abs().Round(time.Second) / time.Second)
	switch {
	case seconds <= 1:
		return "no difference worth mentioning"
	case ahead > 0:
		return ui.Number(seconds) + " s behind Voximplant"
	default:
		return ui.Number(seconds) + " s ahead of Voximplant"
	}
}
