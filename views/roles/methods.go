package roles

import (
	"slices"

	"github.com/voxwarden/voxwarden/internal/rolefacts"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// facts returns what is published about the role.
func (m Show) facts() page.RoleFacts { return page.NewRoleFacts(m.Published, m.Methods) }

// bindsKeys reports whether the role can bind a key to a rule.
func (m Show) bindsKeys() bool { return slices.Contains(m.Methods.Reaches(), rolefacts.Rules) }

// methodsText returns how many methods name the role, and how certain that is.
func (m Show) methodsText() string {
	if m.Methods.Len() == 0 {
		return "Not published: no page of a method that was found names this role. " + sourcesRead
	}
	copies := 0
	for method := range m.Methods.All() {
		if method.Source == rolefacts.Copy {
			copies++
		}
	}
	text := ui.Count(m.Methods.Len(), "method names", "methods name") + " this role or a role that it contains; " +
		ui.Number(m.Methods.Writes()) + " of them change something. "
	if copies > 0 {
		text += "“copy”: only a copy of Voximplant's page was read. "
	}
	return text + sourcesRead
}

// methodGroup is a group of methods.
type methodGroup struct {
	name          string
	reads, writes []rolefacts.Method
}

// methodGroups returns the methods by group.
func methodGroups(set rolefacts.MethodSet) []methodGroup {
	var groups []methodGroup
	for method := range set.All() {
		if last := len(groups) - 1; last < 0 || groups[last].name != method.Group {
			groups = append(groups, methodGroup{name: method.Group})
		}
		group := &groups[len(groups)-1]
		if method.Writes {
			group.writes = append(group.writes, method)
		} else {
			group.reads = append(group.reads, method)
		}
	}
	return groups
}

// methodNotes returns the methods with a remark.
func methodNotes(set rolefacts.MethodSet) []rolefacts.Method {
	return slices.DeleteFunc(slices.Collect(set.All()), func(m rolefacts.Method) bool { return m.Note == "" })
}
