package voxsim

// getKeyRoles is GetKeyRoles.
func getKeyRoles(x *exchange) (answer, *Refusal) {
	expanded, refusal := x.flag("with_expanded_roles", false)
	if refusal != nil {
		return answer{}, refusal
	}
	k, refusal := x.key()
	if refusal != nil {
		return x.noRoles(refusal)
	}
	return x.answer(x.heldRoles(k.roles, expanded)), nil
}

// setKeyRoles is SetKeyRoles. Whether it adds or replaces is a variant.
func setKeyRoles(x *exchange) (answer, *Refusal) {
	k, refusal := x.key()
	if refusal != nil {
		return answer{}, refusal
	}
	roles, refusal := x.rolesRequired()
	if refusal != nil {
		return answer{}, refusal
	}
	if refusal := x.mayGive(roles); refusal != nil {
		return answer{}, refusal
	}
	wanted := roles
	if !x.variants.SetKeyRolesReplaces {
		if refusal := x.mayAdd(k.roles, roles); refusal != nil {
			return answer{}, refusal
		}
		wanted = union(k.roles, roles)
	}
	x.entry.Effect.RolesAdded = x.sim.shown(minus(wanted, k.roles))
	x.entry.Effect.RolesRemoved = x.sim.shown(minus(k.roles, wanted))
	k.roles = wanted
	return x.done(), nil
}

// removeKeyRoles is RemoveKeyRoles.
func removeKeyRoles(x *exchange) (answer, *Refusal) {
	k, refusal := x.key()
	if refusal != nil {
		return answer{}, refusal
	}
	roles, refusal := x.rolesRequired()
	if refusal != nil {
		return answer{}, refusal
	}
	if refusal := x.mayRemove(k.roles, roles); refusal != nil {
		return answer{}, refusal
	}
	x.entry.Effect.RolesRemoved = x.sim.shown(intersect(k.roles, roles))
	k.roles = minus(k.roles, roles)
	return x.done(), nil
}
