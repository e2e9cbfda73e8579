package bulk

import (
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// WarningBanner says what must be known before a run starts on several subusers.
func WarningBanner(w page.Warning) ui.Banner {
	switch w {
	case page.LastOwner:
		return ui.Banner{Tone: ui.Danger, Title: "Nobody but the account holder will have Owner afterwards",
			Text: "Among these is the last subuser who has it, or all who have it."}
	case page.ConsoleKeyUnknown:
		return ui.Banner{Tone: ui.Warning, Title: "The key of this console may belong to one of them",
			Text: "Voximplant does not tell whose the key is that this console runs on. If it belongs to one of these, the " +
				"console may lose its access."}
	case page.KeysRemain:
		return ui.Banner{Tone: ui.Warning, Title: "Some of them have keys, or it is not known whether they do",
			Text: "Whoever has such a key may still use it afterwards, or programs that use it may stop working. Keys go " +
				"first, each by itself."}
	default:
		return ui.Banner{Tone: ui.Warning, Title: string(w)}
	}
}

// ListIncompleteBanner says that the list which a run was planned from may be incomplete.
func ListIncompleteBanner() ui.Banner {
	return ui.Banner{
		Tone:  ui.Warning,
		Title: "The list of subusers may be incomplete",
		Text:  "Rows moved while it was read. Whoever is missing there is missing here.",
	}
}

// UnusedColumnsBanner names the columns of a file that say nothing to the console.
func UnusedColumnsBanner(names []string) ui.Banner {
	return ui.Banner{Tone: ui.Info, Title: "Columns that are not used: " + ui.List(names)}
}
