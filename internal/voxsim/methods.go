package voxsim

import (
	"maps"
	"slices"
	"strings"
)

// method is one API method: who may call it, whether it changes anything, which parameters it documents, and what it
// does. A run that refuses has changed nothing; one that succeeds has filled the exchange's entry with what it changed.
type method struct {
	access     access
	writes     bool
	parameters string // names of parameters, with spaces between
	handler    func(*invocation) (successBody, *Refusal)
}

// access says which roles a key needs for a method.
type access int

const (
	anyKey    access = iota // also one without roles
	anyRole                 // any role at all, unless a variant opens it
	ownerOnly               // the role Owner
)

// apiMethods is the whole API that is simulated. Access is from the vendor's list of methods for keys without roles and
// from the "Allowed roles" of each method's page; of GetRoleGroups neither speaks.
func apiMethods() map[string]method {
	return map[string]method{
		"CreateKey": {
			access:     anyKey,
			writes:     true,
			parameters: "description key_name role_id role_name",
			handler:    createKey,
		},
		"GetKeys":        {access: anyKey, parameters: "key_id with_roles offset count", handler: getKeys},
		"UpdateKey":      {access: anyKey, writes: true, parameters: "key_id description key_name", handler: updateKey},
		"DeleteKey":      {access: anyKey, writes: true, parameters: "key_id", handler: deleteKey},
		"SetKeyRoles":    {access: anyKey, writes: true, parameters: "key_id role_id role_name", handler: setKeyRoles},
		"GetKeyRoles":    {access: anyKey, parameters: "key_id with_expanded_roles", handler: getKeyRoles},
		"RemoveKeyRoles": {access: anyKey, writes: true, parameters: "key_id role_id role_name", handler: removeKeyRoles},

		"AddSubUser": {
			access:     ownerOnly,
			writes:     true,
			parameters: "new_subuser_name new_subuser_password role_id role_name description",
			handler:    addSubuser,
		},
		"GetSubUsers": {access: ownerOnly, parameters: "subuser_id with_roles offset count", handler: getSubusers},
		"SetSubUserInfo": {
			access:     anyKey,
			writes:     true,
			parameters: "subuser_id old_subuser_password new_subuser_password description",
			handler:    setSubuserInfo,
		},
		"DelSubUser": {access: ownerOnly, writes: true, parameters: "subuser_id", handler: delSubuser},
		"SetSubUserRoles": {
			access:     ownerOnly,
			writes:     true,
			parameters: "subuser_id role_id role_name",
			handler:    setSubuserRoles,
		},
		"GetSubUserRoles": {access: ownerOnly, parameters: "subuser_id with_expanded_roles", handler: getSubuserRoles},
		"RemoveSubUserRoles": {
			access:     ownerOnly,
			writes:     true,
			parameters: "subuser_id role_id role_name force",
			handler:    removeSubuserRoles,
		},

		"GetRoles":       {access: anyKey, parameters: "group_name", handler: getRoles},
		"GetRoleGroups":  {access: anyRole, handler: getRoleGroups},
		"GetAccountInfo": {access: anyKey, parameters: "return_live_balance", handler: getAccountInfo},
		"GetAuditLog": {
			access: ownerOnly,
			parameters: "from_date to_date timezone audit_log_id filtered_admin_user_id filtered_ip filtered_cmd " +
				"advanced_filters " +
				"desc_order with_total_count count offset is_async with_header decimal_separator",
			handler: getAuditLog,
		},
	}
}

// mayCall looks up the caller's roles, because a token carries none. The lock must be held.
func (s *Sim) mayCall(caller *key, m method) bool {
	switch m.access {
	case ownerOnly:
		return slices.Contains(s.roles.effective(caller.roles), roleOwner)
	case anyRole:
		return len(caller.roles) > 0 || s.variants.RoleGroupsOpen
	}
	return true
}

// unknownParameter finds a parameter that neither the method documents nor every method takes. Whether the service
// passes over such a one is not published; refusing it finds the client's misspelling of an optional one, which would
// otherwise count as not given.
func (m method) unknownParameter(p params) (string, bool) {
	known := append(strings.Fields(m.parameters), "cmd", "account_id", "output")
	for _, name := range slices.Sorted(maps.Keys(p)) {
		if !slices.Contains(known, name) {
			return name, true
		}
	}
	return "", false
}
