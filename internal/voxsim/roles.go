package voxsim

// getRoles handles GetRoles: the catalogue, or one group of it. An unknown group has no roles; the response of the
// service is not published. The field "inherited" is sent only with the variant that gives it a meaning in the
// catalogue.
func getRoles(x *invocation) (successBody, *Refusal) {
	group, filtered := x.params["group_name"]
	views := []roleView{}
	for i := range x.sim.roles.roles {
		r := &x.sim.roles.roles[i]
		if filtered && r.group != group {
			continue
		}
		view := x.roleView(r, true)
		if x.variants.Inherited == InheritedByCatalogue {
			inherited := len(r.parents) > 0
			view.Inherited = &inherited
		}
		views = append(views, view)
		if r.otherName != "" {
			view.RoleName = r.otherName
			views = append(views, view)
		}
	}
	return x.success(ordered(x, x.withoutRoleLinks(views))), nil
}

// getRoleGroups handles GetRoleGroups. No name or id of a group is published; these are sample data.
func getRoleGroups(x *invocation) (successBody, *Refusal) {
	views := []roleGroupView{}
	for i, name := range x.sim.roles.groups {
		views = append(views, roleGroupView{ID: i + 1, Name: name, Extra: x.variants.extra()})
	}
	return x.success(ordered(x, views)), nil
}
