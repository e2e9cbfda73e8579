// Package keys draws the pages that only service-account keys have: new key, and the credentials of a new key, which
// are shown once.
package keys

import "github.com/voxwarden/voxwarden/views/page"

// New is the form for a new key, at /keys/new. It posts: operation, name, description, role, offered, reason,
// and what page.RoleCopy posts.
type New struct {
	page.FormFeedback
	Frame               page.Frame
	OperationID         string
	Name                string
	Description         string
	Reason              string
	ReasonRequired      bool
	Copy                page.RoleCopy
	Groups              []page.RoleGroup
	RolesDisabledReason string
}

// Created is the response to the creation of a key: the private key is shown once, or it was lost.
type Created struct {
	Frame       page.Frame
	ID          string
	Name        string
	Credentials string    // the file credentials.json; "" when the response with it was lost
	Snippets    []Snippet // programs that try the key
	Roles       []page.RoleAssignment
	RolesRead   bool
	Result      page.Result // Applied or Unknown
	Confirmed   bool
	OperationID string
	Unsaved     bool
}

// Snippet is a program that tries a key.
type Snippet struct {
	ID    string // for links within the page
	Title string
	Needs string // what it needs to run
	Code  string
}
