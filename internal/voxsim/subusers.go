package voxsim

import "cmp"

// addSubuser handles AddSubUser. The login is stored in lower case.
func addSubuser(x *invocation) (successBody, *Refusal) {
	rawLogin, refusal := x.required("new_subuser_name")
	if refusal != nil {
		return successBody{}, refusal
	}
	password, given := x.params["new_subuser_password"]
	if !given {
		return successBody{}, x.missing("new_subuser_password")
	}
	login, refusal := checkLogin(rawLogin)
	if refusal != nil {
		return successBody{}, refusal
	}
	if refusal := x.checkPassword(password); refusal != nil {
		return successBody{}, refusal
	}
	roles, refusal := x.optionalRoles()
	if refusal != nil {
		return successBody{}, refusal
	}
	if x.loginTaken(login) {
		return successBody{}, refuse(codeLoginNotUnique)
	}
	if limit := x.variants.MaxSubusers; limit > 0 && len(x.account.subusers) >= limit {
		return successBody{}, refuse(codeTooManySubusers)
	}
	u := &subuser{
		id:          x.account.nextSubuser,
		login:       login,
		password:    password,
		description: x.params["description"],
		roles:       roles,
	}
	x.account.addSubuser(u)
	x.ledgerEntry.SubuserID = u.id
	x.ledgerEntry.Effect = Effect{
		Created:     true,
		Login:       login,
		Description: new(u.description),
		RolesAdded:  x.sim.apiRoleIDs(roles),
	}
	return x.success(subuserIDResult{SubuserID: u.id, Extra: x.variants.extra()}), nil
}

// loginTaken reports whether a login is in use, or reserved by a variant after the deletion of its subuser.
func (x *invocation) loginTaken(login string) bool {
	if _, taken := x.account.logins[login]; taken {
		return true
	}
	freed, deleted := x.account.deletedLogins[login]
	return deleted && x.now.Before(freed.Add(x.variants.LoginReserved))
}

// getSubusers handles GetSubUsers: one subuser by its id, or a page of all.
func getSubusers(x *invocation) (successBody, *Refusal) {
	subuserID := func() (int64, *Refusal) {
		u, refusal := x.subuser()
		if refusal != nil {
			return 0, refusal
		}
		return u.id, nil
	}
	return list(x, x.account.subuserOrder, "subuser_id", subuserID, func(id int64, withRoles bool) subuserView {
		return x.subuserView(x.account.subusers[id], withRoles)
	})
}

// emptyForUnknownID reports whether a variant returns an empty list instead of this refusal of an unknown id.
func (x *invocation) emptyForUnknownID(r *Refusal) bool {
	return x.variants.UnknownIDEmpty && (r.Code == codeInvalidSubuserID || r.Code == codeInvalidKeyID)
}

// setSubuserInfo handles SetSubUserInfo: the description, the password, or both. A new password requires the current
// one.
func setSubuserInfo(x *invocation) (successBody, *Refusal) {
	u, refusal := x.subuser()
	if refusal != nil {
		return successBody{}, refusal
	}
	password, changesPassword := x.params["new_subuser_password"]
	if changesPassword {
		if refusal := x.checkNewPassword(u, password); refusal != nil {
			return successBody{}, refusal
		}
		u.password = password
		x.ledgerEntry.Effect.PasswordChanged = true
	}
	if text, given := x.params["description"]; given && text != u.description && !x.ignoresEmptyText(text) {
		u.description = text
		x.ledgerEntry.Effect.Description = &text
	}
	return x.done(), nil
}

// ignoresEmptyText reports whether a variant ignores this text because it is empty.
func (x *invocation) ignoresEmptyText(text string) bool {
	return text == "" && x.variants.EmptyTextIgnored
}

func (x *invocation) checkNewPassword(u *subuser, password string) *Refusal {
	switch x.params["old_subuser_password"] {
	case "":
		return refuse(codeCurrentPassword)
	case u.password:
	default:
		return refuse(cmp.Or(x.variants.WrongOldPasswordCode, codeInvalidParameter), "old_subuser_password")
	}
	if refusal := x.checkPassword(password); refusal != nil {
		return refusal
	}
	if password == u.password {
		return refuse(codePasswordUsed)
	}
	return nil
}

// delSubuser handles DelSubUser. What happens to the keys of the subuser is a variant.
func delSubuser(x *invocation) (successBody, *Refusal) {
	u, refusal := x.subuser()
	if refusal != nil {
		return successBody{}, refusal
	}
	x.ledgerEntry.Effect = Effect{Deleted: true, Login: u.login, RolesRemoved: x.sim.apiRoleIDs(u.roles)}
	for _, k := range x.account.keysOfSubuser(u.id) {
		switch x.variants.SubuserKeys {
		case SubuserKeysUnassigned:
			k.subuserID = 0
		case SubuserKeysDeleted:
			x.account.removeKey(k.id)
			x.ledgerEntry.Effect.KeysDeleted = append(x.ledgerEntry.Effect.KeysDeleted, k.id)
		}
	}
	x.account.removeSubuser(u, x.now)
	return x.done(), nil
}
