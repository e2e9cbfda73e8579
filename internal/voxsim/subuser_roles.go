package voxsim

import "slices"

// getSubuserRoles is GetSubUserRoles.
func getSubuserRoles(x *exchange) (answer, *Refusal) {
	expanded, refusal := x.flag("with_expanded_roles", false)
	if refusal != nil {
		return answer{}, refusal
	}
	u, refusal := x.subuser()
	if refusal != nil {
		return x.noRoles(refusal)
	}
	return x.answer(x.heldRoles(u.roles, expanded)), nil
}

// noRoles answers a read of roles whose holder is not there.
func (x *exchange) noRoles(refusal *Refusal) (answer, *Refusal) {
	if x.emptyInstead(refusal) {
		return x.answer([]roleView{}), nil
	}
	return answer{}, refusal
}

// setSubuserRoles is SetSubUserRoles, which adds to what is held.
func setSubuserRoles(x *exchange) (answer, *Refusal) {
	u, refusal := x.subuser()
	if refusal != nil {
		return answer{}, refusal
	}
	roles, refusal := x.rolesRequired()
	if refusal != nil {
		return answer{}, refusal
	}
	if refusal := x.mayAdd(u.roles, roles); refusal != nil {
		return answer{}, refusal
	}
	x.entry.Effect.RolesAdded = x.sim.shown(minus(roles, u.roles))
	u.roles = union(u.roles, roles)
	return x.done(), nil
}

// removeSubuserRoles is RemoveSubUserRoles. Without force it is refused when a key of the subuser holds, directly, any
// of the roles; with force the keys lose them too.
func removeSubuserRoles(x *exchange) (answer, *Refusal) {
	u, refusal := x.subuser()
	if refusal != nil {
		return answer{}, refusal
	}
	roles, refusal := x.rolesRequired()
	if refusal != nil {
		return answer{}, refusal
	}
	force, refusal := x.flag("force", false)
	if refusal != nil {
		return answer{}, refusal
	}
	if refusal := x.mayRemove(u.roles, roles); refusal != nil {
		return answer{}, refusal
	}
	stripped := make(map[string][]int64)
	for _, k := range x.account.keysOf(u.id) {
		if held := intersect(k.roles, roles); len(held) > 0 {
			stripped[k.id] = x.sim.shown(held)
		}
	}
	if len(stripped) > 0 && !force {
		return answer{}, refuse(codeKeysHoldRoles)
	}
	for id := range stripped {
		k := x.account.keys[id]
		k.roles = minus(k.roles, roles)
	}
	x.entry.Effect.RolesRemoved = x.sim.shown(intersect(u.roles, roles))
	x.entry.Effect.KeyRolesRemoved = stripped
	u.roles = minus(u.roles, roles)
	return x.done(), nil
}

// mayAdd refuses granting what is held directly, when a variant says so.
func (x *exchange) mayAdd(direct, roles []int64) *Refusal {
	if x.variants.RoleNoopRefused && len(intersect(direct, roles)) > 0 {
		return refuse(codeInvalidRoleSet)
	}
	return nil
}

// mayRemove refuses revoking a role that is held only through another one, which cannot be taken by itself, and
// depending on the variant one that is not held at all.
func (x *exchange) mayRemove(direct, roles []int64) *Refusal {
	for _, id := range minus(roles, direct) {
		inherited := slices.Contains(x.sim.roles.effective(direct), id)
		if inherited && !x.variants.RevokeInheritedOK || !inherited && x.variants.RoleNoopRefused {
			return refuse(codeInvalidRoleSet)
		}
	}
	return nil
}
