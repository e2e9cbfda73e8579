package roles

import (
	"github.com/voxwarden/voxwarden/internal/rolefacts"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// Finder is the page that finds roles for methods, at /roles/finder. Its form is a GET: q, and method for each chosen
// method.
type Finder struct {
	Frame          page.Frame
	CatalogueKnown bool
	LastError      *page.ReadError // why there is no catalogue
	Query          string
	Chosen         []rolefacts.Method
	Found          []rolefacts.Method // the first that match Query and are not chosen
	MoreFound      int                // how many further ones match
	Groups         []ui.Link          // searches for the groups of methods
	Covers         []Cover            // the best first; none without a chosen method that needs a role
	Incomplete     bool               // not every set of roles was tried
	NeedNoRole     []rolefacts.Method // chosen methods that every key may call
	NotPublished   []rolefacts.Method // chosen methods that name no role
	Unavailable    []rolefacts.Method // chosen methods that name only roles that the account does not have
	Untried        []string           // roles that no published method names, neither them nor a role in them
}

// Cover is a set of roles that allow the chosen methods.
type Cover struct {
	Roles      []CoverRole
	Allowed    rolefacts.MethodSet // what the roles allow
	Extra      rolefacts.MethodSet // what they allow beside the chosen methods
	NewKey     string              // path of the form with these roles ticked; "" without permission
	NewSubuser string
}

// CoverRole is a role of a cover.
type CoverRole struct {
	page.RoleRef
	Privileged bool
}

// The heading and the path of the finder.
const (
	FinderHeading = "Find roles"
	FinderPath    = "/roles/finder"
)

// boxes returns the checkboxes of the chosen methods and of those found.
func (m Finder) boxes() ui.BoxesProps {
	var groups []ui.BoxGroup
	if len(m.Chosen) > 0 {
		groups = append(groups, ui.BoxGroup{Name: "Chosen", Boxes: methodBoxes(m.Chosen, true)})
	}
	if len(m.Found) > 0 {
		groups = append(groups, ui.BoxGroup{Name: "Found", Boxes: methodBoxes(m.Found, false)})
	}
	hint := ""
	switch {
	case m.MoreFound > 0:
		hint = "More methods match: " + ui.Number(m.MoreFound) + ". Search for a longer part of the name."
	case m.Query != "" && len(m.Found) == 0:
		hint = "No other method matches. Search for a part of a method's name or group."
	}
	return ui.BoxesProps{Name: "method", Legend: "Methods", Hint: hint, Groups: groups}
}

func methodBoxes(methods []rolefacts.Method, checked bool) []ui.Box {
	boxes := make([]ui.Box, 0, len(methods))
	for _, method := range methods {
		effect := "reads"
		if method.Writes {
			effect = "changes"
		}
		note := effect + " · " + string(method.Source)
		boxes = append(boxes, ui.Box{Value: method.Name, Text: method.Name, Checked: checked, Notes: []string{note}})
	}
	return boxes
}

// extraText returns what a cover allows beside the chosen methods, and what it reaches with these.
func (c Cover) extraText() string {
	text := "Allows nothing else that is published."
	if c.Extra.Len() > 0 {
		text = "Also allows " + ui.Count(c.Extra.Len(), "other method", "other methods") + "; " +
			ui.Number(c.Extra.Writes()) + " of them change something."
	}
	if reaches := page.ReachWords(c.Allowed.Reaches()); len(reaches) > 0 {
		text += " Reaches " + ui.List(reaches) + "."
	}
	return text
}

// label returns the names of the roles.
func (c Cover) label() string {
	names := make([]string, 0, len(c.Roles))
	for _, role := range c.Roles {
		names = append(names, role.Name)
	}
	return ui.List(names)
}

// namesOf returns the names of methods as a list in words.
func namesOf(methods []rolefacts.Method) string {
	names := make([]string, 0, len(methods))
	for _, method := range methods {
		names = append(names, method.Name)
	}
	return ui.List(names)
}

// copies returns the chosen methods of which only a copy of the page was read.
func (m Finder) copies() []rolefacts.Method {
	var copies []rolefacts.Method
	for _, method := range m.Chosen {
		if method.Source == rolefacts.Copy && !method.AnyKey {
			copies = append(copies, method)
		}
	}
	return copies
}
