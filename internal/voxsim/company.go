package voxsim

import (
	"fmt"
	"slices"
	"time"
)

// Company is the initial content of an account. Roles are given by their names in the catalogue.
type Company struct {
	AccountID    int64
	AccountName  string
	AccountEmail string
	Created      string // YYYY-MM-DD HH:mm:ss without a time zone, as the service writes it
	Subusers     []Subuser
	// Children are the accounts for which the keys of this one may act. They have no children themselves.
	Children []Company
	// Inactive and Frozen are the states that GetAccountInfo and GetChildrenAccounts report.
	Inactive bool
	Frozen   bool
	// Keys are the service-account keys. Credentials returns the first. The private keys of the others are not known,
	// so they can be read and changed but cannot sign.
	Keys []Key
}

// Subuser is a person with access to the control panel.
type Subuser struct {
	ID          int64  // 0 means the next free id
	Login       string // lower case
	Password    string // "" means SeedPassword
	Description string
	Roles       []string // direct roles
}

// Key is a service-account key.
type Key struct {
	ID          string // a UUID
	Name        string
	Description string
	Subuser     string   // login of the subuser that it belongs to; "" for none
	Roles       []string // direct roles
}

// SeedPassword is the password of every subuser in the companies of this package.
const SeedPassword = "Welcome-2026!"

// firstSubuserID is the first subuser id, above the 109 of the published example.
const firstSubuserID = 110

// newAccount creates an account from a company. It applies the rules of the service.
func newAccount(c Company, roles catalogue) (*account, error) {
	a := &account{
		id:              c.AccountID,
		name:            c.AccountName,
		email:           c.AccountEmail,
		created:         c.Created,
		inactive:        c.Inactive,
		frozen:          c.Frozen,
		children:        make(map[int64]*account),
		subusers:        make(map[int64]*subuser),
		logins:          make(map[string]int64),
		deletedLogins:   make(map[string]time.Time),
		deletedSubusers: make(map[int64]*subuser),
		nextSubuser:     firstSubuserID,
		keys:            make(map[string]*key),
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
	for _, child := range c.Children {
		if _, taken := a.children[child.AccountID]; taken || child.AccountID == a.id || len(child.Children) > 0 {
			return nil, fmt.Errorf("child account %d: its id is taken, or it has children", child.AccountID)
		}
		made, err := newAccount(child, roles)
		if err != nil {
			return nil, fmt.Errorf("child account %d: %w", child.AccountID, err)
		}
		a.children[made.id] = made
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
		return fmt.Errorf("id %d is below the next free id %d", u.ID, a.nextSubuser)
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

// roleIDs returns the ids of roles by their names, ascending.
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
