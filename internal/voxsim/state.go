package voxsim

// State is everything that the account holds, as ids and direct roles, with role ids as the API shows them.
type State struct {
	AccountID int64          `json:"account_id"`
	Subusers  []SubuserState `json:"subusers"` // in the order of creation
	Keys      []KeyState     `json:"keys"`     // in the order of creation
	Roles     []RoleState    `json:"roles"`    // the catalogue
}

// SubuserState is a subuser and the roles given to it directly, ascending.
type SubuserState struct {
	ID          int64   `json:"subuser_id"`
	Login       string  `json:"login"`
	Description string  `json:"description"`
	RoleIDs     []int64 `json:"role_ids"`
}

// KeyState is a key and the roles given to it directly, ascending.
type KeyState struct {
	ID          string  `json:"key_id"`
	Name        string  `json:"key_name"`
	Description string  `json:"description"`
	SubuserID   int64   `json:"subuser_id"` // 0: not a subuser's
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

// Subuser finds a subuser by its stored login.
func (s State) Subuser(login string) (SubuserState, bool) {
	for _, u := range s.Subusers {
		if u.Login == login {
			return u, true
		}
	}
	return SubuserState{}, false
}

// Key finds a key by its id.
func (s State) Key(id string) (KeyState, bool) {
	for _, k := range s.Keys {
		if k.ID == id {
			return k, true
		}
	}
	return KeyState{}, false
}

// RoleID is the id of a role by its name, 0 when there is none.
func (s State) RoleID(name string) int64 {
	for _, r := range s.Roles {
		if r.Name == name {
			return r.ID
		}
	}
	return 0
}

// State is a copy of everything that holds now; reads that are stale by a fault do not touch it.
func (s *Sim) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := State{AccountID: s.account.id, Subusers: []SubuserState{}, Keys: []KeyState{}}
	for _, id := range s.account.subuserOrder {
		u := s.account.subusers[id]
		state.Subusers = append(
			state.Subusers,
			SubuserState{ID: u.id, Login: u.login, Description: u.description, RoleIDs: s.apiRoleIDs(u.roles)},
		)
	}
	for _, id := range s.account.keyOrder {
		k := s.account.keys[id]
		state.Keys = append(
			state.Keys,
			KeyState{ID: k.id, Name: k.name, Description: k.description, SubuserID: k.subuserID, RoleIDs: s.apiRoleIDs(k.roles)},
		)
	}
	for _, r := range s.roles.roles {
		state.Roles = append(state.Roles, RoleState{ID: s.apiRoleID(r.id), Name: r.name, Group: r.group, GUIOnly: r.guiOnly,
			ParentIDs: s.apiRoleIDs(r.parents), ChildIDs: s.apiRoleIDs(r.children)})
	}
	return state
}

// apiRoleID and shown turn role ids of the catalogue into those that the API shows under the variants that hold.

func (s *Sim) apiRoleID(id int64) int64 { return id + int64(s.variants.RoleIDShift) }

func (s *Sim) apiRoleIDs(ids []int64) []int64 {
	apiIDs := make([]int64, len(ids))
	for i, id := range ids {
		apiIDs[i] = s.apiRoleID(id)
	}
	return apiIDs
}
