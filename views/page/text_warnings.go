package page

import "github.com/voxwarden/voxwarden/views/ui"

// Warning is something to know before a subuser is deleted, re-issued or changed by force. Forms send back the values
// of the warnings that they showed.
type Warning string

// The warnings.
const (
	LastOwner         Warning = "last-owner"      // only the account holder will have Owner afterwards
	ConsoleKeyUnknown Warning = "own-key-unknown" // the console key may belong to the subuser
	KeysRemain        Warning = "keys"            // the subuser has keys, or may have some
)

// WarningBanner draws a warning about one subuser.
func WarningBanner(w Warning, login string) ui.Banner {
	switch w {
	case LastOwner:
		return LastOwnerBanner(login)
	case ConsoleKeyUnknown:
		return ui.Banner{
			Tone:  ui.Warning,
			Title: "The console key may belong to " + login,
			Text: "Voximplant does not report which subuser owns the console key. If it is " + login +
				", this console may lose its access. Ask the person who created the console key first.",
		}
	case KeysRemain:
		return ui.Banner{
			Tone:  ui.Warning,
			Title: "Check the keys of " + login,
			Text: "Keys belong to " + login + ", or their subuser is not known. They may still work afterwards, or " +
				"programs that use them may stop working.",
		}
	default:
		return ui.Banner{Tone: ui.Warning, Title: string(w)}
	}
}

// LastOwnerBanner warns that Owner is revoked from the last subuser who has it.
func LastOwnerBanner(login string) ui.Banner {
	return ui.Banner{
		Tone:  ui.Danger,
		Title: login + " is the last subuser with the role Owner",
		Text:  "Afterwards only the account holder can manage subusers in Voximplant's own panel.",
	}
}
