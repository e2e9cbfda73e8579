package voxsim

import "slices"

// heldRoles lists the roles of somebody with these direct ones. expanded adds child_ids, which the published example of
// a plain call does not have; that with_expanded_roles means just this is our reading.
func (x *exchange) heldRoles(direct []int64, expanded bool) []roleView {
	views := []roleView{}
	for _, id := range x.heldIDs(direct) {
		views = append(views, x.heldRole(id, slices.Contains(direct, id), expanded))
	}
	if x.variants.Held == HeldTwice {
		for _, id := range direct {
			if slices.Contains(x.sim.roles.effective(minus(direct, []int64{id})), id) {
				views = append(views, x.heldRole(id, false, expanded))
			}
		}
	}
	return ordered(x, views)
}

// heldRole shows a role that somebody holds, given itself or only through another.
func (x *exchange) heldRole(id int64, given, expanded bool) roleView {
	view := x.roleView(x.sim.roles.byID[id], expanded)
	switch x.variants.Inherited {
	case InheritedByAssignment:
		view.Inherited = new(!given)
	case InheritedByCatalogue:
		view.Inherited = new(len(view.ParentRoleID) > 0)
	}
	return view
}

// unlinked takes away what roles say of their parents and children, where a variant has that in other lists only.
func (x *exchange) unlinked(views []roleView) []roleView {
	if x.variants.RoleLinks == RoleLinksHeld {
		for i := range views {
			views[i].ParentRoleID, views[i].ChildIDs = nil, nil
		}
	}
	return views
}

// heldIDs are the roles that a list of held ones shows.
func (x *exchange) heldIDs(direct []int64) []int64 {
	if x.variants.Held == HeldDirect {
		return direct
	}
	held := x.sim.roles.effective(direct)
	if x.variants.Held == HeldLeaves {
		held = slices.DeleteFunc(slices.Clone(held), func(id int64) bool { return len(x.sim.roles.byID[id].children) > 0 })
	}
	return held
}

// roleView shows a role without the flag inherited, which depends on who holds it.
func (x *exchange) roleView(r *role, expanded bool) roleView {
	view := roleView{
		RoleName:     r.name,
		RoleID:       x.sim.shownID(r.id),
		ParentRoleID: x.sim.shown(r.parents),
		GUIOnly:      r.guiOnly,
		Extra:        x.variants.extra(),
	}
	if expanded {
		view.ChildIDs = x.sim.shown(r.children)
	}
	return view
}

// listedRoles are the roles of a row of a listing, nil when the row has no field for them.
func (x *exchange) listedRoles(direct []int64, wanted bool) []roleView {
	if !wanted || x.variants.WithRolesIgnored {
		return nil
	}
	if len(direct) == 0 && x.variants.EmptyRolesAbsent {
		return nil
	}
	return x.unlinked(x.heldRoles(direct, false))
}

func (x *exchange) subuserView(u *subuser, withRoles bool) subuserView {
	return subuserView{
		SubuserID:   u.id,
		SubuserName: u.login,
		Description: u.description,
		Roles:       x.listedRoles(u.roles, withRoles),
		Extra:       x.variants.extra(),
	}
}

func (x *exchange) keyView(k *key, withRoles bool) keyView {
	view := keyView{
		KeyID:       k.id,
		Description: k.description,
		KeyName:     k.name,
		Roles:       x.listedRoles(k.roles, withRoles),
		Extra:       x.variants.extra(),
	}
	owner, known := x.account.subusers[k.subuserID]
	if !known && x.variants.SubuserKeys == SubuserKeysNamed {
		owner, known = x.account.former[k.subuserID]
	}
	if !known {
		return view
	}
	switch x.variants.KeySubuser {
	case KeySubuserArray:
		view.Subuser = []subuserView{x.subuserView(owner, false)}
	case KeySubuserObject:
		view.Subuser = x.subuserView(owner, false)
	}
	return view
}
