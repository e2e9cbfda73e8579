package voxsim

import (
	"crypto/rsa"
	"maps"
	"slices"
	"time"
)

// account is the state of the simulated account. Its role ids are those of the catalogue, without the shift of a
// variant. It is guarded by the lock of its Sim.
type account struct {
	id                   int64
	name, email, created string
	inactive, frozen     bool
	children             map[int64]*account // by id

	subusers        map[int64]*subuser
	subuserOrder    []int64 // in order of creation, so ascending
	logins          map[string]int64
	deletedLogins   map[string]time.Time // login -> time of the deletion
	deletedSubusers map[int64]*subuser
	nextSubuser     int64

	keys     map[string]*key
	keyOrder []string
}

type subuser struct {
	id                           int64
	login, password, description string
	roles                        []int64 // direct roles, ascending
}

type key struct {
	id, name, description string
	subuserID             int64          // 0 if it belongs to no subuser
	roles                 []int64        // direct roles, ascending
	public                *rsa.PublicKey // nil if the private key is not known
}

// clone returns a deep copy, from which stale reads are served.
func (a *account) clone() *account {
	c := *a
	c.subusers = make(map[int64]*subuser, len(a.subusers))
	for id, u := range a.subusers {
		copied := *u
		c.subusers[id] = &copied // role lists are never modified in place, so they can be shared
	}
	c.keys = make(map[string]*key, len(a.keys))
	for id, k := range a.keys {
		copied := *k
		c.keys[id] = &copied
	}
	c.children = make(map[int64]*account, len(a.children))
	for id, child := range a.children {
		c.children[id] = child.clone()
	}
	c.subuserOrder = slices.Clone(a.subuserOrder)
	c.keyOrder = slices.Clone(a.keyOrder)
	c.logins = maps.Clone(a.logins)
	c.deletedLogins = maps.Clone(a.deletedLogins)
	c.deletedSubusers = maps.Clone(a.deletedSubusers)
	return &c
}

// withID returns the account with an id: this one or a child, nil if neither has it.
func (a *account) withID(id int64) *account {
	if id == a.id {
		return a
	}
	return a.children[id]
}

// ofKey returns the account that a key belongs to, this one or a child, and the key.
func (a *account) ofKey(id string) (*account, *key) {
	if k, known := a.keys[id]; known {
		return a, k
	}
	for _, child := range a.children {
		if k, known := child.keys[id]; known {
			return child, k
		}
	}
	return nil, nil
}

func (a *account) addSubuser(u *subuser) {
	a.subusers[u.id] = u
	a.subuserOrder = append(a.subuserOrder, u.id)
	a.logins[u.login] = u.id
	a.nextSubuser = max(a.nextSubuser, u.id+1)
}

func (a *account) removeSubuser(u *subuser, now time.Time) {
	delete(a.subusers, u.id)
	delete(a.logins, u.login)
	a.deletedLogins[u.login] = now
	a.deletedSubusers[u.id] = u
	a.subuserOrder = slices.DeleteFunc(a.subuserOrder, func(id int64) bool { return id == u.id })
}

func (a *account) addKey(k *key) {
	a.keys[k.id] = k
	a.keyOrder = append(a.keyOrder, k.id)
}

func (a *account) removeKey(id string) {
	delete(a.keys, id)
	a.keyOrder = slices.DeleteFunc(a.keyOrder, func(other string) bool { return other == id })
}

// keysOfSubuser returns the keys of a subuser in order of creation.
func (a *account) keysOfSubuser(subuserID int64) []*key {
	var owned []*key
	for _, id := range a.keyOrder {
		if k := a.keys[id]; k.subuserID == subuserID {
			owned = append(owned, k)
		}
	}
	return owned
}

// union, minus and intersect return new ascending lists.

func union(a, b []int64) []int64 {
	all := append(slices.Clone(a), b...)
	slices.Sort(all)
	return slices.Compact(all)
}

func minus(a, b []int64) []int64 {
	return slices.DeleteFunc(slices.Clone(a), func(id int64) bool { return slices.Contains(b, id) })
}

func intersect(a, b []int64) []int64 {
	return slices.DeleteFunc(slices.Clone(a), func(id int64) bool { return !slices.Contains(b, id) })
}
