package drift

import (
	"slices"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
)

// roles compares the roles that somebody holds. settled are those of which our own acts have said the last word.
func (c *comparison) roles(id string, now holding, settled map[int64]bool) {
	before := c.next[id]
	if !now.RolesKnown {
		return
	}
	if !before.RolesKnown {
		before.Roles, before.RolesKnown = now.Roles, true
		c.next[id] = before
		return
	}
	next := before
	for _, roleID := range allRoles(before, now) {
		d := c.difference(before, now, roleID)
		r, held := now.find(roleID)
		k := key{target: id, what: d.what, role: roleID}
		switch {
		case d.what == "":
			next.follow(roleID, now)
		case c.explains(id, now, d, settled[roleID], c.known[k]):
			next.put(r, held)
		case c.mayExplain(id, now, roleID):
			c.doubts[k] = true
		default:
			c.find(
				id,
				Finding{
					What: d.what,
					Body: Body{Name: now.Name, Role: Role{ID: roleID, Name: d.name}, Besides: d.besides, holding: now},
				},
			)
		}
	}
	c.next[id] = next
}

// difference is how one role differs; what is empty when it does not.
type difference struct {
	what    What
	role    int64
	name    string
	besides bool // held through another role before and after
}

// difference compares one role. A contained role whose container is no longer expected is not expected either. Where a
// container is held before and after, only a vendor who has told that a role was assigned besides can be believed.
func (c *comparison) difference(before, now holding, id int64) difference {
	was, expected := before.find(id)
	is, held := now.find(id)
	through := c.within.through(before, id)
	d := difference{role: id, name: is.Name}
	switch {
	case held && is.Direct && !(expected && (was.Direct || through)):
		d.what = Granted
	case held && is.Told && expected && !was.Direct && through:
		d.what, d.besides = Granted, true
	case expected && was.Direct && !held:
		d.what, d.name = Revoked, was.Name
	case expected && was.Told && held && !is.Direct && c.within.through(now, id):
		d.what, d.besides = Revoked, true
	}
	return d
}

// follow takes over what a reading shows of a role where that makes no difference. A role that was assigned stays so
// when it is now held through another one too: a list need not tell the two apart.
func (h *holding) follow(id int64, now holding) {
	is, held := now.find(id)
	was, expected := h.find(id)
	if held && expected && was.Direct && !is.Direct {
		return
	}
	h.put(is, held)
}

// explains says whether an act of ours explains a difference. What an act brought along does so unless it was found
// before; what it asked for does so unless a reading has confirmed it, for then it is expected already.
func (c *comparison) explains(id string, now holding, d difference, settled, known bool) bool {
	return slices.ContainsFunc(c.acts.done, func(a act) bool {
		grant, revoke := a.changes(c.kind, id, now, c.ownersKnown)
		given, taken := c.within.closure(grant)[d.role], c.within.closure(revoke)[d.role]
		if d.what == Granted && slices.Contains(grant, d.role) || d.what == Revoked && slices.Contains(revoke, d.role) {
			return !settled
		}
		if known {
			return false
		}
		// A role that was held directly all along may come to light when one that contains it is taken away.
		return d.what == Granted && (given || taken && !slices.Contains(revoke, d.role)) || d.what == Revoked && taken
	})
}

// mayExplain says whether an act that is not over yet has to do with a role.
func (c *comparison) mayExplain(id string, now holding, roleID int64) bool {
	return slices.ContainsFunc(c.acts.doubtful, func(a act) bool {
		grant, revoke := a.changes(c.kind, id, now, c.ownersKnown)
		return c.within.closure(grant)[roleID] || c.within.closure(revoke)[roleID]
	})
}

// allRoles are the ids of the roles of either, ascending.
func allRoles(a, b holding) []int64 {
	var all []int64
	for _, r := range slices.Concat(a.Roles, b.Roles) {
		all = append(all, r.ID)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// nameIn is the name that an intent is about.
func nameIn(kind string, i operations.Intent) string {
	if kind == audit.SubuserTarget {
		return i.Login
	}
	return i.Name
}

// intentOf are texts as an intent has them.
func intentOf(t operations.Texts) operations.Intent {
	return operations.Intent{Name: t.Name, Description: t.Description}
}
