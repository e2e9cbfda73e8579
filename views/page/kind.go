package page

import "github.com/voxwarden/voxwarden/internal/access"

// KindInfo holds the words and links in which the pages of the two kinds of principals differ.
type KindInfo struct {
	Section     Section
	Singular    string // within a sentence: "subuser"
	Plural      string // within a sentence: "subusers"
	NameLabel   string // of the name: "Login"
	IDLabel     string // of the vendor's id: "Subuser id"
	SearchLabel string // accessible name of the list's search field
	SearchHint  string
	CreateText  string // of the link to the form for a new one
	ImportHref  string // of the page for a file with new ones, "" when there is none
	EmptyTitle  string // of a list of an account without any
	EmptyText   string
	SearchRule  string // a sentence: what a search compares
	ListNote    string // a sentence under the list: what it cannot show
	CopyText    string // of the link to the form for a new one with the same roles
	NoHistory   string // a sentence: the audit log contains no operation on this one
	NoRoles     string // a sentence: this one has no role
	RolesNote   string // a sentence under the roles, "" for none

	NoDescription     string // a sentence in place of a missing description, "" for none
	RolesNotPermitted string // a sentence: why this operator may not change the roles
}

// InfoOf returns the words of a kind. It returns the zero KindInfo for an unknown one.
func InfoOf(kind access.Kind) KindInfo {
	switch kind {
	case access.Subuser:
		return KindInfo{
			Section:     Subusers,
			Singular:    "subuser",
			Plural:      "subusers",
			NameLabel:   "Login",
			IDLabel:     "Subuser id",
			SearchLabel: "Search subusers",
			SearchHint:  "Login, description or role",
			CreateText:  "New subuser",
			ImportHref:  "/subusers/import",
			EmptyTitle:  "No subusers yet",
			EmptyText: "Only the account holder can sign in to the control panel. The account holder always has every " +
				"role and is never in this list.",
			SearchRule: "Every word must occur in the login, the description or the name of a role. Capitals and " +
				"accents do not matter.",
			ListNote:  "The account holder is not in this list and always has every role.",
			CopyText:  "New subuser with these roles",
			NoHistory: "No changes to this subuser yet. Changes in Voximplant's own panel do not appear here.",
			NoRoles:   "No roles. This subuser can sign in and sees almost nothing.",

			RolesNotPermitted: "Your role in this console does not allow changing roles.",
		}
	case access.Key:
		return KindInfo{
			Section:     Keys,
			Singular:    "key",
			Plural:      "keys",
			NameLabel:   "Name",
			IDLabel:     "Key id",
			SearchLabel: "Search keys",
			SearchHint:  "Name, description, id or role",
			CreateText:  "New key",
			EmptyTitle:  "No keys yet",
			EmptyText:   "No program has access to this account's API through a service-account key.",
			SearchRule: "Every word must occur in the name, the description, the id, the login of the subuser or the " +
				"name of a role. Capitals and accents do not matter.",
			ListNote:  "Voximplant does not report the age or the last use of a key.",
			CopyText:  "New key with these roles",
			NoHistory: "No changes to this key yet. Changes in Voximplant's own panel do not appear here.",
			NoRoles:   "No roles.",
			RolesNote: "According to Voximplant's documentation, a key without roles can still list keys, create keys " +
				"and set the roles of keys. Treat every key as a secret.",

			NoDescription:     "No description. Say what this key is for.",
			RolesNotPermitted: "Only admins may change the roles of keys.",
		}
	default:
		return KindInfo{}
	}
}

// Name returns how pages call a principal: by its login or name. A key without a name is called by the beginning of its
// id.
func Name(p access.Principal) string {
	if p.Kind == access.Key {
		return KeyName(p.Name, p.ID)
	}
	return p.Name
}

// KeyRef returns the link to the page of a key.
func KeyRef(key access.NamedKey) PrincipalRef {
	return PrincipalRef{Path: access.KeyRef(key.ID).Path(), Name: KeyName(key.Name, key.ID)}
}

// RefOf returns the link to a principal's page.
func RefOf(p access.Principal) PrincipalRef { return PrincipalRef{Path: p.Path(), Name: Name(p)} }

// NewListing returns the part of a Listing that is the same for every list of a kind.
func NewListing(kind access.Kind) Listing {
	info := InfoOf(kind)
	return Listing{
		Path:        "/" + kind.RouteSegment(),
		SearchLabel: info.SearchLabel,
		Placeholder: info.SearchHint,
		DefaultSort: "name",
	}
}
