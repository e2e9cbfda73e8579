package page

import (
	"strings"

	"github.com/voxwarden/voxwarden/views/ui"
)

// product is how the console calls itself.
const product = "Voxwarden"

// tabTitle is what the browser's tab says.
func (f Frame) tabTitle() string {
	title := f.Title
	if title == "" {
		title = f.Heading
	}
	if f.Failed {
		title = "Error: " + title
	}
	return title + " · " + product
}

// signedIn says whether there is somebody for whom navigation makes sense.
func (f Frame) signedIn() bool { return f.Operator.Name != "" }

// entry is one line of the navigation.
type entry struct {
	section Section
	text    string
	href    string
	icon    string
}

// navigation is the way around the console. Only pages that exist are in it.
func navigation() []entry {
	return []entry{
		{Overview, "Overview", "/", "overview"},
		{Subusers, "Subusers", "/subusers", "people"},
		{Keys, "Keys", "/keys", "key"},
		{Roles, "Roles", "/roles", "roles"},
	}
}

// look is how a result is drawn: colour, icon and words.
func (r Result) look(confirmed bool) (tone ui.Tone, icon, text string) {
	switch r {
	case UnderWay:
		return ui.Info, "open", "Under way"
	case Applied:
		if confirmed {
			return ui.Done, "done", "Applied"
		}
		return ui.Warning, "open", "Applied, not seen yet"
	case Refused:
		return ui.Danger, "danger", "Refused"
	case NotSent:
		return ui.Info, "nothing", "Not sent"
	case Partly:
		return ui.Warning, "partly", "Partly applied"
	case NotApplied:
		return ui.Info, "nothing", "Did not happen"
	default:
		return ui.Warning, "warning", "Not known yet"
	}
}

func (r Result) tone(confirmed bool) ui.Tone { t, _, _ := r.look(confirmed); return t }

func (r Result) icon(confirmed bool) string { _, i, _ := r.look(confirmed); return i }

func (r Result) text(confirmed bool) string { _, _, t := r.look(confirmed); return t }

// Explain says in a sentence or two what a result means for whoever looks at it.
func (r Result) Explain(confirmed bool) string {
	switch r {
	case UnderWay:
		return "The request is on its way, or the console was stopped in the middle of it. What is known is shown below; an operation that is left open is settled by reading."
	case Applied:
		if confirmed {
			return "Voximplant has done it, and a reading afterwards agrees."
		}
		return "Voximplant said that it was done, but a reading afterwards does not show it yet. The console reads again until it does."
	case Refused:
		return "Voximplant said no before it did anything. Nothing was changed."
	case NotSent:
		return "The request never left the console. Nothing was changed."
	case Partly:
		return "Some of the calls were applied and read back, others were not. What is left can be finished as a new operation."
	case NotApplied:
		return "The answer was lost, and readings since then show that it did not happen. Nothing was changed."
	default:
		return "The request was sent, but its answer was lost or is not clear. It may have happened or not. The console keeps reading until it knows; until then nothing else can be changed here."
	}
}

// unknownTitle says of how many subusers the roles are not known.
func (f Freshness) unknownTitle() string {
	return "The roles of " + ui.Count(f.RolesUnknown, "subuser", "subusers") + " are not known"
}

// ReasonHint is the rule beside every field for a reason.
const ReasonHint = "Kept in the record, for whoever asks later. A ticket number is a good start."

// Sentence says in plain words what a change of roles does to somebody.
func (d Difference) Sentence(login string) string {
	switch {
	case d.Empty():
		return "Nothing changes for " + login + "."
	case len(d.Revoke) == 0:
		return login + " gets " + ui.List(d.Grant) + ", and " + d.kept() + "."
	case len(d.Grant) == 0:
		return login + " loses " + ui.List(d.Revoke) + ", and " + d.kept() + "."
	default:
		return login + " loses " + ui.List(d.Revoke) + ", gets " + ui.List(d.Grant) + ", and " + d.kept() + "."
	}
}

// Along says in a sentence which roles come and go with the change because they are contained in it, "" for none.
func (d Difference) Along() string {
	var parts []string
	if len(d.Brings) > 0 {
		parts = append(parts, "What is granted contains "+ui.List(d.Brings)+", which comes along.")
	}
	if len(d.Takes) > 0 {
		parts = append(parts, "With what is revoked goes what was held only through it: "+ui.List(d.Takes)+".")
	}
	return strings.Join(parts, " ")
}

func (d Difference) kept() string {
	if len(d.Keep) == 0 {
		if len(d.Grant) == 0 {
			return "is left without any role of their own"
		}
		return "has no other role of their own"
	}
	return "keeps " + ui.List(d.Keep)
}

// Direct returns the roles that are assigned themselves.
func Direct(roles []HeldRole) []HeldRole { return filter(roles, false) }

// Inherited returns the roles that come through another one only.
func Inherited(roles []HeldRole) []HeldRole { return filter(roles, true) }

func filter(roles []HeldRole, inherited bool) []HeldRole {
	var out []HeldRole
	for _, r := range roles {
		if r.Inherited == inherited {
			out = append(out, r)
		}
	}
	return out
}

// mark is the word that sets a role apart.
func (r HeldRole) mark() string {
	if r.Privileged {
		return "privileged"
	}
	return ""
}

// through says where an inherited role comes from.
func (r HeldRole) through() string {
	if !r.Inherited {
		return ""
	}
	if r.Through == "" {
		return "inherited"
	}
	return "inherited through " + r.Through
}

// capitals is the name with a capital first letter, as the roles of an operator are shown.
func capitals(names []string) string {
	shown := make([]string, 0, len(names))
	for _, n := range names {
		if n != "" {
			shown = append(shown, strings.ToUpper(n[:1])+n[1:])
		}
	}
	return strings.Join(shown, ", ")
}
