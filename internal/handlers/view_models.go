package handlers

import (
	"maps"
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// roleAssignments returns the roles of a principal as pages show them, direct ones first. Without a catalogue none is
// marked as privileged: every role counts as privileged then, which a banner says once.
func roleAssignments(
	roles []access.RoleAssignment,
	c directory.Catalogue,
	privileged policy.PrivilegedSet,
) []page.RoleAssignment {
	assignments := make([]page.RoleAssignment, 0, len(roles))
	var containers containers
	if slices.ContainsFunc(roles, func(role access.RoleAssignment) bool { return !role.Direct }) {
		containers = newContainers(roles, c.Graph())
	}
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
			shown.InheritedFrom = containers.of(role.ID)
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

// containers finds the roles of a principal that contain another of its roles.
type containers struct {
	assigned map[int64]access.RoleAssignment
	graph    access.RoleGraph
}

func newContainers(assignments []access.RoleAssignment, graph access.RoleGraph) containers {
	c := containers{assigned: make(map[int64]access.RoleAssignment, len(assignments)), graph: graph}
	for _, role := range assignments {
		c.assigned[role.ID] = role
	}
	return c
}

// of returns the name of an assigned role that contains the given one directly, "" when there is none. A direct
// assignment explains more than an inherited one.
func (c containers) of(id int64) string {
	name := ""
	for _, parent := range c.graph.Parents(id) {
		role, assigned := c.assigned[parent]
		switch {
		case !assigned:
		case role.Direct:
			return role.Name
		default:
			name = role.Name
		}
	}
	return name
}

// relatedRoles returns the roles of the catalogue that a role contains directly, and those that contain it, in
// ascending order of their ids.
func relatedRoles(c directory.Catalogue, graph access.RoleGraph, id int64) (children, parents []page.RoleRef) {
	refs := func(ids []int64) (refs []page.RoleRef) {
		for _, id := range ids {
			if role, found := c.ByID(id); found {
				refs = append(refs, page.RoleRef{ID: role.ID, Name: role.Name})
			}
		}
		return refs
	}
	return refs(graph.Children(id)), refs(graph.Parents(id))
}

// freshness returns the age and the gaps of a list. back is the page that Refresh returns to.
func freshness(s directory.Status, back string) page.Freshness {
	return page.Freshness{
		AsOf:         s.AsOf,
		PatchedAt:    s.PatchedAt,
		Refreshing:   s.Refreshing,
		LoadedRows:   s.LoadedRows,
		Incomplete:   s.Incomplete,
		RolesUnknown: s.RolesUnknown,
		LastError:    readErrorNotice(s.LastError),
		Return:       back,
	}
}

// How often a page reloads while the account is being read. A page without a list waits for it, too.
const (
	loadingRefreshSeconds = 2
	coldRefreshSeconds    = 1
)

// autoRefreshSeconds returns the reload interval of a page, 0 for never.
func autoRefreshSeconds(s directory.Status) int {
	switch {
	case !s.Refreshing:
		return 0
	case s.Cold():
		return coldRefreshSeconds
	default:
		return loadingRefreshSeconds
	}
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

// targetPath returns the path of the page of an operation's target, "" when it has none.
func targetPath(t audit.Target) string {
	ref, err := access.ParseRef(t.Kind, t.ID)
	if err != nil {
		return ""
	}
	return ref.Path()
}

// intendedChange returns the change of roles that an operation asked for, none when its intent cannot be read.
func intendedChange(op audit.Operation) page.Difference {
	intent, err := operations.ReadIntent(op)
	if err != nil || descriptorOf(op).IsReissue() {
		return page.Difference{} // a re-issue keeps the roles
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

// fieldErrors returns the errors of a form in the order of its fields, under the names that the page uses.
func fieldErrors(fields map[string]string) []ui.FieldError {
	order := []string{
		"login", "name", "current", "password", "description", "roles", "without_roles", "confirm", "result", "reason",
	}
	var errs []ui.FieldError
	for _, field := range order {
		if text, wrong := fields[field]; wrong {
			errs = append(errs, ui.FieldError{Field: pageField(field), Text: text})
		}
	}
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(order, field) {
			errs = append(errs, ui.FieldError{Text: fields[field]})
		}
	}
	return errs
}

// pageField returns the page's name of a field: its check boxes are called role.
func pageField(field string) string {
	if field == "roles" {
		return "role"
	}
	return field
}

// namedKeys returns the ids and names of keys.
func namedKeys(keys []access.Principal) []access.NamedKey {
	var named []access.NamedKey
	for _, k := range keys {
		named = append(named, access.NamedKey{ID: k.ID, Name: k.Name})
	}
	return named
}
