package handlers

import (
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/rolefacts"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// roleFacts is what is published about the roles of a catalogue.
type roleFacts struct {
	published map[int64]rolefacts.Role
	methods   map[int64]rolefacts.MethodSet // with those of contained roles
}

func newRoleFacts(c directory.Catalogue) roleFacts {
	f := roleFacts{published: map[int64]rolefacts.Role{}, methods: map[int64]rolefacts.MethodSet{}}
	graph := c.Graph()
	for _, role := range c.Roles {
		published, found := publishedRole(role)
		f.published[role.ID] = published
		if !found {
			continue
		}
		for id := range graph.Containers(role.ID) {
			f.methods[id] = f.methods[id].Union(published.Methods())
		}
	}
	return f
}

// publishedRole returns what is published about a role of the catalogue.
func publishedRole(role access.Role) (rolefacts.Role, bool) {
	return rolefacts.Find(append([]string{role.Name}, role.OtherNames...)...)
}

// alsoCovers returns the roles that a role contains not directly but at any depth, and those that have methods but none
// that the role lacks.
func (f roleFacts) alsoCovers(c directory.Catalogue, id int64) []page.RoleRef {
	graph := c.Graph()
	contained := graph.Closure(id)
	var covered []page.RoleRef
	for _, role := range c.Roles {
		methods := f.methods[role.ID]
		byMethods := methods.Len() > 0 && f.methods[id].Covers(methods)
		if role.ID != id && !graph.ContainsDirectly(id, role.ID) && (contained[role.ID] || byMethods) {
			covered = append(covered, page.RoleRef{ID: role.ID, Name: role.Name})
		}
	}
	return covered
}

// of returns what forms show of a role.
func (f roleFacts) of(role access.Role) page.RoleFacts {
	published, listed := f.published[role.ID]
	if !listed {
		published, _ = publishedRole(role)
	}
	return page.NewRoleFacts(published, f.methods[role.ID])
}

// maxExplained is the number of roles that the banner explains. While every role counts as privileged, there may be
// many.
const maxExplained = 3

// privilegedGrantBanner returns the banner about the privileged roles that a change grants, nil when there are none.
func privilegedGrantBanner(c directory.Catalogue, granted []int64) *ui.Banner {
	if len(granted) == 0 {
		return nil
	}
	facts, names := newRoleFacts(c), c.Names(granted)
	var explained []string
	for i, id := range granted[:min(len(granted), maxExplained)] {
		sentence := names[i] + ": " + facts.published[id].Sentence
		if !slices.Contains(explained, sentence) {
			explained = append(explained, sentence)
		}
	}
	banner := page.PrivilegedGrantBanner(names, explained)
	return &banner
}
