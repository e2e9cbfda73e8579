package voxsim

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// exchange is what a method works with: the account it reads or changes, its parameters, and the entry that the ledger
// gets if it succeeds. It exists under the lock of its Sim.
type exchange struct {
	sim      *Sim
	variants Variants
	account  *account // for reads possibly a stale one
	params   params
	by       string // key id, or BehindOurBack
	host     string // that the request was sent to
	ip       string // that the request came from, "" when it came over no network

	callerID   int64 // the subuser whose key called, 0 for none
	callerName string
	now        time.Time
	entry      Entry
}

func (s *Sim) newExchange(method string, p params, by string) *exchange {
	x := &exchange{sim: s, variants: s.variants, account: s.account, params: p, by: by, now: s.now(),
		entry: Entry{Method: method, By: by}}
	if k, known := s.account.keys[by]; known {
		if u, known := s.account.subusers[k.subuserID]; known {
			x.callerID, x.callerName = u.id, u.login
		}
	}
	return x
}

// missing refuses a call without a required parameter.
func (x *exchange) missing(name string) *Refusal {
	return refuse(cmp.Or(x.variants.MissingCode, codeRequiredIsEmpty), name)
}

// required is a parameter that must be there and not be empty.
func (x *exchange) required(name string) (string, *Refusal) {
	if x.params[name] == "" {
		return "", x.missing(name)
	}
	return x.params[name], nil
}

// flag reads an optional boolean. Clients send true, True and 1; anything else is refused.
func (x *exchange) flag(name string, standard bool) (bool, *Refusal) {
	text, given := x.params[name]
	if !given {
		return standard, nil
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
func (x *exchange) number(name string, standard, low int) (int, *Refusal) {
	text, given := x.params[name]
	if !given {
		return standard, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < low {
		return 0, refuse(codeInvalidArguments)
	}
	return n, nil
}

// subuser finds the one that subuser_id names.
func (x *exchange) subuser() (*subuser, *Refusal) {
	text, refusal := x.required("subuser_id")
	if refusal != nil {
		return nil, refusal
	}
	id, err := strconv.ParseInt(text, 10, 64)
	u, known := x.account.subusers[id]
	if err != nil || !known {
		return nil, refuse(codeInvalidSubuserID)
	}
	x.entry.SubuserID = id
	return u, nil
}

// key finds the one that key_id names.
func (x *exchange) key() (*key, *Refusal) {
	id, refusal := x.required("key_id")
	if refusal != nil {
		return nil, refusal
	}
	k, known := x.account.keys[id]
	if !known {
		return nil, refuse(codeInvalidKeyID)
	}
	x.entry.KeyID = id
	return k, nil
}

// rolesGiven reads role_id or role_name into catalogue ids. An empty parameter counts as not given, since clients that
// declare both as required send one of them empty. Without either the list is nil. What is not published is decided
// strictly: names match exactly, no spaces around items, and a role named twice is no valid set.
func (x *exchange) rolesGiven() ([]int64, *Refusal) {
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

// rolesRequired is rolesGiven where one of the two parameters must be there.
func (x *exchange) rolesRequired() ([]int64, *Refusal) {
	roles, refusal := x.rolesGiven()
	if refusal == nil && roles == nil {
		refusal = x.missing("role_id")
	}
	return roles, refusal
}
