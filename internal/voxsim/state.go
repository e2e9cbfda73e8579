package voxsim

import (
	"maps"
	"slices"
)

// State is the content of the account: ids and direct roles, with role ids as the API shows them.
type State struct {
	AccountID int64          `json:"account_id"`
	Subusers  []SubuserState `json:"subusers"`           // in order of creation
	Keys      []KeyState     `json:"keys"`               // in order of creation
	Roles     []RoleState    `json:"roles"`              // the catalogue
	Children  []State        `json:"children,omitempty"` // child accounts, ascending by id, without the catalogue
}

// SubuserState is a subuser with its direct roles, ascending.
type SubuserState struct {
	ID          int64   `json:"subuser_id"`
	Login       string  `json:"login"`
	Description string  `json:"description"`
	RoleIDs     []int64 `json:"role_ids"`
}

// KeyState is a key with its direct roles, ascending.
type KeyState struct {
	ID          string  `json:"key_id"`
	Name        string  `json:"key_name"`
	Description string  `json:"description"`
	SubuserID   int64   `json:"subuser_id"` // 0 if it belongs to no subuser
	RoleIDs     []int64 `json:"role_ids"`
}

// RoleState is a role of the catalogue.
type RoleState struct {
	ID        int64   `json:"role_id"`
	Name      string  `json:"role_name"`
	Group     string  `json:"group"`
	GUIOnly   bool    `json:"gui_only"`
	ParentIDs []int64 `json:"parent_ids"`
	ChildIDs  []int64 `json:"child_ids"`
}

// Subuser returns the subuser with a login, in lower case.
func (s State) Subuser(login string) (SubuserState, bool) {
	for _, u := range s.Subusers {
		if u.Login == login {
			return u, true
		}
	}
	return SubuserState{}, false
}

// Key returns the key with an id.
func (s State) Key(id string) (KeyState, bool) {
	for _, k := range s.Keys {
		if k.ID == id {
			return k, true
		}
	}
	return KeyState{}, false
}

// RoleID returns the id of a role by its name, or 0.
func (s State) RoleID(name string) int64 {
	for _, r := range s.Roles {
		if r.Name == name {
			return r.ID
		}
	}
	return 0
}

// State returns a copy of the current state, also while a fault makes reads stale.
func (s *Sim) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := s.accountState(s.account)
	for _, id := range slices.Sorted(maps.Keys(s.account.children)) {
		state.Children = append(state.Children, s.accountState(s.account.children[id]))
	}
	for _, r := range s.roles.roles {
		state.Roles = append(state.Roles, RoleState{
			ID:        s.apiRoleID(r.id),
			Name:      r.name,
			Group:     r.group,
			GUIOnly:   r.guiOnly,
			ParentIDs: s.apiRoleIDs(r.parents),
			ChildIDs:  s.apiRoleIDs(r.children),
		})
	}
	return state
}

// accountState returns the state of one account. The lock must be held.
func (s *Sim) accountState(a *account) State {
	state := State{AccountID: a.id, Subusers: []SubuserState{}, Keys: []KeyState{}}
	for _, id := range a.subuserOrder {
		u := a.subusers[id]
		state.Subusers = append(state.Subusers, SubuserState{
			ID:          u.id,
			Login:       u.login,
			Description: u.description,
			RoleIDs:     s.apiRoleIDs(u.roles),
		})
	}
	for _, id := range a.keyOrder {
		k := a.keys[id]
		state.Keys = append(state.Keys, KeyState{
			ID:          k.id,
			Name:        k.name,
			Description: k.description,
			SubuserID:   k.subuserID,
			RoleIDs:     s.apiRoleIDs(k.roles),
		})
	}
	return state
}

// apiRoleID and apiRoleIDs convert role ids of the catalogue to those that the API shows with the current variants.

func (s *Sim) apiRoleID(id int64) int64 { return id + int64(s.variants.RoleIDShift) }

func (s *Sim) apiRoleIDs(ids []int64) []int64 {
	apiIDs := make([]int64, len(ids))
	for i, id := range ids {
		apiIDs[i] = s.apiRoleID(id)
	}
	return apiIDs
}
