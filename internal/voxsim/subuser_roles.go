package voxsim

import "slices"

// getSubuserRoles handles GetSubUserRoles.
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

// rolesOfUnknownPrincipal returns the response to a read of roles of an unknown principal.
func (x *invocation) rolesOfUnknownPrincipal(refusal *Refusal) (successBody, *Refusal) {
	if x.emptyForUnknownID(refusal) {
		return x.success([]roleView{}), nil
	}
	return successBody{}, refusal
}

// setSubuserRoles handles SetSubUserRoles, which adds to the current roles.
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

// removeSubuserRoles handles RemoveSubUserRoles. Without force it is refused if a key of the subuser has one of the
// roles directly; with force they are removed from the keys too.
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

// checkGrant refuses roles that are already direct roles, if a variant says so.
func (x *invocation) checkGrant(direct, roles []int64) *Refusal {
	if x.variants.RoleNoopRefused && len(intersect(direct, roles)) > 0 {
		return refuse(codeInvalidRoleSet)
	}
	return nil
}

// checkRevoke refuses roles that are only inherited and, depending on a variant, roles that the principal does not
// have.
func (x *invocation) checkRevoke(direct, roles []int64) *Refusal {
	for _, id := range minus(roles, direct) {
		inherited := slices.Contains(x.sim.roles.effective(direct), id)
		if inherited && !x.variants.RevokeInheritedOK || !inherited && x.variants.RoleNoopRefused {
			return refuse(codeInvalidRoleSet)
		}
	}
	return nil
}
