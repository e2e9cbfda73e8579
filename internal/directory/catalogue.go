package directory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// catalogueTimeout bounds one reading of the catalogue and its groups.
const catalogueTimeout = time.Minute

// freshCatalogueTimeout bounds one reading of the roles for a change, which waits for it.
const freshCatalogueTimeout = 8 * time.Second

// Catalogue is the roles of an account, ordered by group and then as the vendor lists them.
type Catalogue struct {
	Roles       []access.Role
	Known       bool // false: not read yet, so that role forms are disabled
	AsOf        time.Time
	GroupsKnown bool       // false: the groups could not be read, and each role has the group ""
	LastError   *ReadError // of the newest attempt; nil when it succeeded; never nil while not Known

	index     *roleIndex    // nil in a Catalogue that was not read from the vendor
	positions map[int64]int // of Roles by id; nil in a Catalogue that was not read from the vendor
}

// Graph returns which roles contain which.
func (c Catalogue) Graph() access.RoleGraph {
	if c.index == nil {
		return access.NewRoleGraph(c.Roles)
	}
	return c.index.graph
}

// SameReading reports whether both catalogues are of the same reading from the vendor. What follows from the roles of
// one then follows from those of the other, except their groups and order.
func (c Catalogue) SameReading(other Catalogue) bool { return c.index != nil && c.index == other.index }

// roleIndex returns what the catalogue reports about roles.
func (c Catalogue) roleIndex() roleIndex {
	if c.index == nil {
		return roleIndex{}
	}
	return *c.index
}

// ByID returns the role with this id.
func (c Catalogue) ByID(id int64) (access.Role, bool) {
	if c.positions != nil {
		at, found := c.positions[id]
		if !found {
			return access.Role{}, false
		}
		return c.Roles[at], true
	}
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
		_ = await(ctx, a.directory.coldWait, done, nil)
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

// FreshCatalogue returns the roles as the vendor lists them now: of a reading that began at most maxAge ago. The groups
// are those known before, since nothing is decided by them. The catalogue is not Known, with LastError, when the roles
// cannot be read; one that is known from before is not used then.
func (d *Directory) FreshCatalogue(ctx context.Context, account int64, maxAge time.Duration) Catalogue {
	a := d.account(account)
	if known := a.catalogue.Load(); known != nil && maxAge > 0 {
		if age := d.now().Sub(known.AsOf); age >= 0 && age <= maxAge {
			return *known
		}
	}
	ctx, cancel := context.WithTimeout(ctx, freshCatalogueTimeout)
	defer cancel()
	c, _, err := a.readRoles(ctx)
	if err != nil {
		return Catalogue{LastError: d.newReadError("GetRoles", err)}
	}
	if known := a.catalogue.Load(); known != nil {
		c.setRoles(keepGroups(c.Roles, known.Roles))
		c.GroupsKnown = known.GroupsKnown
	}
	a.publishCatalogue(&c)
	return c
}

// keepGroups returns the roles with their groups of before, in the order of before; new ones last.
func keepGroups(roles, before []access.Role) []access.Role {
	kept, place := slices.Clone(roles), make(map[int64]int, len(before))
	for i, role := range before {
		place[role.ID] = i
	}
	position := func(r access.Role) int {
		if at, found := place[r.ID]; found {
			return at
		}
		return len(before)
	}
	for i := range kept {
		if at, found := place[kept[i].ID]; found {
			kept[i].Group = before[at].Group
		}
	}
	slices.SortStableFunc(kept, func(a, b access.Role) int { return cmp.Compare(position(a), position(b)) })
	return kept
}

// publishCatalogue makes a catalogue the current one, unless that one is of a later reading.
func (a *account) publishCatalogue(c *Catalogue) {
	for {
		known := a.catalogue.Load()
		if known != nil && known.AsOf.After(c.AsOf) || a.swapCatalogue(known, c) {
			return
		}
	}
}

// swapCatalogue replaces the catalogue if it is still the old one, nil for none.
func (a *account) swapCatalogue(old, fresh *Catalogue) (swapped bool) {
	swapped = a.catalogue.CompareAndSwap(old, fresh)
	if swapped && old == nil {
		close(a.rolesRead)
	}
	return swapped
}

// setRoles sets the roles, each of which occurs once.
func (c *Catalogue) setRoles(roles []access.Role) {
	c.Roles, c.positions = roles, make(map[int64]int, len(roles))
	for at, role := range roles {
		c.positions[role.ID] = at
	}
}

// readRoles reads the roles without their groups.
func (a *account) readRoles(ctx context.Context) (c Catalogue, listed []voxapi.Role, err error) {
	asOf := a.directory.now()
	if listed, err = a.directory.reader.GetRoles(ctx, a.id, ""); err != nil {
		return Catalogue{}, nil, err
	}
	index := newRoleIndex(listed)
	c = Catalogue{Known: true, AsOf: asOf, index: &index}
	c.setRoles(index.convertRoles(listed))
	return c, listed, nil
}

// readCatalogue reads the roles and then their groups. The first time it publishes the roles before the groups are
// read, so that pages do not wait for them.
func (a *account) readCatalogue(ctx context.Context) error {
	c, listed, err := a.readRoles(ctx)
	if err != nil {
		return err
	}
	a.swapCatalogue(nil, &c)
	groups, err := a.readGroups(ctx, listed)
	if err != nil {
		a.directory.logger.Info("role groups cannot be read", "error", err)
	}
	grouped := c
	grouped.GroupsKnown = len(groups) > 0
	grouped.setRoles(assignGroups(c.Roles, groups))
	a.publishCatalogue(&grouped)
	return nil
}

// convertRoles returns the vendor's roles, each once and with all names, parents and children that any row reports.
func (i roleIndex) convertRoles(listed []voxapi.Role) []access.Role {
	var roles []access.Role
	seen := access.RoleSet{}
	for _, r := range listed {
		if seen[r.ID] {
			continue
		}
		seen[r.ID] = true
		roles = append(roles, access.Role{
			ID:         r.ID,
			Name:       i.names[r.ID],
			OtherNames: i.otherNames[r.ID],
			GUIOnly:    r.GUIOnly,
			ParentIDs:  i.graph.Parents(r.ID),
			ChildIDs:   i.graph.Children(r.ID),
		})
	}
	return roles
}
