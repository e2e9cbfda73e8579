package voxsim

import "slices"

// assignedRoles lists the roles of somebody with these direct ones. expanded adds child_ids, which the published
// example of a plain call does not have; that with_expanded_roles means just this is our reading.
func (x *invocation) assignedRoles(direct []int64, expanded bool) []roleView {
	views := []roleView{}
	for _, id := range x.assignedRoleIDs(direct) {
		views = append(views, x.assignedRole(id, slices.Contains(direct, id), expanded))
	}
	if x.variants.RoleList == RoleListDuplicated {
		for _, id := range direct {
			if slices.Contains(x.sim.roles.effective(minus(direct, []int64{id})), id) {
				views = append(views, x.assignedRole(id, false, expanded))
			}
		}
	}
	return ordered(x, views)
}

// assignedRole shows a role that somebody holds, given itself or only through another.
func (x *invocation) assignedRole(id int64, direct, expanded bool) roleView {
	view := x.roleView(x.sim.roles.byID[id], expanded)
	switch x.variants.Inherited {
	case InheritedByAssignment:
		view.Inherited = new(!direct)
	case InheritedByCatalogue:
		view.Inherited = new(len(view.ParentRoleID) > 0)
	}
	return view
}

// withoutRoleLinks takes away what roles say of their parents and children, where a variant has that in other lists
// only.
func (x *invocation) withoutRoleLinks(views []roleView) []roleView {
	if x.variants.RoleLinks == RoleLinksAssigned {
		for i := range views {
			views[i].ParentRoleID, views[i].ChildIDs = nil, nil
		}
	}
	return views
}

// assignedRoleIDs are the roles that a list of held ones shows.
func (x *invocation) assignedRoleIDs(direct []int64) []int64 {
	if x.variants.RoleList == RoleListDirect {
		return direct
	}
	ids := x.sim.roles.effective(direct)
	if x.variants.RoleList == RoleListLeaves {
		ids = slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return len(x.sim.roles.byID[id].children) > 0 })
	}
	return ids
}

// roleView shows a role without the flag inherited, which depends on who holds it.
func (x *invocation) roleView(r *role, expanded bool) roleView {
	view := roleView{
		RoleName:     r.name,
		RoleID:       x.sim.apiRoleID(r.id),
		ParentRoleID: x.sim.apiRoleIDs(r.parents),
		GUIOnly:      r.guiOnly,
		Extra:        x.variants.extra(),
	}
	if expanded {
		view.ChildIDs = x.sim.apiRoleIDs(r.children)
	}
	return view
}

// listedRoles are the roles of a row of a listing, nil when the row has no field for them.
func (x *invocation) listedRoles(direct []int64, withRoles bool) []roleView {
	if !withRoles || x.variants.WithRolesIgnored {
		return nil
	}
	if len(direct) == 0 && x.variants.EmptyRolesAbsent {
		return nil
	}
	return x.withoutRoleLinks(x.assignedRoles(direct, false))
}

func (x *invocation) subuserView(u *subuser, withRoles bool) subuserView {
	return subuserView{
		SubuserID:   u.id,
		SubuserName: u.login,
		Description: u.description,
		Roles:       x.listedRoles(u.roles, withRoles),
		Extra:       x.variants.extra(),
	}
}

func (x *invocation) keyView(k *key, withRoles bool) keyView {
	view := keyView{
		KeyID:       k.id,
		Description: k.description,
		KeyName:     k.name,
		Roles:       x.listedRoles(k.roles, withRoles),
		Extra:       x.variants.extra(),
	}
	owner, known := x.account.subusers[k.subuserID]
	if !known && x.variants.SubuserKeys == SubuserKeysUnchanged {
		owner, known = x.account.deletedSubusers[k.subuserID]
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
