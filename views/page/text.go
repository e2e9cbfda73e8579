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

// hasAccess says whether there is anything here that the operator may see: who has no role is shown no way around.
func (f Frame) hasAccess() bool { return f.signedIn() && len(f.Operator.Roles) > 0 }

// rolesText is what stands under the operator's name.
func (o Operator) rolesText() string {
	if len(o.Roles) == 0 {
		return "No role yet"
	}
	return joinCapitalized(o.Roles)
}

// notice is a message that the script shows by its name.
type notice struct {
	name string
	ui.Banner
}

func noticeList() []notice {
	return []notice{
		{"signed-out", ui.Banner{
			Tone: ui.Warning, Title: "You are signed out",
			Text: "Nothing was sent, and what you typed is still here. Sign in in a new tab, come back to this page and " +
				"send it once more.",
			Links: []ui.Link{{Text: "Sign in again", Href: "/sign-in?return=/sign-in/done", NewTab: true}},
		}},
		{"confirm", ui.Banner{
			Tone: ui.Warning, Title: "Confirm that it is you",
			Text: "This asks for a recent sign-in. Nothing was sent, and what you typed is still here. Confirm in a new " +
				"tab, come back to this page and send it once more.",
			Links: []ui.Link{{Text: "Confirm", Href: "/sign-in?again=1&return=/sign-in/done", NewTab: true}},
		}},
		{"offline", ui.Banner{
			Tone: ui.Warning, Title: "The console does not answer",
			Text: "What you typed is still here. Send it again when the connection is back: a form that did arrive is not " +
				"carried out a second time.",
		}},
	}
}

// ConfirmIdentityBanner says above a page that what it is for asks for a recent sign-in. Text says of what; path is
// where one confirms it is oneself, "/sign-in" with its query.
func ConfirmIdentityBanner(text, path string) ui.Banner {
	return ui.Banner{
		Tone: ui.Warning, Title: "Confirm that it is you first", Text: text,
		Links: []ui.Link{{Text: "Confirm", Href: path}},
	}
}

// ConfirmIdentityText is the text of ConfirmBanner above a form.
const ConfirmIdentityText = "Sending this form needs a sign-in of the last five minutes. Confirm now, before you " +
	"fill it in."

// Title is what a section is called, in the navigation and on its first page.
func (s Section) Title() string {
	switch s {
	case Overview:
		return "Overview"
	case Subusers:
		return "Subusers"
	case Keys:
		return "Keys"
	case Roles:
		return "Roles"
	case AuditLog:
		return "Audit log"
	case Me:
		return "Your sign-in"
	default:
		return ""
	}
}

// Link leads to a section's first page.
func (s Section) Link() ui.Link {
	path := map[Section]string{Overview: "/", AuditLog: "/audit"}[s]
	if path == "" {
		path = "/" + string(s)
	}
	return ui.Link{Text: s.Title(), Href: path}
}

// timelineEntry is one line of the navigation.
type navEntry struct {
	section Section
	text    string
	href    string
	icon    string
}

// navigation is the way around the console, as far as its operator may go.
func (f Frame) navigation() []navEntry {
	var entries []navEntry
	add := func(s Section, icon string) {
		entries = append(entries, navEntry{s, s.Link().Text, s.Link().Href, icon})
	}
	add(Overview, "overview")
	add(Subusers, "people")
	add(Keys, "key")
	add(Roles, "roles")
	if f.MayViewAuditLog {
		add(AuditLog, "audit")
	}
	return entries
}

// shortIDLength is how many characters of a key's id tell it from others on a page.
const shortIDLength = 8

// KeyName is how a key is called: by its name, or by the beginning of its id when it has none.
func KeyName(name, id string) string {
	if name != "" || len(id) < shortIDLength {
		return name
	}
	return "key " + id[:shortIDLength]
}

// presentation is how a result is drawn: colour, icon and words.
func (r Result) presentation(confirmed bool) (tone ui.Tone, icon, text string) {
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
	case PartlyApplied:
		return ui.Warning, "partly", "Partly applied"
	case NotApplied:
		return ui.Info, "nothing", "Did not happen"
	default:
		return ui.Warning, "warning", "Not known yet"
	}
}

func (r Result) tone(confirmed bool) ui.Tone { t, _, _ := r.presentation(confirmed); return t }

func (r Result) icon(confirmed bool) string { _, i, _ := r.presentation(confirmed); return i }

func (r Result) text(confirmed bool) string { _, _, t := r.presentation(confirmed); return t }

// Text is a confirmed result in words, as in a list to choose from.
func (r Result) Text() string { return r.text(true) }

// Explain says in a sentence or two what a result means for whoever looks at it.
func (r Result) Explain(confirmed bool) string {
	switch r {
	case UnderWay:
		return "The request is on its way, or the console was stopped in the middle of it. What is known is shown below; " +
			"an operation that is left open is settled by reading."
	case Applied:
		if confirmed {
			return "Voximplant has done it, and a reading afterwards agrees."
		}
		return "Voximplant said that it was done, but a reading afterwards does not show it yet. The console reads again " +
			"until it does."
	case Refused:
		return "Voximplant said no before it did anything. Nothing was changed."
	case NotSent:
		return "The request never left the console. Nothing was changed."
	case PartlyApplied:
		return "Some of the calls were applied and read back, others were not. What is left can be finished as a new " +
			"operation."
	case NotApplied:
		return "The answer was lost, and readings since then show that it did not happen. Nothing was changed."
	default:
		return "The request was sent, but its answer was lost or is not clear. It may have happened or not. The console " +
			"keeps reading until it knows; until then nothing else can be changed here."
	}
}

// rolesUnknownTitle says of how many subusers the roles are not known.
func (f Freshness) rolesUnknownTitle() string {
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
		return login + " gets " + ui.List(d.Grant) + ", and " + d.keptText() + "."
	case len(d.Grant) == 0:
		return login + " loses " + ui.List(d.Revoke) + ", and " + d.keptText() + "."
	default:
		return login + " loses " + ui.List(d.Revoke) + ", gets " + ui.List(d.Grant) + ", and " + d.keptText() + "."
	}
}

// InheritedText says in a sentence which roles come and go with the change because they are contained in it, "" for
// none.
func (d Difference) InheritedText() string {
	var parts []string
	if len(d.InheritedGained) > 0 {
		parts = append(parts, "What is granted contains "+ui.List(d.InheritedGained)+", which comes along.")
	}
	if len(d.InheritedLost) > 0 {
		parts = append(parts, "With what is revoked goes what was held only through it: "+ui.List(d.InheritedLost)+".")
	}
	return strings.Join(parts, " ")
}

func (d Difference) keptText() string {
	if len(d.Keep) == 0 {
		if len(d.Grant) == 0 {
			return "is left without any role of their own"
		}
		return "has no other role of their own"
	}
	return "keeps " + ui.List(d.Keep)
}

// Direct returns the roles that are assigned themselves.
func Direct(roles []RoleAssignment) []RoleAssignment { return filter(roles, false) }

// Inherited returns the roles that come through another one only.
func Inherited(roles []RoleAssignment) []RoleAssignment { return filter(roles, true) }

func filter(roles []RoleAssignment, inherited bool) []RoleAssignment {
	var out []RoleAssignment
	for _, r := range roles {
		if r.Inherited == inherited {
			out = append(out, r)
		}
	}
	return out
}

// qualifier is the word that sets a role apart.
func (r RoleAssignment) qualifier() string {
	if r.Privileged {
		return "privileged"
	}
	return ""
}

// inheritanceText says where an inherited role comes from.
func (r RoleAssignment) inheritanceText() string {
	if !r.Inherited {
		return ""
	}
	if r.InheritedFrom == "" {
		return "inherited"
	}
	return "inherited through " + r.InheritedFrom
}

// joinCapitalized is the name with a capital first letter, as the roles of an operator are shown.
func joinCapitalized(names []string) string {
	shown := make([]string, 0, len(names))
	for _, n := range names {
		if n != "" {
			shown = append(shown, strings.ToUpper(n[:1])+n[1:])
		}
	}
	return strings.Join(shown, ", ")
}

// What can be done with a principal, as links on its page.
const (
	EditText     = "Edit"
	PasswordText = "Password"
	ReissueText  = "Re-issue access"
	CompareText  = "Compare"
	DeleteText   = "Delete"
)
