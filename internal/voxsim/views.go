package voxsim

import "slices"

// assignedRoles returns the roles of a principal with these direct roles. expanded adds child_ids, which the published
// example without with_expanded_roles lacks; that the parameter adds just these is inferred.
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

// assignedRole returns a direct or inherited role of a principal.
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

// withoutRoleLinks removes parents and children, if a variant sends them in other lists only.
func (x *invocation) withoutRoleLinks(views []roleView) []roleView {
	if x.variants.RoleLinks == RoleLinksAssigned {
		for i := range views {
			views[i].ParentRoleID, views[i].ChildIDs = nil, nil
		}
	}
	return views
}

// assignedRoleIDs returns the ids of the roles of a principal that are listed.
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

// roleView returns a role without the field inherited, which depends on the principal.
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

// listedRoles returns the roles of a row in a listing, or nil if the row has no such field.
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
