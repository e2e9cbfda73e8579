package voxsim

import "slices"

// getSubuserRoles is GetSubUserRoles.
func getSubuserRoles(x *invocation) (successBody, *Refusal) {
	expanded, refusal := x.flag("with_expanded_roles", false)
	if refusal != nil {
		return successBody{}, refusal
	}
	u, refusal := x.subuser()
	if refusal != nil {
		return x.rolesOfUnknownPrincipal(refusal)
	}
	return x.success(x.assignedRoles(u.roles, expanded)), nil
}

// rolesOfUnknownPrincipal answers a read of roles whose holder is not there.
func (x *invocation) rolesOfUnknownPrincipal(refusal *Refusal) (successBody, *Refusal) {
	if x.emptyForUnknownID(refusal) {
		return x.success([]roleView{}), nil
	}
	return successBody{}, refusal
}

// setSubuserRoles is SetSubUserRoles, which adds to what is held.
func setSubuserRoles(x *invocation) (successBody, *Refusal) {
	u, refusal := x.subuser()
	if refusal != nil {
		return successBody{}, refusal
	}
	roles, refusal := x.requiredRoles()
	if refusal != nil {
		return successBody{}, refusal
	}
	if refusal := x.checkGrant(u.roles, roles); refusal != nil {
		return successBody{}, refusal
	}
	x.ledgerEntry.Effect.RolesAdded = x.sim.apiRoleIDs(minus(roles, u.roles))
	u.roles = union(u.roles, roles)
	return x.done(), nil
}

// removeSubuserRoles is RemoveSubUserRoles. Without force it is refused when a key of the subuser holds, directly, any
// of the roles; with force the keys lose them too.
func removeSubuserRoles(x *invocation) (successBody, *Refusal) {
	u, refusal := x.subuser()
	if refusal != nil {
		return successBody{}, refusal
	}
	roles, refusal := x.requiredRoles()
	if refusal != nil {
		return successBody{}, refusal
	}
	force, refusal := x.flag("force", false)
	if refusal != nil {
		return successBody{}, refusal
	}
	if refusal := x.checkRevoke(u.roles, roles); refusal != nil {
		return successBody{}, refusal
	}
	removedFromKeys := make(map[string][]int64)
	for _, k := range x.account.keysOfSubuser(u.id) {
		if assigned := intersect(k.roles, roles); len(assigned) > 0 {
			removedFromKeys[k.id] = x.sim.apiRoleIDs(assigned)
		}
	}
	if len(removedFromKeys) > 0 && !force {
		return successBody{}, refuse(codeKeysHaveRoles)
	}
	for id := range removedFromKeys {
		k := x.account.keys[id]
		k.roles = minus(k.roles, roles)
	}
	x.ledgerEntry.Effect.RolesRemoved = x.sim.apiRoleIDs(intersect(u.roles, roles))
	x.ledgerEntry.Effect.KeyRolesRemoved = removedFromKeys
	u.roles = minus(u.roles, roles)
	return x.done(), nil
}

// checkGrant refuses granting what is held directly, when a variant says so.
func (x *invocation) checkGrant(direct, roles []int64) *Refusal {
	if x.variants.RoleNoopRefused && len(intersect(direct, roles)) > 0 {
		return refuse(codeInvalidRoleSet)
	}
	return nil
}

// checkRevoke refuses revoking a role that is held only through another one, which cannot be taken by itself, and
// depending on the variant one that is not held at all.
func (x *invocation) checkRevoke(direct, roles []int64) *Refusal {
	for _, id := range minus(roles, direct) {
		inherited := slices.Contains(x.sim.roles.effective(direct), id)
		if inherited && !x.variants.RevokeInheritedOK || !inherited && x.variants.RoleNoopRefused {
			return refuse(codeInvalidRoleSet)
		}
	}
	return nil
}
