package voxsim

import (
	"maps"
	"slices"
	"strings"
)

// method is one API method. A handler that refuses has changed nothing; one that succeeds has set the effect of its
// ledger entry.
type method struct {
	access     access
	writes     bool
	parameters string // names of the documented parameters, separated by spaces
	output     string // the only value of the parameter output; "" for json
	handler    func(*invocation) (successBody, *Refusal)
}

// access is which roles a key needs for a method.
type access int

const (
	anyKey    access = iota // also keys without roles
	anyRole                 // at least one role, unless a variant opens it
	ownerOnly               // the role Owner
)

// apiMethods returns the simulated API. Access is from the vendor's list of methods for keys without roles and from
// "Allowed roles" on the page of each method; neither names GetRoleGroups.
func apiMethods() map[string]method {
	const auditParameters = "from_date to_date timezone audit_log_id filtered_admin_user_id filtered_ip filtered_cmd " +
		"advanced_filters desc_order with_total_count count offset is_async with_header decimal_separator"
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
		"GetChildrenAccounts": {
			access: ownerOnly,
			parameters: "child_account_id child_account_name child_account_email active frozen ignore_invalid_accounts " +
				"brief_output medium_output count offset order_by return_live_balance",
			handler: getChildrenAccounts,
		},
		"GetAuditLog": {access: ownerOnly, parameters: auditParameters, handler: getAuditLog},
		"GetAuditLogAsync": {
			access:     ownerOnly,
			parameters: auditParameters,
			output:     "csv",
			handler:    getAuditLogAsync,
		},
	}
}

// mayCall reports whether the roles of the calling key allow a method. The lock must be held.
func (s *Sim) mayCall(caller *key, m method) bool {
	switch m.access {
	case ownerOnly:
		return slices.Contains(s.roles.effective(caller.roles), roleOwner)
	case anyRole:
		return len(caller.roles) > 0 || s.variants.RoleGroupsOpen
	}
	return true
}

// unknownParameter returns a parameter that neither the method documents nor every method takes. It is not published
// whether the service ignores such a parameter. Refusing it finds a client's misspelling of an optional one.
func (m method) unknownParameter(p params) (string, bool) {
	known := append(strings.Fields(m.parameters), "cmd", "account_id", "output")
	for _, name := range slices.Sorted(maps.Keys(p)) {
		if !slices.Contains(known, name) {
			return name, true
		}
	}
	return "", false
}
