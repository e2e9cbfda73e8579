package voxsim

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// ActKind is something that happens to the account without us: in the vendor's panel, or by another key.
type ActKind string

// The acts, with the fields of Act that they use beside the target.
const (
	ActAddSubuser            ActKind = "add_subuser"             // Login, Password (SeedPassword), Description, RoleIDs
	ActDeleteSubuser         ActKind = "delete_subuser"          // SubuserID
	ActAddSubuserRoles       ActKind = "add_subuser_roles"       // SubuserID, RoleIDs
	ActRemoveSubuserRoles    ActKind = "remove_subuser_roles"    // SubuserID, RoleIDs, Force
	ActSetSubuserDescription ActKind = "set_subuser_description" // SubuserID, Description
	ActSetSubuserPassword    ActKind = "set_subuser_password"    // SubuserID, Password
	ActCreateKey             ActKind = "create_key"              // Name, Description, RoleIDs
	ActDeleteKey             ActKind = "delete_key"              // KeyID
	ActAddKeyRoles           ActKind = "add_key_roles"           // KeyID, RoleIDs
	ActRemoveKeyRoles        ActKind = "remove_key_roles"        // KeyID, RoleIDs
	ActStripKey              ActKind = "strip_key"               // KeyID; takes all its roles
	ActUpdateKey             ActKind = "update_key"              // KeyID, Description, Name unless empty
)

// Act is a change behind our back. Fields that the kind does not use are ignored. Role ids are as the API shows them.
type Act struct {
	Kind        ActKind `json:"kind"`
	SubuserID   int64   `json:"subuser_id"`
	KeyID       string  `json:"key_id"`
	Login       string  `json:"login"`
	Password    string  `json:"password"`
	Name        string  `json:"name"`
	Description string  `json:"description"`
	RoleIDs     []int64 `json:"role_ids"`
	Force       bool    `json:"force"`
}

// Act changes the account at once, under the same rules as the API but without a key and without faults, and notes it
// in the ledger as done by BehindOurBack. It returns a *Refusal where the API would have refused.
func (s *Sim) Act(a Act) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, p, err := s.actParams(a)
	if err != nil {
		return err
	}
	x := s.newExchange(name, p, BehindOurBack)
	x.ip = panelAddress
	result, refusal := s.methods[name].run(x)
	if refusal != nil {
		return refusal
	}
	s.commit(x, result.Result)
	return nil
}

// actParams says an act as a call of the API. The lock must be held.
func (s *Sim) actParams(a Act) (string, params, error) {
	p := params{"subuser_id": strconv.FormatInt(a.SubuserID, 10)}
	switch a.Kind {
	case ActAddSubuser:
		p = params{"new_subuser_name": a.Login, "description": a.Description, "role_id": joinIDs(a.RoleIDs)}
		return "AddSubUser", p.with("new_subuser_password", cmp.Or(a.Password, SeedPassword)), nil
	case ActDeleteSubuser:
		return "DelSubUser", p, nil
	case ActAddSubuserRoles:
		return "SetSubUserRoles", p.with("role_id", joinIDs(a.RoleIDs)), nil
	case ActRemoveSubuserRoles:
		return "RemoveSubUserRoles", p.with("role_id", joinIDs(a.RoleIDs)).with("force", strconv.FormatBool(a.Force)), nil
	case ActSetSubuserDescription:
		return "SetSubUserInfo", p.with("description", a.Description), nil
	case ActSetSubuserPassword:
		if u, known := s.account.subusers[a.SubuserID]; known {
			p.with("old_subuser_password", u.password)
		}
		return "SetSubUserInfo", p.with("new_subuser_password", a.Password), nil
	}
	return s.keyActParams(a)
}

func (s *Sim) keyActParams(a Act) (string, params, error) {
	p := params{"key_id": a.KeyID}
	k := s.account.keys[a.KeyID]
	switch a.Kind {
	case ActCreateKey:
		p = params{"description": a.Description, "role_id": joinIDs(a.RoleIDs)}
		return "CreateKey", p.withName(a.Name), nil
	case ActDeleteKey:
		return "DeleteKey", p, nil
	case ActAddKeyRoles:
		roles := a.RoleIDs
		if k != nil && s.variants.SetKeyRolesReplaces {
			roles = union(s.shown(k.roles), roles) // so that adding adds under this variant too
		}
		return "SetKeyRoles", p.with("role_id", joinIDs(roles)), nil
	case ActRemoveKeyRoles:
		return "RemoveKeyRoles", p.with("role_id", joinIDs(a.RoleIDs)), nil
	case ActStripKey:
		if k != nil {
			p.with("role_id", joinIDs(s.shown(k.roles)))
		}
		return "RemoveKeyRoles", p, nil
	case ActUpdateKey:
		return "UpdateKey", p.with("description", a.Description).withName(a.Name), nil
	}
	return "", nil, fmt.Errorf("unknown act %q", a.Kind)
}

func (p params) with(name, value string) params {
	p[name] = value
	return p
}

func (p params) withName(keyName string) params {
	if keyName != "" {
		p["key_name"] = keyName
	}
	return p
}

func joinIDs(ids []int64) string {
	items := make([]string, len(ids))
	for i, id := range ids {
		items[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(items, ";")
}
