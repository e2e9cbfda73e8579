package voxsim

// getKeyRoles handles GetKeyRoles.
func getKeyRoles(x *invocation) (successBody, *Refusal) {
	expanded, refusal := x.flag("with_expanded_roles", false)
	if refusal != nil {
		return successBody{}, refusal
	}
	k, refusal := x.key()
	if refusal != nil {
		return x.rolesOfUnknownPrincipal(refusal)
	}
	return x.success(x.assignedRoles(k.roles, expanded)), nil
}

// setKeyRoles handles SetKeyRoles. Whether it adds or replaces is a variant.
func setKeyRoles(x *invocation) (successBody, *Refusal) {
	k, refusal := x.key()
	if refusal != nil {
		return successBody{}, refusal
	}
	roles, refusal := x.requiredRoles()
	if refusal != nil {
		return successBody{}, refusal
	}
	if refusal := x.checkGrantByCaller(roles); refusal != nil {
		return successBody{}, refusal
	}
	wanted := roles
	if !x.variants.SetKeyRolesReplaces {
		if refusal := x.checkGrant(k.roles, roles); refusal != nil {
			return successBody{}, refusal
		}
		wanted = union(k.roles, roles)
	}
	x.ledgerEntry.Effect.RolesAdded = x.sim.apiRoleIDs(minus(wanted, k.roles))
	x.ledgerEntry.Effect.RolesRemoved = x.sim.apiRoleIDs(minus(k.roles, wanted))
	k.roles = wanted
	return x.done(), nil
}

// removeKeyRoles handles RemoveKeyRoles.
func removeKeyRoles(x *invocation) (successBody, *Refusal) {
	k, refusal := x.key()
	if refusal != nil {
		return successBody{}, refusal
	}
	roles, refusal := x.requiredRoles()
	if refusal != nil {
		return successBody{}, refusal
	}
	if refusal := x.checkRevoke(k.roles, roles); refusal != nil {
		return successBody{}, refusal
	}
	x.ledgerEntry.Effect.RolesRemoved = x.sim.apiRoleIDs(intersect(k.roles, roles))
	k.roles = minus(k.roles, roles)
	return x.done(), nil
}
