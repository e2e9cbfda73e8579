// Package keys draws the pages about service-account keys.
//
// New and Created: give a program the least it needs, and take the private key away safely, once, with a line that
// shows that it works.
//
// Edit and Delete: say what a key is for, and take it away knowing what stops working.
package keys

import (
	"github.com/voxwarden/voxwarden/views/page"
)

// New is the form for a new key, at /keys/new. It posts: operation, name, description, role, offered, reason.
type New struct {
	page.FormFeedback
	Frame               page.Frame
	OperationID         string
	Name                string
	Description         string
	Reason              string
	ReasonRequired      bool
	CopiedMessage       string // a sentence: whose roles are ticked, "" for nobody's
	Groups              []page.RoleGroup
	RolesDisabledReason string
}

// Created answers a create: the private key is shown here, once, or it is lost.
type Created struct {
	Frame       page.Frame
	ID          string
	Name        string
	Credentials string    // the file credentials.json, exactly; "" when the answer with it was lost
	Snippets    []Snippet // ready lines that try it
	Roles       []page.RoleAssignment
	RolesRead   bool
	Result      page.Result // Applied or Unknown
	Confirmed   bool
	OperationID string
	Unsaved     bool
}

// Snippet is a piece of code that tries a key.
type Snippet struct {
	ID    string // for links within the page
	Title string
	Needs string // what must be there to run it
	Code  string
}
