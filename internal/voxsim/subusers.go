package voxsim

import "cmp"

// addSubuser is AddSubUser: the login is stored in lower case, at most one of role_id and role_name is given.
func addSubuser(x *exchange) (answer, *Refusal) {
	typed, refusal := x.required("new_subuser_name")
	if refusal != nil {
		return answer{}, refusal
	}
	password, given := x.params["new_subuser_password"]
	if !given {
		return answer{}, x.missing("new_subuser_password")
	}
	login, refusal := checkLogin(typed)
	if refusal != nil {
		return answer{}, refusal
	}
	if refusal := x.checkPassword(password); refusal != nil {
		return answer{}, refusal
	}
	roles, refusal := x.rolesGiven()
	if refusal != nil {
		return answer{}, refusal
	}
	if x.loginTaken(login) {
		return answer{}, refuse(codeLoginNotUnique)
	}
	if limit := x.variants.MaxSubusers; limit > 0 && len(x.account.subusers) >= limit {
		return answer{}, refuse(codeTooManySubusers)
	}
	u := &subuser{
		id:          x.account.nextSubuser,
		login:       login,
		password:    password,
		description: x.params["description"],
		roles:       roles,
	}
	x.account.addSubuser(u)
	x.entry.SubuserID = u.id
	x.entry.Effect = Effect{Created: true, Login: login, Description: new(u.description), RolesAdded: x.sim.shown(roles)}
	return x.answer(subuserID{SubuserID: u.id, Extra: x.variants.extra()}), nil
}

// loginTaken also holds for the login of a subuser deleted a short while ago, when a variant reserves it.
func (x *exchange) loginTaken(login string) bool {
	if _, taken := x.account.logins[login]; taken {
		return true
	}
	freed, deleted := x.account.freed[login]
	return deleted && x.now.Before(freed.Add(x.variants.LoginReserved))
}

// getSubusers is GetSubUsers: one by its id, or a page of all.
func getSubusers(x *exchange) (answer, *Refusal) {
	withRoles, refusal := x.flag("with_roles", false)
	if refusal != nil {
		return answer{}, refusal
	}
	ids := x.account.subuserOrder
	if _, given := x.params["subuser_id"]; given {
		u, refusal := x.subuser()
		switch {
		case refusal == nil:
			ids = []int64{u.id}
		case x.emptyInstead(refusal):
			ids = nil
		default:
			return answer{}, refusal
		}
	}
	shown, refusal := page(x, ids)
	if refusal != nil {
		return answer{}, refusal
	}
	rows := make([]subuserView, len(shown))
	for i, id := range shown {
		rows[i] = x.subuserView(x.account.subusers[id], withRoles)
	}
	return listing(x, rows, len(ids)), nil
}

// emptyInstead says whether a variant turns the refusal of an unknown id into an empty list.
func (x *exchange) emptyInstead(r *Refusal) bool {
	return x.variants.UnknownIDEmpty && (r.Code == codeInvalidSubuserID || r.Code == codeInvalidKeyID)
}

// setSubuserInfo is SetSubUserInfo: the description, the password, or both. A new password needs the present one.
func setSubuserInfo(x *exchange) (answer, *Refusal) {
	u, refusal := x.subuser()
	if refusal != nil {
		return answer{}, refusal
	}
	password, changesPassword := x.params["new_subuser_password"]
	if changesPassword {
		if refusal := x.checkNewPassword(u, password); refusal != nil {
			return answer{}, refusal
		}
		u.password = password
		x.entry.Effect.PasswordChanged = true
	}
	if text, given := x.params["description"]; given && text != u.description && !x.passesOver(text) {
		u.description = text
		x.entry.Effect.Description = &text
	}
	return x.done(), nil
}

// passesOver says whether a variant takes an empty text for none.
func (x *exchange) passesOver(text string) bool { return text == "" && x.variants.EmptyTextIgnored }

func (x *exchange) checkNewPassword(u *subuser, password string) *Refusal {
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

// delSubuser is DelSubUser. What becomes of its keys is a variant.
func delSubuser(x *exchange) (answer, *Refusal) {
	u, refusal := x.subuser()
	if refusal != nil {
		return answer{}, refusal
	}
	x.entry.Effect = Effect{Deleted: true, Login: u.login, RolesRemoved: x.sim.shown(u.roles)}
	for _, k := range x.account.keysOf(u.id) {
		switch x.variants.SubuserKeys {
		case SubuserKeysStay:
			k.subuserID = 0
		case SubuserKeysGo:
			x.account.removeKey(k.id)
			x.entry.Effect.KeysDeleted = append(x.entry.Effect.KeysDeleted, k.id)
		}
	}
	x.account.removeSubuser(u, x.now)
	return x.done(), nil
}
