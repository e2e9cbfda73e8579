package drift

import (
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/operations"
)

// compareRoles compares the roles that somebody holds. settled are those of which our own acts have said the last word.
func (c *comparison) compareRoles(id string, now principal, confirmed map[int64]bool) {
	before := c.expected[id]
	if !now.RolesKnown {
		return
	}
	if !before.RolesKnown {
		before.Roles, before.RolesKnown = now.Roles, true
		c.expected[id] = before
		return
	}
	next := before
	for _, roleID := range unionRoleIDs(before, now) {
		d := c.compareRole(before, now, roleID)
		r, held := now.findRole(roleID)
		k := findingKey{target: id, findingType: d.findingType, role: roleID}
		switch {
		case d.findingType == "":
			next.followRole(roleID, now)
		case c.explains(id, now, d, confirmed[roleID], c.knownFindings[k]):
			next.setRole(r, held)
		case c.mayExplain(id, now, roleID):
			c.deferred[k] = true
		default:
			c.addFinding(
				id,
				Finding{
					Type: d.findingType,
					Details: Details{
						Name:          now.Name,
						Role:          Role{ID: roleID, Name: d.roleName},
						AlsoInherited: d.alsoInherited,
						principal:     now,
					},
				},
			)
		}
	}
	c.expected[id] = next
}

// roleDifference is how one role differs; what is empty when it does not.
type roleDifference struct {
	findingType   FindingType
	roleID        int64
	roleName      string
	alsoInherited bool // held through another role before and after
}

// roleDifference compares one role. A contained role whose container is no longer expected is not expected either.
// Where a container is held before and after, only a vendor who has told that a role was assigned besides can be
// believed.
func (c *comparison) compareRole(before, now principal, id int64) roleDifference {
	was, expected := before.findRole(id)
	is, held := now.findRole(id)
	through := c.closure.inherited(before, id)
	d := roleDifference{roleID: id, roleName: is.Name}
	switch {
	case held && is.Direct && !(expected && (was.Direct || through)):
		d.findingType = Granted
	case held && is.ReportedDirect && expected && !was.Direct && through:
		d.findingType, d.alsoInherited = Granted, true
	case expected && was.Direct && !held:
		d.findingType, d.roleName = Revoked, was.Name
	case expected && was.ReportedDirect && held && !is.Direct && c.closure.inherited(now, id):
		d.findingType, d.alsoInherited = Revoked, true
	}
	return d
}

// followRole takes over what a reading shows of a role where that makes no difference. A role that was assigned stays
// so when it is now held through another one too: a list need not tell the two apart.
func (p *principal) followRole(id int64, now principal) {
	is, held := now.findRole(id)
	was, expected := p.findRole(id)
	if held && expected && was.Direct && !is.Direct {
		return
	}
	p.setRole(is, held)
}

// explains says whether an act of ours explains a difference. What an act brought along does so unless it was found
// before; what it asked for does so unless a reading has confirmed it, for then it is expected already.
func (c *comparison) explains(id string, now principal, d roleDifference, confirmed, known bool) bool {
	return slices.ContainsFunc(c.operations.finished, func(a ownOperation) bool {
		grant, revoke := a.roleChanges(c.kind, id, now, c.ownersKnown)
		granted, revoked := c.closure.expand(grant)[d.roleID], c.closure.expand(revoke)[d.roleID]
		if d.findingType == Granted && slices.Contains(
			grant,
			d.roleID,
		) || d.findingType == Revoked && slices.Contains(revoke, d.roleID) {
			return !confirmed
		}
		if known {
			return false
		}
		// A role that was held directly all along may come to light when one that contains it is taken away.
		return d.findingType == Granted && (granted || revoked && !slices.Contains(
			revoke,
			d.roleID,
		)) || d.findingType == Revoked && revoked
	})
}

// mayExplain says whether an act that is not over yet has to do with a role.
func (c *comparison) mayExplain(id string, now principal, roleID int64) bool {
	return slices.ContainsFunc(c.operations.pending, func(a ownOperation) bool {
		grant, revoke := a.roleChanges(c.kind, id, now, c.ownersKnown)
		return c.closure.expand(grant)[roleID] || c.closure.expand(revoke)[roleID]
	})
}

// unionRoleIDs are the ids of the roles of either, ascending.
func unionRoleIDs(a, b principal) []int64 {
	var all []int64
	for _, r := range slices.Concat(a.Roles, b.Roles) {
		all = append(all, r.ID)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// intentName is the name that an intent is about.
func intentName(kind access.Kind, i operations.Intent) string {
	if kind == access.Subuser {
		return i.Login
	}
	return i.Name
}

// textsIntent are texts as an intent has them.
func textsIntent(t operations.Texts) operations.Intent {
	return operations.Intent{Name: t.Name, Description: t.Description}
}
