package drift

import (
	"slices"
	"strconv"
	"strings"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// holding is a subuser or a key as it is expected, or as a reading showed it.
type holding struct {
	Name        string `json:"name"` // the login, or the key's name
	Description string `json:"description"`
	Roles       []role `json:"roles"`
	RolesKnown  bool   `json:"roles_known"`
	Owner       int64  `json:"owner,omitempty"` // of a key: the subuser it belongs to, 0 when that is not known

	mark string // at the end of what we created; of a reading only
}

// role is a role that somebody holds.
type role struct {
	ID     int64  `json:"id"`
	Name   string `json:"name"`
	Direct bool   `json:"direct"` // assigned itself
	// Told is set when a role was seen to be assigned itself although one that contains it is held, too: then the vendor
	// tells the two apart. Else it cannot be told whether a contained role was assigned as well.
	Told bool `json:"told,omitempty"`
}

// find answers the role with this id, and whether it is held.
func (h holding) find(id int64) (role, bool) {
	at := slices.IndexFunc(h.Roles, func(r role) bool { return r.ID == id })
	if at < 0 {
		return role{ID: id}, false
	}
	return h.Roles[at], true
}

// put sets a role, or takes it away.
func (h *holding) put(r role, held bool) {
	h.Roles = slices.DeleteFunc(slices.Clone(h.Roles), func(other role) bool { return other.ID == r.ID })
	if held {
		h.Roles = append(h.Roles, r)
		slices.SortFunc(h.Roles, func(a, b role) int { return int(a.ID - b.ID) })
	}
}

// same says whether two holdings are alike in all that is kept.
func (h holding) same(other holding) bool {
	return h.Name == other.Name && h.Description == other.Description && h.RolesKnown == other.RolesKnown &&
		h.Owner == other.Owner &&
		slices.Equal(h.Roles, other.Roles)
}

// sight is all of one kind that a reading showed, by the vendor's id.
type sight struct {
	kind string // audit.SubuserTarget or audit.KeyTarget
	all  map[string]holding
}

// shown are the kinds that a reading showed whole.
func shown(l directory.Listing) []sight {
	within := withinOf(l.Catalogue)
	subusers := sight{kind: audit.SubuserTarget, all: make(map[string]holding, len(l.Subusers))}
	for _, u := range l.Subusers {
		subusers.all[strconv.FormatInt(u.ID, 10)] = subuserHolding(u, within)
	}
	if !l.KeysKnown {
		return []sight{subusers}
	}
	keys := sight{kind: audit.KeyTarget, all: make(map[string]holding, len(l.Keys))}
	for _, k := range l.Keys {
		keys.all[k.ID] = keyHolding(k, within)
	}
	return []sight{subusers, keys}
}

func subuserHolding(u directory.Subuser, w within) holding {
	return holding{
		Name:        u.Login,
		Description: u.Description,
		mark:        u.Mark,
		RolesKnown:  u.RolesKnown,
		Roles:       w.roles(u.Roles),
	}
}

func keyHolding(k directory.Key, w within) holding {
	h := holding{Name: k.Name, Description: k.Description, mark: k.Mark, RolesKnown: k.RolesKnown, Roles: w.roles(k.Roles)}
	if k.OwnerKnown {
		h.Owner = k.OwnerID
	}
	return h
}

// within says which roles each role of the catalogue comes down to, itself included.
type within map[int64]map[int64]bool

func withinOf(c directory.Catalogue) within {
	w := within{}
	for _, r := range c.Roles {
		all := map[int64]bool{}
		for next := []int64{r.ID}; len(next) > 0; next = next[1:] {
			if !all[next[0]] {
				all[next[0]] = true
				next = append(next, c.ChildrenOf(next[0])...)
			}
		}
		w[r.ID] = all
	}
	return w
}

// closure are roles and all that they contain.
func (w within) closure(roles []int64) map[int64]bool {
	all := map[int64]bool{}
	for _, id := range roles {
		all[id] = true
		for contained := range w[id] {
			all[contained] = true
		}
	}
	return all
}

// through says whether somebody holds another role that contains this one.
func (w within) through(h holding, id int64) bool {
	return slices.ContainsFunc(h.Roles, func(r role) bool { return r.ID != id && w[r.ID][id] })
}

// roles turns the directory's roles into ours, by id.
func (w within) roles(held []directory.HeldRole) []role {
	h := holding{Roles: make([]role, 0, len(held))}
	for _, r := range held {
		h.Roles = append(h.Roles, role{ID: r.ID, Name: r.Name, Direct: r.Direct})
	}
	for i, r := range h.Roles {
		h.Roles[i].Told = r.Direct && w.through(h, r.ID)
	}
	slices.SortFunc(h.Roles, func(a, b role) int { return int(a.ID - b.ID) })
	return h.Roles
}

// sameText compares texts as people read them: the vendor may write white space in another way.
func sameText(a, b string) bool { return a == b || slices.Equal(strings.Fields(a), strings.Fields(b)) }
