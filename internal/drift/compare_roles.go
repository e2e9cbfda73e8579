package drift

import (
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/operations"
)

// compareRoles compares the roles of a principal. confirmed are the roles that the last own operation on them,
// confirmed by reading, has set.
func (c *comparison) compareRoles(now principal, confirmed access.RoleSet) {
	before := c.expected[now.Ref]
	if !now.RolesKnown {
		return
	}
	if !before.RolesKnown {
		before.Roles, before.RolesKnown = now.Roles, true
		c.expected[now.Ref] = before
		return
	}
	if slices.Equal(before.Roles, now.Roles) {
		return
	}
	next := before
	for _, roleID := range unionRoleIDs(before, now) {
		d := c.compareRole(before, now, roleID)
		r, assigned := now.findRole(roleID)
		k := findingKey{target: now.Ref, findingType: d.findingType, role: roleID}
		switch {
		case d.findingType == "":
			next.followRole(roleID, now)
		case c.explains(now, d, confirmed[roleID], c.knownFindings[k]):
			next.setRole(r, assigned)
		case c.mayExplain(now, roleID):
			c.deferred[k] = true
		default:
			role := operations.RoleRef{ID: roleID, Name: d.roleName}
			c.addFinding(d.findingType, now, Details{Role: role, AlsoInherited: d.alsoInherited})
		}
	}
	c.expected[now.Ref] = next
}

// roleDifference is the difference of one role; findingType is "" when there is none.
type roleDifference struct {
	findingType   FindingType
	roleID        int64
	roleName      string
	alsoInherited bool // the role is inherited before and after
}

// compareRole compares one role. A contained role is expected only while a role that contains it is. When the principal
// has a containing role before and after, the vendor's word on the contained one counts only if this vendor is known to
// separate direct from inherited roles.
func (c *comparison) compareRole(before, now principal, id int64) roleDifference {
	was, expected := before.findRole(id)
	is, assigned := now.findRole(id)
	inherited := c.closure.inherited(before, id)
	d := roleDifference{roleID: id, roleName: is.Name}
	switch {
	case assigned && is.Direct && !(expected && (was.Direct || inherited)):
		d.findingType = Granted
	case assigned && is.ReportedDirect && expected && !was.Direct && inherited:
		d.findingType, d.alsoInherited = Granted, true
	case expected && was.Direct && !assigned:
		d.findingType, d.roleName = Revoked, was.Name
	case expected && was.ReportedDirect && assigned && !is.Direct && c.closure.inherited(now, id):
		d.findingType, d.alsoInherited = Revoked, true
	}
	return d
}

// followRole takes over a role from a listing that makes no difference. A direct role stays direct when it is now
// inherited too, because a listing need not separate the two.
func (p *principal) followRole(id int64, now principal) {
	is, assigned := now.findRole(id)
	was, expected := p.findRole(id)
	if assigned && expected && was.Direct && !is.Direct {
		return
	}
	p.setRole(is, assigned)
}

// explains reports whether a finished own operation explains a difference. A role that the operation was to change is
// explained unless a reading confirmed it, because the expected state then includes it. A role that changed along with
// it is explained unless it is a known finding.
func (c *comparison) explains(now principal, d roleDifference, confirmed, known bool) bool {
	return slices.ContainsFunc(c.operations.finished, func(o ownOperation) bool {
		grant, revoke := o.roleChanges(now, c.ownersKnown)
		granted, revoked := slices.Contains(grant, d.roleID), slices.Contains(revoke, d.roleID)
		if d.findingType == Granted && granted || d.findingType == Revoked && revoked {
			return !confirmed
		}
		if known {
			return false
		}
		// When a containing role is revoked, the listing may show a contained one that was direct all the time.
		broughtAlong := c.closure.expand(grant)[d.roleID] || c.closure.expand(revoke)[d.roleID] && !revoked
		return d.findingType == Granted && broughtAlong || d.findingType == Revoked && c.closure.expand(revoke)[d.roleID]
	})
}

// mayExplain reports whether a pending own operation may change a role.
func (c *comparison) mayExplain(now principal, roleID int64) bool {
	return slices.ContainsFunc(c.operations.pending, func(o ownOperation) bool {
		grant, revoke := o.roleChanges(now, c.ownersKnown)
		return c.closure.expand(slices.Concat(grant, revoke))[roleID]
	})
}

// unionRoleIDs returns the ids of the roles of both, in ascending order.
func unionRoleIDs(a, b principal) []int64 {
	ids := access.RoleSet{}
	for _, r := range slices.Concat(a.Roles, b.Roles) {
		ids[r.ID] = true
	}
	return ids.Sorted()
}

// intentName returns the name of the principal in an intent.
func intentName(kind access.Kind, i operations.Intent) string {
	if kind == access.Subuser {
		return i.Login
	}
	return i.Name
}

// textsIntent returns an intent with these texts.
func textsIntent(t operations.Texts) operations.Intent {
	return operations.Intent{Name: t.Name, Description: t.Description}
}
