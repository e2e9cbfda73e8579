package voxsim

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// invocation is what a method works with: the account it reads or changes, its parameters, and the entry that the
// ledger gets if it succeeds. It exists under the lock of its Sim.
type invocation struct {
	sim      *Sim
	variants Variants
	account  *account // for reads possibly a stale one
	params   params
	actor    string // key id, or BehindOurBack
	host     string // that the request was sent to
	ip       string // that the request came from, "" when it came over no network

	callerSubuserID int64 // the subuser whose key called, 0 for none
	callerLogin     string
	now             time.Time
	ledgerEntry     LedgerEntry
}

func (s *Sim) newInvocation(method string, p params, by string) *invocation {
	x := &invocation{sim: s, variants: s.variants, account: s.account, params: p, actor: by, now: s.now(),
		ledgerEntry: LedgerEntry{Method: method, Actor: by}}
	if k, known := s.account.keys[by]; known {
		if u, known := s.account.subusers[k.subuserID]; known {
			x.callerSubuserID, x.callerLogin = u.id, u.login
		}
	}
	return x
}

// missing refuses a call without a required parameter.
func (x *invocation) missing(name string) *Refusal {
	return refuse(cmp.Or(x.variants.MissingCode, codeRequiredIsEmpty), name)
}

// required is a parameter that must be there and not be empty.
func (x *invocation) required(name string) (string, *Refusal) {
	if x.params[name] == "" {
		return "", x.missing(name)
	}
	return x.params[name], nil
}

// flag reads an optional boolean. Clients send true, True and 1; anything else is refused.
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

// number reads an optional decimal number that is at least low.
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

// subuser finds the one that subuser_id names.
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

// key finds the one that key_id names.
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

// optionalRoles reads role_id or role_name into catalogue ids. An empty parameter counts as not given, since clients
// that declare both as required send one of them empty. Without either the list is nil. What is not published is
// decided strictly: names match exactly, no spaces around items, and a role named twice is no valid set.
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

// requiredRoles is rolesGiven where one of the two parameters must be there.
func (x *invocation) requiredRoles() ([]int64, *Refusal) {
	roles, refusal := x.optionalRoles()
	if refusal == nil && roles == nil {
		refusal = x.missing("role_id")
	}
	return roles, refusal
}
