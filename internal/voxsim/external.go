package voxsim

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// ExternalChangeKind is a kind of change that is made without the caller's API: in the vendor's panel, or with another
// key.
type ExternalChangeKind string

// The kinds of external changes. Each comment lists the fields of ExternalChange that the kind uses.
const (
	// Login, Password (default SeedPassword), Description, RoleIDs
	ExternalAddSubuser            ExternalChangeKind = "add_subuser"
	ExternalDeleteSubuser         ExternalChangeKind = "delete_subuser"          // SubuserID
	ExternalAddSubuserRoles       ExternalChangeKind = "add_subuser_roles"       // SubuserID, RoleIDs
	ExternalRemoveSubuserRoles    ExternalChangeKind = "remove_subuser_roles"    // SubuserID, RoleIDs, Force
	ExternalSetSubuserDescription ExternalChangeKind = "set_subuser_description" // SubuserID, Description
	ExternalSetSubuserPassword    ExternalChangeKind = "set_subuser_password"    // SubuserID, Password
	ExternalCreateKey             ExternalChangeKind = "create_key"              // Name, Description, RoleIDs
	ExternalDeleteKey             ExternalChangeKind = "delete_key"              // KeyID
	ExternalAddKeyRoles           ExternalChangeKind = "add_key_roles"           // KeyID, RoleIDs
	ExternalRemoveKeyRoles        ExternalChangeKind = "remove_key_roles"        // KeyID, RoleIDs
	ExternalRemoveAllKeyRoles     ExternalChangeKind = "remove_all_key_roles"    // KeyID
	ExternalUpdateKey             ExternalChangeKind = "update_key"              // KeyID, Description, Name if not empty
)

// ExternalChange describes a change for ApplyExternal. Fields that the kind does not use are ignored. Role ids are
// those that the API shows.
type ExternalChange struct {
	Kind        ExternalChangeKind `json:"kind"`
	SubuserID   int64              `json:"subuser_id"`
	KeyID       string             `json:"key_id"`
	Login       string             `json:"login"`
	Password    string             `json:"password"`
	Name        string             `json:"name"`
	Description string             `json:"description"`
	RoleIDs     []int64            `json:"role_ids"`
	Force       bool               `json:"force"`
}

// ApplyExternal changes the account, never a child, at once, with the rules of the API but without a key and without
// faults. The actor of the ledger entry is ExternalActor. It returns a *Refusal if the API would have refused the
// change.
func (s *Sim) ApplyExternal(a ExternalChange) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, p, err := s.externalParams(a)
	if err != nil {
		return err
	}
	x := s.newInvocation(name, p, identity{keyID: ExternalActor, accountID: s.account.id})
	x.ip = panelAddress
	result, refusal := s.methods[name].handler(x)
	if refusal != nil {
		return refusal
	}
	s.commit(x, result.Result)
	return nil
}

// externalParams returns the API method and parameters for a change. The lock must be held.
func (s *Sim) externalParams(a ExternalChange) (string, params, error) {
	p := params{"subuser_id": strconv.FormatInt(a.SubuserID, 10)}
	switch a.Kind {
	case ExternalAddSubuser:
		p = params{"new_subuser_name": a.Login, "description": a.Description, "role_id": joinIDs(a.RoleIDs)}
		return "AddSubUser", p.set("new_subuser_password", cmp.Or(a.Password, SeedPassword)), nil
	case ExternalDeleteSubuser:
		return "DelSubUser", p, nil
	case ExternalAddSubuserRoles:
		return "SetSubUserRoles", p.set("role_id", joinIDs(a.RoleIDs)), nil
	case ExternalRemoveSubuserRoles:
		return "RemoveSubUserRoles", p.set("role_id", joinIDs(a.RoleIDs)).set("force", strconv.FormatBool(a.Force)), nil
	case ExternalSetSubuserDescription:
		return "SetSubUserInfo", p.set("description", a.Description), nil
	case ExternalSetSubuserPassword:
		if u, known := s.account.subusers[a.SubuserID]; known {
			p.set("old_subuser_password", u.password)
		}
		return "SetSubUserInfo", p.set("new_subuser_password", a.Password), nil
	}
	return s.externalKeyParams(a)
}

func (s *Sim) externalKeyParams(a ExternalChange) (string, params, error) {
	p := params{"key_id": a.KeyID}
	k := s.account.keys[a.KeyID]
	switch a.Kind {
	case ExternalCreateKey:
		p = params{"description": a.Description, "role_id": joinIDs(a.RoleIDs)}
		return "CreateKey", p.setKeyName(a.Name), nil
	case ExternalDeleteKey:
		return "DeleteKey", p, nil
	case ExternalAddKeyRoles:
		roles := a.RoleIDs
		if k != nil && s.variants.SetKeyRolesReplaces {
			roles = union(s.apiRoleIDs(k.roles), roles) // so that this variant adds roles too
		}
		return "SetKeyRoles", p.set("role_id", joinIDs(roles)), nil
	case ExternalRemoveKeyRoles:
		return "RemoveKeyRoles", p.set("role_id", joinIDs(a.RoleIDs)), nil
	case ExternalRemoveAllKeyRoles:
		if k != nil {
			p.set("role_id", joinIDs(s.apiRoleIDs(k.roles)))
		}
		return "RemoveKeyRoles", p, nil
	case ExternalUpdateKey:
		return "UpdateKey", p.set("description", a.Description).setKeyName(a.Name), nil
	}
	return "", nil, fmt.Errorf("unknown change %q", a.Kind)
}

func (p params) set(name, value string) params {
	p[name] = value
	return p
}

func (p params) setKeyName(keyName string) params {
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
