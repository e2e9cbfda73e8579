package voxsim

import "slices"

// method is one API method: who may call it, whether it changes anything, and what it does. A run that refuses has
// changed nothing; one that succeeds has filled the exchange's entry with what it changed.
type method struct {
	access access
	writes bool
	run    func(*exchange) (answer, *Refusal)
}

// access says which roles a key needs for a method.
type access int

const (
	anyKey    access = iota // also one without roles
	someRole                // any role at all, unless a variant opens it
	ownerOnly               // the role Owner
)

// apiMethods is the whole API that is simulated. Access is from the vendor's list of methods for keys without roles and
// from the "Allowed roles" of each method's page; of GetRoleGroups neither speaks.
func apiMethods() map[string]method {
	return map[string]method{
		"CreateKey":      {access: anyKey, writes: true, run: createKey},
		"GetKeys":        {access: anyKey, run: getKeys},
		"UpdateKey":      {access: anyKey, writes: true, run: updateKey},
		"DeleteKey":      {access: anyKey, writes: true, run: deleteKey},
		"SetKeyRoles":    {access: anyKey, writes: true, run: setKeyRoles},
		"GetKeyRoles":    {access: anyKey, run: getKeyRoles},
		"RemoveKeyRoles": {access: anyKey, writes: true, run: removeKeyRoles},

		"AddSubUser":         {access: ownerOnly, writes: true, run: addSubuser},
		"GetSubUsers":        {access: ownerOnly, run: getSubusers},
		"SetSubUserInfo":     {access: anyKey, writes: true, run: setSubuserInfo},
		"DelSubUser":         {access: ownerOnly, writes: true, run: delSubuser},
		"SetSubUserRoles":    {access: ownerOnly, writes: true, run: setSubuserRoles},
		"GetSubUserRoles":    {access: ownerOnly, run: getSubuserRoles},
		"RemoveSubUserRoles": {access: ownerOnly, writes: true, run: removeSubuserRoles},

		"GetRoles":       {access: anyKey, run: getRoles},
		"GetRoleGroups":  {access: someRole, run: getRoleGroups},
		"GetAccountInfo": {access: anyKey, run: getAccountInfo},
		"GetAuditLog":    {access: ownerOnly, run: getAuditLog},
	}
}

// mayCall looks up the caller's roles, because a token carries none. The lock must be held.
func (s *Sim) mayCall(caller *key, m method) bool {
	switch m.access {
	case ownerOnly:
		return slices.Contains(s.roles.effective(caller.roles), roleOwner)
	case someRole:
		return len(caller.roles) > 0 || s.variants.RoleGroupsOpen
	}
	return true
}
