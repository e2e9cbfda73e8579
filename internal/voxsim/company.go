package voxsim

import (
	"fmt"
	"slices"
	"time"
)

// Company is what an account holds before anything happens to it. Roles are named as the catalogue names them.
type Company struct {
	AccountID    int64
	AccountName  string
	AccountEmail string
	Created      string // YYYY-MM-DD HH:mm:ss, no zone, as the service writes it
	Subusers     []Subuser
	// Keys are the service accounts. The first is the one that Credentials hands out; of the others nobody has the
	// private half, so they can be looked at and changed but sign nothing.
	Keys []Key
}

// Subuser is a person with access to the control panel.
type Subuser struct {
	ID          int64  // 0: the next free one
	Login       string // lower case
	Password    string // "": SeedPassword
	Description string
	Roles       []string // given directly
}

// Key is a service account's key.
type Key struct {
	ID          string // a UUID
	Name        string
	Description string
	Subuser     string   // login of the subuser it belongs to, "" for nobody's
	Roles       []string // given directly
}

// SeedPassword is the password of every subuser of the companies in this package.
const SeedPassword = "Welcome-2026!"

// firstSubuserID starts the ids of subusers, above the 109 of the published example.
const firstSubuserID = 110

// newAccount turns a company into an account, holding it to the rules of the service.
func newAccount(c Company, roles catalogue) (*account, error) {
	a := &account{
		id: c.AccountID, name: c.AccountName, email: c.AccountEmail, created: c.Created,
		subusers: make(map[int64]*subuser), logins: make(map[string]int64), deletedLogins: make(map[string]time.Time),
		deletedSubusers: make(map[int64]*subuser),
		keys:            make(map[string]*key), nextSubuser: firstSubuserID,
	}
	for _, u := range c.Subusers {
		if err := a.seedSubuser(u, roles); err != nil {
			return nil, fmt.Errorf("subuser %q: %w", u.Login, err)
		}
	}
	for _, k := range c.Keys {
		if err := a.seedKey(k, roles); err != nil {
			return nil, fmt.Errorf("key %q: %w", k.Name, err)
		}
	}
	return a, nil
}

func (a *account) seedSubuser(u Subuser, roles catalogue) error {
	login, refusal := checkLogin(u.Login)
	if refusal != nil {
		return refusal
	}
	if _, taken := a.logins[login]; taken {
		return refuse(codeLoginNotUnique)
	}
	ids, err := roles.roleIDs(u.Roles)
	if err != nil {
		return err
	}
	if u.ID == 0 {
		u.ID = a.nextSubuser
	}
	if u.ID < a.nextSubuser {
		return fmt.Errorf("id %d is below the next free one, %d", u.ID, a.nextSubuser)
	}
	if u.Password == "" {
		u.Password = SeedPassword
	}
	a.addSubuser(&subuser{id: u.ID, login: login, password: u.Password, description: u.Description, roles: ids})
	return nil
}

func (a *account) seedKey(k Key, roles catalogue) error {
	if _, taken := a.keys[k.ID]; taken || k.ID == "" {
		return fmt.Errorf("id %q is empty or taken", k.ID)
	}
	owner, known := a.logins[k.Subuser]
	if k.Subuser != "" && !known {
		return fmt.Errorf("there is no subuser %q", k.Subuser)
	}
	ids, err := roles.roleIDs(k.Roles)
	if err != nil {
		return err
	}
	a.addKey(&key{id: k.ID, name: k.Name, description: k.Description, subuserID: owner, roles: ids})
	return nil
}

// roleIDs turns role names into ids, ascending.
func (c catalogue) roleIDs(names []string) ([]int64, error) {
	var ids []int64
	for _, name := range names {
		r, known := c.byName[name]
		if !known {
			return nil, fmt.Errorf("there is no role %q", name)
		}
		ids = append(ids, r.id)
	}
	slices.Sort(ids)
	return ids, nil
}
