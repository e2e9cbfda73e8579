package subusers

import (
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// WarningBanner says what must be known before an act on one subuser.
func WarningBanner(w page.Warning, login string) ui.Banner {
	switch w {
	case page.LastOwner:
		return ui.Banner{Tone: ui.Danger, Title: login + " is the last subuser with the role Owner",
			Text: "After this, nobody but the account holder can manage subusers in Voximplant's own panel."}
	case page.ConsoleKeyUnknown:
		return ui.Banner{Tone: ui.Warning, Title: "The key of this console may be theirs",
			Text: "Voximplant does not tell whose the key is that this console runs on. If it belongs to " + login +
				", the console may lose its access. Find out first whether it does."}
	case page.KeysRemain:
		return ui.Banner{Tone: ui.Warning, Title: "Look after their keys",
			Text: "Keys belong to " + login + ", or it is not known whether any does. Whoever has such a key may still use " +
				"it afterwards, or programs that use it may stop working."}
	default:
		return ui.Banner{Tone: ui.Warning, Title: string(w)}
	}
}
