package overview

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// DriftFound returns the item about n open drift findings.
func DriftFound(n int) Attention {
	return Attention{
		Tone: ui.Warning, Text: ui.Count(n, "change was", "changes were") + " made outside this console.",
		Link: &ui.Link{Text: "Show drift", Href: "/drift"},
	}
}

// UnresolvedOperation returns the item about an open operation. path is its page, "" without permission.
func UnresolvedOperation(action, target, actor, path string) Attention {
	a := Attention{Tone: ui.Warning, Text: "“" + action + "” of " + target + " by " + actor + " is not finished."}
	if path != "" {
		link := page.OperationLink(path)
		a.Link = &link
	}
	return a
}

// UnfinishedReissue returns the item about a re-issue that deleted a subuser and did not create it again. path is the
// operation's page, "" without permission.
func UnfinishedReissue(login, actor, path string) Attention {
	a := Attention{Tone: ui.Danger, Text: "A re-issue by " + actor + " deleted " + login + " and did not create it again."}
	if path != "" {
		link := page.OperationLink(path)
		a.Link = &link
	}
	return a
}

// FromBanner returns the item with the text of a banner.
func FromBanner(b ui.Banner) Attention { return Attention{Tone: b.Tone, Text: b.Title + ". " + b.Text} }

// mayLack reports whether more principals of the kind may have a role than were read.
func (r Reading) mayLack() bool { return r.Incomplete || r.RolesUnknown > 0 }

// atLeastText returns why there may be more principals of a kind.
func (r Reading) atLeastText(kind access.Kind) string {
	info := page.InfoOf(kind)
	if r.RolesUnknown == 0 {
		return "At least these: some " + info.Plural + " could not be read."
	}
	return "At least these: the roles of " + ui.Count(r.RolesUnknown, info.Singular, info.Plural) + " are not known."
}

// unknownText returns what stands in place of the roles of a kind, "" when some are known.
func (r RoleCounts) unknownText(kind access.Kind) string {
	info := page.InfoOf(kind)
	switch {
	case len(r.List) > 0:
		return ""
	case !r.Known:
		return "Not known yet."
	case r.RolesUnknown > 0:
		return "Not known: Voximplant did not return the roles of " +
			ui.Count(r.RolesUnknown, info.Singular, info.Plural) + "."
	case r.Incomplete:
		return "Not known: some " + info.Plural + " could not be read."
	default:
		return "No " + info.Singular + " has a role."
	}
}

// moreText returns how many principals have one of the further roles.
func (r RoleCounts) moreText(kind access.Kind) string {
	count := ui.Count(r.MoreMost, page.InfoOf(kind).Singular, page.InfoOf(kind).Plural)
	if r.MoreCount == 1 {
		return ", with " + count
	}
	return ", with at most " + count + " each"
}

// onlyAccountHolder reports whether no subuser and no key has the role.
func (p PrivilegedRole) onlyAccountHolder() bool {
	none := func(p Principals) bool { return p.Known && len(p.List) == 0 && !p.mayLack() }
	return none(p.Subusers) && none(p.Keys)
}

// notKnownText returns a sentence about what may need attention and is not known, "" when everything is.
func (m Overview) notKnownText() string {
	f := m.Freshness
	switch {
	case f.Cold() && (f.LastError == nil || f.Refreshing):
		return "Not known yet: the account is being read."
	case f.Cold():
		return "Not known: the account could not be read."
	}
	var unread, sentences []string
	if f.Incomplete {
		unread = append(unread, "some subusers")
	}
	if f.RolesUnknown > 0 {
		unread = append(unread, "the roles of "+ui.Count(f.RolesUnknown, "subuser", "subusers"))
	}
	if !m.KeysKnown {
		unread = append(unread, "some keys")
	}
	if len(unread) > 0 {
		sentences = append(sentences, "Not known: "+ui.List(unread)+" could not be read.")
	}
	if m.NotCompared {
		sentences = append(sentences, "Not known yet: changes made outside this console.")
	}
	return strings.Join(sentences, " ")
}

// attentionWithUnknown returns what needs attention, and what is not known last.
func (m Overview) attentionWithUnknown() []Attention {
	if text := m.notKnownText(); text != "" {
		return append(slices.Clip(m.Attention), Attention{Tone: ui.Info, Text: text})
	}
	return m.Attention
}

// subusersText returns what follows the number of subusers.
func (m Overview) subusersText() string {
	if m.Freshness.Incomplete {
		return "or more subusers"
	}
	return plural(m.Subusers, "subuser", "subusers")
}

// SubusersWithoutRoles returns the item about n subusers without roles.
func SubusersWithoutRoles(n int) Attention {
	return Attention{
		Tone: ui.Info, Text: ui.Count(n, "subuser has", "subusers have") + " no roles.",
		Link: &ui.Link{Text: "Show subusers", Href: "/subusers?role=-"},
	}
}

// KeysOutlivedOwner returns the item about n keys that have outlived the subuser that they belonged to.
func KeysOutlivedOwner(n int) Attention {
	return Attention{
		Tone: ui.Warning,
		Text: ui.Count(n, "key outlived its owner", "keys outlived their owners") + ".",
		Link: &ui.Link{Text: "Show orphaned keys", Href: "/keys?owner=" + page.OwnerGone},
	}
}

// KeysWithoutDescription returns the item about n keys without a description.
func KeysWithoutDescription(n int) Attention {
	return Attention{
		Tone: ui.Info,
		Text: ui.Count(n, "key has", "keys have") + " no description. Describe what each key is for.",
		Link: &ui.Link{Text: "Show keys", Href: "/keys?desc=1&sort=description"},
	}
}

// UnusableAnswerText is the text of a response that could not be read.
const UnusableAnswerText = "no usable response"

// AnsweredText returns the text of a successful response.
func AnsweredText(took time.Duration) string { return "responded in " + ui.Duration(took) }

// FailedText returns the text of an internal error of the vendor.
func FailedText(code int) string { return "failed with code " + strconv.Itoa(code) }

// RefusedText returns the text of a refusal.
func RefusedText(code int) string { return "refused with code " + strconv.Itoa(code) }

// ClockText returns the offset of the server's clock. ahead is how far the vendor's clock is ahead of it.
func ClockText(ahead time.Duration) string {
	seconds := int(ahead.Abs().Round(time.Second) / time.Second)
	switch {
	case seconds <= 1:
		return "in sync with Voximplant"
	case ahead > 0:
		return ui.Number(seconds) + " s behind Voximplant"
	default:
		return ui.Number(seconds) + " s ahead of Voximplant"
	}
}
