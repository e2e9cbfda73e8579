package page

import (
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
)

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
	DeleteText  string // of the button that deletes one
	ImportHref  string // of the page for a file with new ones, "" when there is none
	EmptyTitle  string // of a list of an account without any
	EmptyText   string
	SearchRule  string // a sentence: what a search compares
	ListNote    string // a sentence under the list: what it cannot show
	CopyText    string // of the link to the form for a new one with the same roles
	NoHistory   string // a sentence: the audit log contains no operation on this one
	NoRoles     string // a sentence: this one has no role
	RolesNote   string // a sentence under the roles, "" for none

	NameNoun          string // what the name is called within a sentence
	ConfirmLabel      string // of the field for the name before a deletion
	DescriptionHint   string
	DeleteConsequence string   // sentences: what a deletion does
	DeleteNotes       []string // sentences: what is not known before a deletion
	NoDescription     string   // a sentence in place of a missing description, "" for none
	RolesNotPermitted string   // a sentence: why this operator may not change the roles
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
			DeleteText:  "Delete subuser",
			ImportHref:  "/subusers/import",
			EmptyTitle:  "No subusers yet",
			EmptyText: "Only the account holder can sign in to the control panel. The account holder always has every " +
				"role and is never in this list.",
			SearchRule: "Every word must occur in the login, the description or the name of a role. Capitals and " +
				"accents do not matter.",
			ListNote:  "The account holder is not in this list and always has every role.",
			CopyText:  "New subuser with these roles",
			NoHistory: "No changes to this subuser in this console yet.",
			NoRoles:   "No roles. This subuser can sign in and sees almost nothing.",

			NameNoun:        "login",
			ConfirmLabel:    "Type the login to confirm",
			DescriptionHint: "The person's full name and team, for access reviews.",
			DeleteConsequence: "The subuser will no longer be able to sign in. You can create the same login again, as " +
				"a new subuser with a new password.",
			RolesNotPermitted: "Your role in this console does not allow changing or deleting subusers. Ask an admin.",
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
			DeleteText:  "Delete key",
			EmptyTitle:  "No keys yet",
			EmptyText:   "No program has access to this account's API through a service-account key.",
			SearchRule: "Every word must occur in the name, the description, the id, the login of the subuser or the " +
				"name of a role. Capitals and accents do not matter.",
			ListNote:  "Voximplant does not report the age or the last use of a key.",
			CopyText:  "New key with these roles",
			NoHistory: "No changes to this key in this console yet.",
			NoRoles:   "No roles.",
			RolesNote: "According to Voximplant's documentation, a key without roles can still list keys, create keys " +
				"and set the roles of keys. Treat every key as a secret.",

			NameNoun:          "name",
			ConfirmLabel:      "Type the name to confirm",
			DescriptionHint:   "Where it runs and who is responsible. Voximplant reports neither age nor last use of a key.",
			DeleteConsequence: "Programs that use the key stop working. A new key has another id and another private key.",
			DeleteNotes: []string{
				"Voximplant does not report when or by which program a key was last used.",
				"Rules may be bound to the key and are not visible here. Their scenarios can no longer call the API.",
			},
			NoDescription:     "No description. Say what this key is for.",
			RolesNotPermitted: "Only admins of this console may change or delete keys.",
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

// KeyNameHint is the rule for the name of a key.
const KeyNameHint = "At most 50 characters. Name the program that uses the key."

// Subject returns a principal as the first words of a sentence: "Subuser anna_k", "Key Reports". A key without a name
// is already called "key 1f0c4b6e".
func Subject(kind access.Kind, name string) string {
	singular := InfoOf(kind).Singular
	return joinCapitalized([]string{singular + " " + strings.TrimPrefix(name, singular+" ")})
}

// EditedMessage is the message after the name or the description was changed.
func EditedMessage(kind access.Kind, name string) string {
	return Subject(kind, name) + " was changed."
}

// DeletedMessage is the message after a deletion.
func DeletedMessage(kind access.Kind, name string) string {
	return Subject(kind, name) + " was deleted."
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
		Path:           "/" + kind.RouteSegment(),
		SearchLabel:    info.SearchLabel,
		Placeholder:    info.SearchHint,
		DefaultSort:    "name",
		MayFilterOwner: kind == access.Key,
	}
}
