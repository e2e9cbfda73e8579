package page

import (
	"strings"

	"github.com/voxwarden/voxwarden/views/ui"
)

// Summary returns the change in short: "− Support, + Supervisor".
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

// BulkTitle returns the title of a bulk change in a list: "Bulk change: Change of roles".
func (o Operation) BulkTitle() string { return "Bulk change: " + o.ActionName }

// summary returns the number of operations and their results: "3 operations: 2 applied, 1 refused".
func (e BulkEntry) summary() string {
	results := make([]string, 0, len(e.Results))
	for _, r := range e.Results {
		results = append(results, ui.Number(r.Count)+" "+strings.ToLower(r.Result.Text()))
	}
	return ui.Count(e.Count, "operation", "operations") + ": " + strings.Join(results, ", ")
}

// tone returns the tone of the most serious result.
func (e BulkEntry) tone() ui.Tone {
	tone := ui.Done
	for _, r := range e.Results {
		switch next := r.Result.tone(true); {
		case next == ui.Danger, tone == ui.Danger:
			tone = ui.Danger
		case next == ui.Warning, tone == ui.Warning:
			tone = ui.Warning
		case next == ui.Info:
			tone = ui.Info
		}
	}
	return tone
}

// Messages of a form that changed nothing.
const (
	AuditLogUnavailable  = "The audit log cannot be written, so nothing was changed. Try again in a moment."
	DatabaseFileGoneText = "The database file was deleted or replaced, so nothing was changed. Tell the administrators " +
		"of this console."
	SchemaChangedText = "A newer version of this console has taken over the database, so nothing was changed. Load the " +
		"page again in a moment."
	StaleFormText = "Nothing was sent. The state changed after you opened this form: check it and send the form " +
		"again."
)

// NotReached returns the message about a request that was not sent. advice is what to do, "" for none.
func NotReached(advice string) string {
	return strings.TrimSpace("The request did not reach Voximplant. Nothing was changed. " + advice)
}

// CodeHint is the hint above calls as code. It explains the placeholder of the token.
const CodeHint = "$VOXIMPLANT_TOKEN is a JWT signed with the private key of a service-account key (RS256). " +
	"Header: kid, the key's id. Claims: iss, the account's id; iat and exp, at most one hour apart."

// CodeSecretsHint is the hint above calls as code about the placeholders of passwords.
func CodeSecretsHint(variables []string) string {
	return "Passwords are not shown here. Set " + ui.List(variables) + "."
}

// Outcome is what is known about an operation after its calls.
type Outcome struct {
	Applied      bool // otherwise unknown
	Contradicted bool // unknown: reported as successful, and reading does not show the change
	Unreadable   bool // the change cannot be read back
	Read         bool // the state was read afterwards
	Confirmed    bool // and matches
	Lost, Gained []string
	Unsaved      bool // not written to the audit log yet
}

// WarningText returns the message about an operation that is not simply applied and confirmed, "" for one that is.
// appliedText is the sentence for success.
func (e Outcome) WarningText(appliedText string) string {
	text := e.warningText(appliedText)
	if e.Unsaved {
		if text == "" {
			text = appliedText
		}
		text += " The outcome is not in the audit log yet."
	}
	return text
}

func (e Outcome) warningText(appliedText string) string {
	switch {
	case e.Contradicted:
		return "Unknown: Voximplant reported success, but does not show the change. The console keeps checking."
	case !e.Applied:
		return "Unknown: the answer was lost. The console keeps checking."
	case e.Unreadable:
		return ""
	case len(e.Lost)+len(e.Gained) > 0:
		return appliedText + " Other roles changed too: " + e.unexpectedText()
	case e.Confirmed:
		return ""
	case e.Read:
		return appliedText + " Voximplant does not show all of it yet; the console keeps checking."
	default:
		return appliedText + " Voximplant does not show it yet; the console keeps checking."
	}
}

// unexpectedText lists the roles that changed without being part of the operation.
func (e Outcome) unexpectedText() string {
	switch {
	case len(e.Gained) == 0:
		return "lost " + ui.List(e.Lost) + "."
	case len(e.Lost) == 0:
		return "gained " + ui.List(e.Gained) + "."
	default:
		return "lost " + ui.List(e.Lost) + "; gained " + ui.List(e.Gained) + "."
	}
}

// UnresolvedBanner returns the banner about an open operation, which blocks other changes to its target.
func UnresolvedBanner(o Operation) ui.Banner {
	b := ui.Banner{
		Tone: ui.Warning, Title: "An operation is not finished",
		Text: "“" + o.ActionName + "” by " + o.Actor + " is in progress, or its outcome is not known yet. Other changes to " +
			o.TargetName + " are blocked until then.",
	}
	if o.Linked {
		b.Links = []ui.Link{OperationLink("/audit/" + o.ID)}
	}
	return b
}

// DirectRolesText lists the direct roles that were read after an operation.
func DirectRolesText(roles []string) string {
	if len(roles) == 0 {
		return "no role"
	}
	return strings.Join(roles, ", ")
}
