package page

import (
	"slices"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/ui"
)

// product is the product's name.
const product = "Voxwarden"

// tabTitle returns the title of the browser tab.
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

// signedIn reports whether an operator is signed in.
func (f Frame) signedIn() bool { return f.Operator.Name != "" }

// hasAccess reports whether the operator has a dashboard role. Without one there is nothing to navigate to.
func (f Frame) hasAccess() bool { return f.signedIn() && len(f.Operator.Roles) > 0 }

// rolesText returns the line under the operator's name.
func (o Operator) rolesText() string {
	if len(o.Roles) == 0 {
		return "No role yet"
	}
	return joinCapitalized(o.Roles)
}

// notice is a message that the script shows by name.
type notice struct {
	name string
	ui.Banner
}

func noticeList() []notice {
	return []notice{
		{"signed-out", ui.Banner{
			Tone: ui.Warning, Title: "You are signed out",
			Text:  "Nothing was sent, and your entries are kept. Sign in in a new tab, return here and send the form again.",
			Links: []ui.Link{{Text: "Sign in again", Href: "/sign-in?return=/sign-in/done", NewTab: true}},
		}},
		{"confirm", ui.Banner{
			Tone: ui.Warning, Title: "Confirm your identity",
			Text: "Nothing was sent: this needs a recent sign-in. Confirm in a new tab, return here and send the form again.",
			Links: []ui.Link{
				{Text: "Confirm your identity", Href: "/sign-in?again=1&return=/sign-in/done", NewTab: true},
			},
		}},
		{"offline", ui.Banner{
			Tone: ui.Warning, Title: "The console does not respond",
			Text: "Your entries are kept. Send the form again when the connection is back; it is never carried out twice.",
		}},
	}
}

// ConfirmIdentityBanner returns the banner of a page that needs a recent sign-in. path is "/sign-in" with its query.
func ConfirmIdentityBanner(text, path string) ui.Banner {
	return ui.Banner{
		Tone: ui.Warning, Title: "Confirm your identity first", Text: text,
		Links: []ui.Link{{Text: "Confirm your identity", Href: path}},
	}
}

// ConfirmIdentityText is the text of ConfirmIdentityBanner above a form.
const ConfirmIdentityText = "This form needs a sign-in within the last five minutes. Confirm before you fill it in."

// Title returns the name of a section, which is also the heading of its first page.
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
	case Search:
		return "Search"
	case Me:
		return "Your sign-in"
	default:
		return ""
	}
}

// Link returns the link to a section's first page.
func (s Section) Link() ui.Link {
	path := map[Section]string{Overview: "/", AuditLog: "/audit"}[s]
	if path == "" {
		path = "/" + string(s)
	}
	return ui.Link{Text: s.Title(), Href: path}
}

// ListID is the id of the rows of a page's list. The second link of the page leads there.
const ListID = "list"

// FirstListID returns the id of the rows of the table with this index: ListID for the first one of a page, else "".
func FirstListID(index int) string {
	if index > 0 {
		return ""
	}
	return ListID
}

// WithList returns the frame of a page with a list that has rows or not.
func (f Frame) WithList(rows int) Frame {
	f.SkipToList = rows > 0
	return f
}

// SearchLabel and SearchPlaceholder are the accessible name of the field that searches everything, and what it covers.
const (
	SearchLabel       = "Search everything"
	SearchPlaceholder = "Subuser, key, role or page"
)

// navEntry is one entry of the navigation.
type navEntry struct {
	section Section
	text    string
	href    string
	icon    string
}

// navigation returns the entries that the operator may open.
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

// shortIDLength is the number of characters of a key's id that stand for a missing name.
const shortIDLength = 8

// KeyName returns the display name of a key: its name, or "key" and the beginning of its id.
func KeyName(name, id string) string {
	if name != "" || len(id) < shortIDLength {
		return name
	}
	return "key " + id[:shortIDLength]
}

// presentation returns tone, icon and text of an outcome.
func (r Result) presentation(confirmed bool) (tone ui.Tone, icon, text string) {
	switch r {
	case UnderWay:
		return ui.Info, "open", "In progress"
	case Applied:
		if confirmed {
			return ui.Done, "done", "Applied"
		}
		return ui.Warning, "open", "Applied, not confirmed"
	case Refused:
		return ui.Danger, "danger", "Refused"
	case NotSent:
		return ui.Info, "nothing", "Not sent"
	case PartlyApplied:
		return ui.Warning, "partly", "Partly applied"
	case NotApplied:
		return ui.Info, "nothing", "Not applied"
	default:
		return ui.Warning, "warning", "Unknown"
	}
}

func (r Result) tone(confirmed bool) ui.Tone { t, _, _ := r.presentation(confirmed); return t }

func (r Result) icon(confirmed bool) string { _, i, _ := r.presentation(confirmed); return i }

func (r Result) text(confirmed bool) string { _, _, t := r.presentation(confirmed); return t }

// Text returns the text of a confirmed outcome, for select fields.
func (r Result) Text() string { return r.text(true) }

// Explain returns one or two sentences about what an outcome means.
func (r Result) Explain(confirmed bool) string {
	switch r {
	case UnderWay:
		return "The calls are being sent, or the console stopped while it sent them. If there is no outcome soon, the " +
			"console checks Voximplant."
	case Applied:
		if confirmed {
			return "Voximplant made the change, and the console read it back."
		}
		return "Voximplant accepted the change, but does not show it yet. The console keeps checking."
	case Refused:
		return "Voximplant refused the change. Nothing was changed."
	case NotSent:
		return "The request was not sent. Nothing was changed."
	case PartlyApplied:
		return "Some calls were applied and read back, others were not. Finish the rest as a new operation."
	case NotApplied:
		return "Later checks show no change, so nothing was changed, whatever the answer was."
	default:
		return "The answer was lost or unclear, or reading does not show the change. The console keeps checking."
	}
}

// rolesUnknownTitle returns the title of the banner about unknown roles.
func (f Freshness) rolesUnknownTitle() string {
	return "The roles of " + ui.Count(f.RolesUnknown, f.rows().Singular, f.rows().Plural) + " are not known"
}

// incompleteTitle returns the title of the banner about missing rows.
func (f Freshness) incompleteTitle() string {
	if f.Kind == access.Key {
		return "Not all keys could be read"
	}
	return "This list may be incomplete"
}

// incompleteText returns the text of the banner about missing rows.
func (f Freshness) incompleteText() string {
	if f.Kind == access.Key {
		return "This list may lack some, and some of it may be out of date."
	}
	return "Subusers changed while the list was read, or Voximplant's pages did not match. Refresh the list, or open a " +
		"subuser's own page, which is always current."
}

// NoMatch explains a search without results. A row that was not read, or has unknown roles, may match.
func (m Listing) NoMatch() ui.EmptyProps {
	info, unknown := m.Freshness.rows(), m.Freshness.RolesUnknown
	p := ui.EmptyProps{Title: "No " + info.Plural + " match", Text: info.SearchRule}
	if m.Freshness.MayLackMatches(true) {
		p.Title = "No " + info.Plural + " are known to match"
	}
	if unknown > 0 {
		p.Text += " A search by role cannot find " + ui.Count(unknown, info.Singular, info.Plural) + " with unknown roles."
	}
	return p
}

// ReasonHint is the hint of every reason field.
const ReasonHint = "Shown in the audit log. Include the ticket number, if there is one."

// Sentence describes a change of roles in one sentence.
func (d Difference) Sentence(login string) string {
	switch {
	case d.Empty():
		return "Nothing changes for " + login + "."
	case len(d.Revoke) == 0:
		return login + " gets " + ui.List(d.Grant) + " and " + d.keptText() + "."
	case len(d.Grant) == 0:
		return login + " loses " + ui.List(d.Revoke) + " and " + d.keptText() + "."
	default:
		return login + " loses " + ui.List(d.Revoke) + ", gets " + ui.List(d.Grant) + " and " + d.keptText() + "."
	}
}

// InheritedText lists the inherited roles that the change adds and removes, "" for none.
func (d Difference) InheritedText() string {
	var parts []string
	if len(d.InheritedGained) > 0 {
		parts = append(parts, "Also inherited: "+ui.List(d.InheritedGained)+".")
	}
	if len(d.InheritedLost) > 0 {
		parts = append(parts, "No longer inherited: "+ui.List(d.InheritedLost)+".")
	}
	return strings.Join(parts, " ")
}

func (d Difference) keptText() string {
	if len(d.Keep) == 0 {
		if len(d.Grant) == 0 {
			return "has no direct role left"
		}
		return "has no other direct role"
	}
	return "keeps " + ui.List(d.Keep)
}

// Direct returns the direct assignments.
func Direct(roles []RoleAssignment) []RoleAssignment { return filter(roles, false) }

// Inherited returns the inherited assignments.
func Inherited(roles []RoleAssignment) []RoleAssignment { return filter(roles, true) }

// filter returns the assignments of one kind. It copies none when all are of one kind, as most principals have them.
func filter(roles []RoleAssignment, inherited bool) []RoleAssignment {
	wanted := func(r RoleAssignment) bool { return r.Inherited == inherited }
	other := func(r RoleAssignment) bool { return !wanted(r) }
	if !slices.ContainsFunc(roles, other) {
		return roles
	}
	if !slices.ContainsFunc(roles, wanted) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(roles), other)
}

// qualifier returns "privileged" for a privileged role, otherwise "".
func (r RoleAssignment) qualifier() string {
	if r.Privileged {
		return "privileged"
	}
	return ""
}

// inheritanceText returns the source of an inherited role, "" for a direct one.
func (r RoleAssignment) inheritanceText() string {
	if !r.Inherited {
		return ""
	}
	if r.InheritedFrom == "" {
		return "inherited"
	}
	return "inherited through " + r.InheritedFrom
}

// joinCapitalized joins names, each with a capital first letter.
func joinCapitalized(names []string) string {
	shown := make([]string, 0, len(names))
	for _, n := range names {
		if n != "" {
			shown = append(shown, strings.ToUpper(n[:1])+n[1:])
		}
	}
	return strings.Join(shown, ", ")
}

// Texts of the links and buttons that change a principal.
const (
	EditText     = "Edit"
	PasswordText = "Password"
	ReissueText  = "Re-issue access"
	CompareText  = "Compare"
	DeleteText   = "Delete"
)

// atLeast returns the age of a principal that was first seen so long ago, "" for less than a day.
func atLeast(age time.Duration) string {
	days := int(age / (24 * time.Hour))
	if days < 1 {
		return ""
	}
	return "At least " + ui.Count(days, "day", "days") + " ago. "
}
