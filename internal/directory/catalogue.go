package directory

import (
	"context"
	"slices"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// catalogueTimeout bounds one reading of the catalogue, groups and all.
const catalogueTimeout = time.Minute

// Role is a role of the vendor's catalogue.
type Role = access.Role

// Catalogue is the account's roles, ordered by group and then as the vendor lists them.
type Catalogue struct {
	Roles       []Role
	Known       bool // false: nothing was ever read; role forms are disabled
	AsOf        time.Time
	GroupsKnown bool       // false: the groups could not be read, so there is just one
	LastError   *ReadError // why the newest attempt failed, nil if it did not; never nil while not Known

	graph roleGraph
}

// ByID returns the role with this id.
func (c Catalogue) ByID(id int64) (Role, bool) {
	for _, r := range c.Roles {
		if r.ID == id {
			return r, true
		}
	}
	return Role{}, false
}

// Names returns the names of roles by id; one that the catalogue lacks is called by its number, "role 14".
func (c Catalogue) Names(ids []int64) []string {
	names := make([]string, 0, len(ids))
	for _, id := range ids {
		names = append(names, c.name(id))
	}
	return names
}

func (c Catalogue) name(id int64) string {
	if role, found := c.ByID(id); found && role.Name != "" {
		return role.Name
	}
	return fallbackRoleName(id)
}

// Catalogue answers the account's roles from memory. They are read again behind it when older than MaxAge; the
// first time it waits for them, for at most ColdWait.
func (d *Directory) Catalogue(ctx context.Context, account int64) Catalogue {
	return d.account(account).currentCatalogue(ctx)
}

func (a *account) currentCatalogue(ctx context.Context) Catalogue {
	done := a.catalogueLoader.refreshIfStale()
	if a.catalogue.Load() == nil {
		// A caller who went away gets what there is, like everybody else.
		_ = await(ctx, done, a.directory.coldWait)
	}
	_, lastError := a.catalogueLoader.state()
	if known := a.catalogue.Load(); known != nil {
		c := *known
		c.LastError = lastError
		return c
	}
	if lastError == nil {
		lastError = &ReadError{
			Kind:   Slow,
			Method: "GetRoles",
			Advice: "The roles are still being read. Load the page again in a moment.",
			At:     a.directory.now(),
		}
	}
	return Catalogue{LastError: lastError}
}

// readCatalogue reads the roles and then their groups. Roles without groups are of use, so the first time they
// are shown before the groups have come.
func (a *account) readCatalogue(ctx context.Context) error {
	asOf := a.directory.now()
	listed, err := a.directory.reader.GetRoles(ctx, a.id, "")
	if err != nil {
		return err
	}
	c := Catalogue{Roles: convertRoles(listed), Known: true, AsOf: asOf, graph: newRoleGraph(listed)}
	a.catalogue.CompareAndSwap(nil, &c)
	groups, err := a.readGroups(ctx, listed)
	if err != nil {
		a.directory.logger.Info("role groups are not known", "reason", err)
	}
	grouped := c
	grouped.GroupsKnown = len(groups) > 0
	grouped.Roles = assignGroups(c.Roles, groups)
	a.catalogue.Store(&grouped)
	return nil
}

// convertRoles turns the client's roles into ours, each with all parents and children that any of them tells.
func convertRoles(listed []voxapi.Role) []Role {
	parents := newRoleGraph(listed).parents
	children := map[int64][]int64{}
	for id, above := range parents {
		for _, parent := range above {
			children[parent] = append(children[parent], id)
		}
	}
	var roles []Role
	seen := map[int64]bool{}
	for _, r := range listed {
		if seen[r.ID] {
			continue
		}
		seen[r.ID] = true
		roles = append(roles, Role{
			ID: r.ID, Name: r.Name, GUIOnly: r.GUIOnly,
			ParentIDs: slices.Sorted(slices.Values(parents[r.ID])),
			ChildIDs:  slices.Sorted(slices.Values(children[r.ID])),
		})
	}
	return roles
}
