package directory

import (
	"context"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// catalogueTimeout bounds one reading of the catalogue and its groups.
const catalogueTimeout = time.Minute

// Catalogue is the roles of an account, ordered by group and then as the vendor lists them.
type Catalogue struct {
	Roles       []access.Role
	Known       bool // false: not read yet, so that role forms are disabled
	AsOf        time.Time
	GroupsKnown bool       // false: the groups could not be read, and each role has the group ""
	LastError   *ReadError // of the newest attempt; nil when it succeeded; never nil while not Known

	index *roleIndex // nil in a Catalogue that was not read from the vendor
}

// Graph returns which roles contain which.
func (c Catalogue) Graph() access.RoleGraph {
	if c.index == nil {
		return access.NewRoleGraph(c.Roles)
	}
	return c.index.graph
}

// roleIndex returns what the catalogue reports about roles.
func (c Catalogue) roleIndex() roleIndex {
	if c.index == nil {
		return roleIndex{}
	}
	return *c.index
}

// ByID returns the role with this id.
func (c Catalogue) ByID(id int64) (access.Role, bool) {
	for _, r := range c.Roles {
		if r.ID == id {
			return r, true
		}
	}
	return access.Role{}, false
}

// Names returns the names of roles by id. The name of a role that the catalogue lacks is "role 14".
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

// Catalogue returns the roles from memory and starts reading them again when they are older than MaxAge. The first time
// it waits for them, at most ColdWait.
func (d *Directory) Catalogue(ctx context.Context, account int64) Catalogue {
	return d.account(account).currentCatalogue(ctx)
}

func (a *account) currentCatalogue(ctx context.Context) Catalogue {
	done := a.catalogueLoader.refreshIfStale()
	if a.catalogue.Load() == nil {
		// An error is that of the caller's context: then the result is not used.
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

// readCatalogue reads the roles and then their groups. The first time it publishes the roles before the groups are
// read, so that pages do not wait for them.
func (a *account) readCatalogue(ctx context.Context) error {
	asOf := a.directory.now()
	listed, err := a.directory.reader.GetRoles(ctx, a.id, "")
	if err != nil {
		return err
	}
	index := newRoleIndex(listed)
	c := Catalogue{Roles: index.convertRoles(listed), Known: true, AsOf: asOf, index: &index}
	a.catalogue.CompareAndSwap(nil, &c)
	groups, err := a.readGroups(ctx, listed)
	if err != nil {
		a.directory.logger.Info("role groups cannot be read", "error", err)
	}
	grouped := c
	grouped.GroupsKnown = len(groups) > 0
	grouped.Roles = assignGroups(c.Roles, groups)
	a.catalogue.Store(&grouped)
	return nil
}

// convertRoles returns the vendor's roles, each once and with all parents and children that any of them reports.
func (i roleIndex) convertRoles(listed []voxapi.Role) []access.Role {
	var roles []access.Role
	seen := access.RoleSet{}
	for _, r := range listed {
		if seen[r.ID] {
			continue
		}
		seen[r.ID] = true
		roles = append(roles, access.Role{
			ID:        r.ID,
			Name:      r.Name,
			GUIOnly:   r.GUIOnly,
			ParentIDs: i.graph.Parents(r.ID),
			ChildIDs:  i.graph.Children(r.ID),
		})
	}
	return roles
}
