package directory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// maxGroups bounds how many groups are read, with one call each.
const maxGroups = 50

// roleGroup is a group of the catalogue.
type roleGroup struct {
	name    string
	roleIDs []int64
}

// readGroups reads the role groups in the vendor's order. The contract does not document which role may read them. When
// any call fails, it returns an error and the catalogue has one group: some of the groups alone would be misleading.
func (a *account) readGroups(ctx context.Context, roles []voxapi.Role) ([]roleGroup, error) {
	listed, err := a.directory.reader.GetRoleGroups(ctx, a.id)
	if err != nil {
		return nil, fmt.Errorf("list role groups: %w", err)
	}
	if len(listed) > maxGroups {
		return nil, fmt.Errorf("too many role groups: %d, limit %d", len(listed), maxGroups)
	}
	groups := make([]roleGroup, 0, len(listed))
	groupsDiffer := len(listed) < 2
	for _, g := range listed {
		members, err := a.directory.reader.GetRoles(ctx, a.id, g.Name)
		if err != nil {
			return nil, fmt.Errorf("list the roles of a group: %w", err)
		}
		group := roleGroup{name: g.Name}
		for _, role := range members {
			group.roleIDs = append(group.roleIDs, role.ID)
		}
		groups = append(groups, group)
		groupsDiffer = groupsDiffer || len(members) != len(roles)
	}
	if !groupsDiffer {
		return nil, errors.New("every role group contains every role")
	}
	return groups, nil
}

// assignGroups returns the roles with their groups, ordered by group, roles without one last. A role in several groups
// gets the first.
func assignGroups(roles []access.Role, groups []roleGroup) []access.Role {
	place := map[int64]int{}
	for i := len(groups) - 1; i >= 0; i-- {
		for _, id := range groups[i].roleIDs {
			place[id] = i
		}
	}
	ordered := slices.Clone(roles)
	for i, role := range ordered {
		if at, found := place[role.ID]; found {
			ordered[i].Group = groups[at].name
		}
	}
	position := func(r access.Role) int {
		if at, found := place[r.ID]; found {
			return at
		}
		return len(groups)
	}
	slices.SortStableFunc(ordered, func(a, b access.Role) int { return cmp.Compare(position(a), position(b)) })
	return ordered
}
