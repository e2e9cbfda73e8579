package handlers

import (
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// roleAssignments shows the roles that somebody holds, direct ones first. Without a catalogue none is marked as
// privileged: all of them count as such then, which a banner says once.
func roleAssignments(
	roles []access.RoleAssignment,
	c directory.Catalogue,
	privileged policy.PrivilegedSet,
) []page.RoleAssignment {
	assignments := make([]page.RoleAssignment, 0, len(roles))
	for _, role := range roles {
		shown := page.RoleAssignment{
			Name:       role.Name,
			Inherited:  !role.Direct,
			Privileged: c.Known && privileged.Has(role.ID),
			GUIOnly:    role.GUIOnly,
		}
		if _, known := c.ByID(role.ID); known {
			shown.ID = role.ID
		}
		if shown.Inherited {
			shown.InheritedFrom = inheritedFrom(role.ID, roles, c)
		}
		assignments = append(assignments, shown)
	}
	slices.SortStableFunc(assignments, func(a, b page.RoleAssignment) int {
		switch {
		case a.Inherited == b.Inherited:
			return 0
		case b.Inherited:
			return -1
		default:
			return 1
		}
	})
	return assignments
}

// inheritedFrom names the held role that a role is inherited through, "" when the catalogue does not tell. A direct one
// explains more than one that is inherited itself.
func inheritedFrom(id int64, assignments []access.RoleAssignment, c directory.Catalogue) string {
	graph, name := c.Graph(), ""
	for _, h := range assignments {
		if !graph.ContainsDirectly(h.ID, id) {
			continue
		}
		if h.Direct {
			return h.Name
		}
		name = h.Name
	}
	return name
}

// relatedRoles names the roles that a role contains, and those that contain it.
func relatedRoles(c directory.Catalogue, id int64) (children, parents []page.RoleRef) {
	graph := c.Graph()
	for _, other := range c.Roles {
		if graph.ContainsDirectly(id, other.ID) {
			children = append(children, page.RoleRef{ID: other.ID, Name: other.Name})
		}
		if graph.ContainsDirectly(other.ID, id) {
			parents = append(parents, page.RoleRef{ID: other.ID, Name: other.Name})
		}
	}
	return children, parents
}

// freshness says how far a list can be believed. back is the page that Refresh returns to.
func freshness(s directory.Status, back string) page.Freshness {
	return page.Freshness{
		AsOf:         s.AsOf,
		Refreshing:   s.Refreshing,
		LoadedRows:   s.LoadedRows,
		Incomplete:   s.Incomplete,
		RolesUnknown: s.RolesUnknown,
		LastError:    readErrorNotice(s.LastError),
		Return:       back,
	}
}

// loadingRefreshSeconds is after how many seconds a page asks for itself again while the account is being read.
const loadingRefreshSeconds = 2

// autoRefreshSeconds is how soon a page comes back by itself: soon while the account is being read, else never.
func autoRefreshSeconds(s directory.Status) int {
	if s.Refreshing {
		return loadingRefreshSeconds
	}
	return 0
}

// descriptorOf returns the descriptor of an operation's action. An action that this version does not know is shown by
// its stored name, and pages offer nothing for it.
func descriptorOf(op audit.Operation) operations.Descriptor {
	d, err := operations.DescriptorOf(op.Action)
	if err != nil {
		return operations.Descriptor{Action: op.Action, Kind: op.Target.Kind, Label: string(op.Action)}
	}
	return d
}

// targetPath is the page of an operation's target, "" when it has none.
func targetPath(t audit.Target) string {
	if t.Kind == access.Key && isKeyID(t.ID) {
		return keyPath(t.ID)
	}
	id, ok := parseID(t.ID)
	if t.Kind != access.Subuser || !ok {
		return ""
	}
	return subuserPath(id)
}

// intendedChange is what an operation wanted to do to roles; none when its intent cannot be read.
func intendedChange(op audit.Operation) page.Difference {
	intent, err := operations.ReadIntent(op)
	if err != nil || descriptorOf(op).IsReissue() {
		return page.Difference{} // a re-issue gives back what was held
	}
	d := page.Difference{Grant: roleRefNames(intent.Grant), Revoke: roleRefNames(intent.Revoke)}
	for _, name := range roleRefNames(intent.Before) {
		if !slices.Contains(d.Revoke, name) {
			d.Keep = append(d.Keep, name)
		}
	}
	return d
}

func roleRefNames(refs []operations.RoleRef) []string {
	names := make([]string, 0, len(refs))
	for _, ref := range refs {
		names = append(names, ref.Name)
	}
	return names
}

// fieldErrors puts the errors of a form in the order of its fields, under the names that the page uses.
func fieldErrors(fields map[string]string) []ui.FieldError {
	order := []string{"login", "name", "current", "password", "description", "roles", "confirm", "result", "reason"}
	var errs []ui.FieldError
	for _, field := range order {
		if text, wrong := fields[field]; wrong {
			errs = append(errs, ui.FieldError{Field: pageField(field), Text: text})
		}
	}
	for field, text := range fields {
		if !slices.Contains(order, field) {
			errs = append(errs, ui.FieldError{Text: text})
		}
	}
	return errs
}

// pageField is a form's own name of what is wrong: its tick boxes are called role, one by one.
func pageField(field string) string {
	if field == "roles" {
		return "role"
	}
	return field
}
