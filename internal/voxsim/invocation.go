package voxsim

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// invocation is one call of a method: the account that it reads or changes, its parameters, and the ledger entry that
// is written if it succeeds. It is used under the lock of its Sim.
type invocation struct {
	sim      *Sim
	variants Variants
	account  *account // possibly stale for reads
	params   params
	caller   *key   // nil for an external change
	actor    string // key id, or ExternalActor
	host     string // the Host header of the request
	ip       string // of the caller; "" without a network

	callerSubuserID int64 // the subuser that the calling key belongs to; 0 for none
	callerLogin     string
	now             time.Time
	ledgerEntry     LedgerEntry
}

func (s *Sim) newInvocation(method string, p params, by identity) *invocation {
	x := &invocation{
		sim:         s,
		variants:    s.variants,
		account:     s.account.withID(by.accountID),
		params:      p,
		actor:       by.keyID,
		now:         s.now(),
		ledgerEntry: LedgerEntry{AccountID: by.accountID, Method: method, Actor: by.keyID},
	}
	var own *account
	if own, x.caller = s.account.ofKey(by.keyID); x.caller != nil {
		if u, known := own.subusers[x.caller.subuserID]; known {
			x.callerSubuserID, x.callerLogin = u.id, u.login
		}
	}
	return x
}

// missing returns the refusal of a call without a required parameter.
func (x *invocation) missing(name string) *Refusal {
	return refuse(cmp.Or(x.variants.MissingCode, codeRequiredIsEmpty), name)
}

// required returns a parameter that must be present and not empty.
func (x *invocation) required(name string) (string, *Refusal) {
	if x.params[name] == "" {
		return "", x.missing(name)
	}
	return x.params[name], nil
}

// flag parses an optional boolean. Clients send true, True and 1; other values are refused.
func (x *invocation) flag(name string, defaultValue bool) (bool, *Refusal) {
	text, given := x.params[name]
	if !given {
		return defaultValue, nil
	}
	switch strings.ToLower(text) {
	case "true", "1":
		return true, nil
	case "false", "0":
		return false, nil
	}
	return false, refuse(codeInvalidArguments)
}

// number parses an optional decimal number that is at least minimum.
func (x *invocation) number(name string, defaultValue, minimum int) (int, *Refusal) {
	text, given := x.params[name]
	if !given {
		return defaultValue, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < minimum {
		return 0, refuse(codeInvalidArguments)
	}
	return n, nil
}

// subuser returns the subuser with the id in subuser_id.
func (x *invocation) subuser() (*subuser, *Refusal) {
	text, refusal := x.required("subuser_id")
	if refusal != nil {
		return nil, refusal
	}
	id, err := strconv.ParseInt(text, 10, 64)
	u, known := x.account.subusers[id]
	if err != nil || !known {
		return nil, refuse(codeInvalidSubuserID)
	}
	x.ledgerEntry.SubuserID = id
	return u, nil
}

// key returns the key with the id in key_id.
func (x *invocation) key() (*key, *Refusal) {
	id, refusal := x.required("key_id")
	if refusal != nil {
		return nil, refusal
	}
	k, known := x.account.keys[id]
	if !known {
		return nil, refuse(codeInvalidKeyID)
	}
	x.ledgerEntry.KeyID = id
	return k, nil
}

// optionalRoles parses role_id or role_name into catalogue ids. An empty parameter counts as missing, since clients
// that declare both as required send one of them empty. Without either the list is nil. What is not published is
// decided strictly: names match exactly, items have no spaces, and a duplicate role makes the set invalid.
func (x *invocation) optionalRoles() ([]int64, *Refusal) {
	byID, byName := x.params["role_id"], x.params["role_name"]
	var roles []int64
	switch {
	case byID != "" && byName != "":
		return nil, refuse(codeRoleIDAndName)
	case byID != "":
		for item := range strings.SplitSeq(byID, ";") {
			id, err := strconv.ParseInt(item, 10, 64)
			id -= int64(x.variants.RoleIDShift)
			if _, known := x.sim.roles.byID[id]; err != nil || !known {
				return nil, refuse(codeInvalidRoleID)
			}
			roles = append(roles, id)
		}
	case byName != "":
		for item := range strings.SplitSeq(byName, ";") {
			r, known := x.sim.roles.byName[item]
			if !known {
				return nil, refuse(codeInvalidRoleName)
			}
			roles = append(roles, r.id)
		}
	}
	slices.Sort(roles)
	if len(slices.Compact(slices.Clone(roles))) != len(roles) {
		return nil, refuse(codeInvalidRoleSet)
	}
	return roles, nil
}

// requiredRoles is optionalRoles where one of the two parameters is required.
func (x *invocation) requiredRoles() ([]int64, *Refusal) {
	roles, refusal := x.optionalRoles()
	if refusal == nil && roles == nil {
		refusal = x.missing("role_id")
	}
	return roles, refusal
}
