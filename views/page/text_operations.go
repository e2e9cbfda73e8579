package page

import (
	"strings"

	"github.com/voxwarden/voxwarden/views/ui"
)

// Summary is a change in short: "− Support, + Supervisor".
func (d Difference) Summary() string {
	var parts []string
	for _, name := range d.Revoke {
		parts = append(parts, "− "+name)
	}
	for _, name := range d.Grant {
		parts = append(parts, "+ "+name)
	}
	return strings.Join(parts, ", ")
}

// DisabledReason an act came to nothing, on the form that is shown again.
const (
	AuditLogUnavailable = "The record cannot be written now, so nothing was sent to Voximplant and nothing was " +
		"changed. Try " +
		"again in a moment."
	StaleFormText = "This was changed by somebody else while the page was open, or there is more to know about it than " +
		"the page said. Nothing was sent. Look at it as it is now."
)

// NotReached says that a request did not get through. advice is what to do, "" for nothing.
func NotReached(advice string) string {
	return strings.TrimSpace("The request did not reach Voximplant. Nothing was changed. " + advice)
}

// CodeHint stands above calls in code. It says where the placeholder of every call comes from.
const CodeHint = "$VOXIMPLANT_TOKEN is a JWT signed with a service-account key; see the key's page for how to make one."

// Outcome is what is known of an act that was sent.
type Outcome struct {
	Applied      bool // else nobody knows yet whether it was done
	Unreadable   bool // no reading can show what was done
	Read         bool // the vendor's state was read afterwards
	Confirmed    bool // and agrees
	Lost, Gained []string
	Unsaved      bool // the record does not have it yet
}

// WarningText is the message of an act that did not simply come off; "" of one that did. done is the sentence for one
// that did.
func (e Outcome) WarningText(appliedText string) string {
	text := e.warningText(appliedText)
	if e.Unsaved {
		if text == "" {
			text = appliedText
		}
		text += " The outcome could not be written to the record yet."
	}
	return text
}

func (e Outcome) warningText(appliedText string) string {
	switch {
	case !e.Applied:
		return "We do not know yet whether it was done. This page tells as soon as it is known."
	case e.Unreadable:
		return ""
	case len(e.Lost)+len(e.Gained) > 0:
		return strings.TrimSuffix(appliedText, ".") + ", but something else changed too: " + e.unexpectedText()
	case e.Confirmed:
		return ""
	case e.Read:
		return appliedText + " Voximplant said so, but a reading does not show all of it yet; it will be read again."
	default:
		return appliedText + " Voximplant said so, but does not show it yet; it will be read again."
	}
}

// unexpectedText says what was changed that nobody asked for.
func (e Outcome) unexpectedText() string {
	switch {
	case len(e.Gained) == 0:
		return "no longer held: " + ui.List(e.Lost) + "."
	case len(e.Lost) == 0:
		return "now also held: " + ui.List(e.Gained) + "."
	default:
		return "no longer held: " + ui.List(e.Lost) + ". Now also held: " + ui.List(e.Gained) + "."
	}
}

// UnresolvedBanner says of an operation's target that no other change goes through before it is settled.
func UnresolvedBanner(o Operation) ui.Banner {
	b := ui.Banner{
		Tone: ui.Warning, Title: "A change is not settled yet",
		Text: "“" + o.ActionName + "” by " + o.Actor +
			" is under way, or its answer was lost. Until that is known, no other " +
			"change to " + o.TargetName + " is let through.",
	}
	if o.Linked {
		b.Links = []ui.Link{OperationLink("/audit/" + o.ID)}
	}
	return b
}

// Roles says what was read of somebody's own roles after an act.
func DirectRolesText(roles []string) string {
	if len(roles) == 0 {
		return "no role"
	}
	return strings.Join(roles, ", ")
}
