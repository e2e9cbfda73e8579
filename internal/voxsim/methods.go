package voxsim

import (
	"maps"
	"slices"
	"strings"
)

// method is one API method: who may call it, whether it changes anything, which parameters it documents, and what it
// does. A run that refuses has changed nothing; one that succeeds has filled the exchange's entry with what it changed.
type method struct {
	access access
	writes bool
	takes  string // names of parameters, with spaces between
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
		"CreateKey":      {access: anyKey, writes: true, takes: "description key_name role_id role_name", run: createKey},
		"GetKeys":        {access: anyKey, takes: "key_id with_roles offset count", run: getKeys},
		"UpdateKey":      {access: anyKey, writes: true, takes: "key_id description key_name", run: updateKey},
		"DeleteKey":      {access: anyKey, writes: true, takes: "key_id", run: deleteKey},
		"SetKeyRoles":    {access: anyKey, writes: true, takes: "key_id role_id role_name", run: setKeyRoles},
		"GetKeyRoles":    {access: anyKey, takes: "key_id with_expanded_roles", run: getKeyRoles},
		"RemoveKeyRoles": {access: anyKey, writes: true, takes: "key_id role_id role_name", run: removeKeyRoles},

		"AddSubUser": {
			access: ownerOnly,
			writes: true,
			takes:  "new_subuser_name new_subuser_password role_id role_name description",
			run:    addSubuser,
		},
		"GetSubUsers": {access: ownerOnly, takes: "subuser_id with_roles offset count", run: getSubusers},
		"SetSubUserInfo": {
			access: anyKey,
			writes: true,
			takes:  "subuser_id old_subuser_password new_subuser_password description",
			run:    setSubuserInfo,
		},
		"DelSubUser":      {access: ownerOnly, writes: true, takes: "subuser_id", run: delSubuser},
		"SetSubUserRoles": {access: ownerOnly, writes: true, takes: "subuser_id role_id role_name", run: setSubuserRoles},
		"GetSubUserRoles": {access: ownerOnly, takes: "subuser_id with_expanded_roles", run: getSubuserRoles},
		"RemoveSubUserRoles": {
			access: ownerOnly,
			writes: true,
			takes:  "subuser_id role_id role_name force",
			run:    removeSubuserRoles,
		},

		"GetRoles":       {access: anyKey, takes: "group_name", run: getRoles},
		"GetRoleGroups":  {access: someRole, run: getRoleGroups},
		"GetAccountInfo": {access: anyKey, takes: "return_live_balance", run: getAccountInfo},
		"GetAuditLog": {
			access: ownerOnly,
			takes: "from_date to_date timezone audit_log_id filtered_admin_user_id filtered_ip filtered_cmd advanced_filters " +
				"desc_order with_total_count count offset is_async with_header decimal_separator",
			run: getAuditLog,
		},
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

// unheardOf finds a parameter that neither the method documents nor every method takes. Whether the service passes over
// such a one is not published; refusing it finds the client's misspelling of an optional one, which would otherwise
// count as not given.
func (m method) unheardOf(p params) (string, bool) {
	known := append(strings.Fields(m.takes), "cmd", "account_id", "output")
	for _, name := range slices.Sorted(maps.Keys(p)) {
		if !slices.Contains(known, name) {
			return name, true
		}
	}
	return "", false
}
