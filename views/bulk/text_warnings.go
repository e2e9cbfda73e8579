package bulk

import (
	"strconv"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// WarningBanner returns the banner of a warning about a bulk change.
func WarningBanner(w page.Warning) ui.Banner {
	switch w {
	case page.LastOwner:
		return ui.Banner{
			Tone:  ui.Danger,
			Title: "Only the account holder will have Owner afterwards",
			Text:  "This bulk change includes every subuser with Owner.",
		}
	case page.ConsoleKeyUnknown:
		return ui.Banner{
			Tone:  ui.Warning,
			Title: "The console key may belong to one of these subusers",
			Text: "Voximplant does not report which subuser owns the console key. If it is one of these, the console may " +
				"lose its access.",
		}
	case page.KeysRemain:
		return ui.Banner{
			Tone:  ui.Warning,
			Title: "Some of these subusers have keys, or may have keys",
			Text: "Such a key may still work afterwards, or programs that use it may stop working. Delete the keys first, " +
				"one by one.",
		}
	default:
		return ui.Banner{Tone: ui.Warning, Title: string(w)}
	}
}

// ListIncompleteBanner returns the banner of a preview that is based on an incomplete listing.
func ListIncompleteBanner(of access.Kind) ui.Banner {
	info := page.InfoOf(of)
	return ui.Banner{
		Tone:  ui.Warning,
		Title: "The list of " + info.Plural + " may be incomplete",
		Text:  "A " + info.Singular + " that is missing in the list is missing here too. Refresh the list to be sure.",
	}
}

// DeleteKeysBanner returns the banner of a preview that deletes keys.
func DeleteKeysBanner() ui.Banner {
	return ui.Banner{
		Tone:  ui.Warning,
		Title: "Programs that use these keys stop working",
		Text:  strings.Join(page.InfoOf(access.Key).DeleteNotes, " "),
	}
}

// UnusedColumnsBanner returns the banner about unknown columns of an imported file. Without a column for the roles, the
// roles may be in one of them.
func UnusedColumnsBanner(names []string, noRolesColumn bool) ui.Banner {
	if noRolesColumn {
		return ui.Banner{
			Tone:  ui.Warning,
			Title: "No column of the file is used for roles",
			Text: "Unused columns: " + ui.List(names) + ". If one of them holds the roles, rename it to roles and import the " +
				"file again.",
		}
	}
	return ui.Banner{Tone: ui.Info, Title: "Unused columns: " + ui.List(names)}
}

// WithoutRolesBanner returns the banner about n new subusers without any role, of which rows are the first ones.
func WithoutRolesBanner(n int, rows []string) ui.Banner {
	if more := n - len(rows); more > 0 {
		rows = append(rows, ui.Number(more)+" more")
	}
	return ui.Banner{
		Tone:  ui.Warning,
		Title: ui.Count(n, "subuser", "subusers") + " will be created without any role",
		Text:  "Without roles: " + ui.List(rows) + ".",
	}
}

// ImportedRow returns the text of a subuser in a line of a file.
func ImportedRow(line int, login string) string { return login + " (line " + strconv.Itoa(line) + ")" }

// withoutRolesText returns the text of the box that confirms n new subusers without any role.
func withoutRolesText(n int) string {
	return "Create " + ui.Count(n, "subuser", "subusers") + " without any role"
}
