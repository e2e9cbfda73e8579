package drift

import (
	"maps"
	"slices"
)

// comparison compares what is expected of one kind with what a reading showed.
type comparison struct {
	kind        string
	acts        acts
	within      within
	ownersKnown bool
	known       map[key]bool                             // the findings that there are already
	excused     func(what What, id string) (bool, error) // whether an appearance or absence is no proof after all

	next   map[string]holding // what is to be expected from now on
	found  []Finding
	doubts map[key]bool // differences that nothing can be said of yet
}

// run compares everything. What is explained by our acts is expected from now on; what is not is found.
func (c *comparison) run(e expectation, seen map[string]holding) error {
	c.next, c.doubts = e.all, map[key]bool{}
	for _, id := range slices.Sorted(maps.Keys(seen)) {
		if _, expected := c.next[id]; !expected {
			if err := c.appeared(id, seen[id]); err != nil {
				return err
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.next)) {
		now, there := seen[id]
		if there {
			c.texts(id, now)
			c.roles(id, now, e.settled[id])
		} else if err := c.gone(id); err != nil {
			return err
		}
	}
	return nil
}

func (c *comparison) appeared(id string, now holding) error {
	made := func(a act) bool { return a.made(c.kind, id, now) }
	k := key{target: id, what: Appeared}
	maker, sure := c.maker(id, now)
	if !sure && slices.ContainsFunc(c.acts.doubtful, made) {
		c.doubts[k] = true
		return nil
	}
	if maker != nil {
		// It is ours. Its texts and roles are compared with what was asked for.
		c.next[id] = holding{
			Name:        now.Name,
			Description: c.described(id, *maker),
			RolesKnown:  now.RolesKnown,
			Owner:       now.Owner,
		}
		return nil
	}
	excused, err := c.excused(Appeared, id)
	if err != nil || excused {
		c.doubts[k] = true
		return err
	}
	c.find(
		id,
		Finding{What: Appeared, Body: Body{Name: now.Name, Description: now.Description, Roles: directOf(now), holding: now}},
	)
	return nil
}

// maker is the act that made what appeared, nil when there is none, and whether more than its name tells so: several
// acts may have asked for one name, and of those the last counts.
func (c *comparison) maker(id string, now holding) (maker *act, sure bool) {
	for i, a := range slices.Backward(c.acts.done) {
		if !a.made(c.kind, id, now) {
			continue
		}
		if a.surely(now) {
			return &c.acts.done[i], true
		}
		if maker == nil {
			maker = &c.acts.done[i]
		}
	}
	return maker, false
}

// described is the description that we are known to have given last to what an act made.
func (c *comparison) described(id string, maker act) string {
	for _, a := range slices.Backward(c.acts.done) {
		if a.edits(c.kind, id) && a.certain() {
			return a.intent.Description
		}
	}
	return maker.intent.Description
}

func (c *comparison) gone(id string) error {
	h := c.next[id]
	took := func(a act) bool { return a.took(c.kind, id, h, c.ownersKnown) }
	k := key{target: id, what: Gone}
	if slices.ContainsFunc(c.acts.done, took) {
		delete(c.next, id)
		return nil
	}
	if slices.ContainsFunc(c.acts.doubtful, took) {
		c.doubts[k] = true
		return nil
	}
	if !c.known[k] {
		excused, err := c.excused(Gone, id)
		if err != nil || excused {
			c.doubts[k] = true
			return err
		}
	}
	c.find(id, Finding{What: Gone, Body: Body{Name: h.Name, Description: h.Description, Roles: directOf(h), holding: h}})
	return nil
}

// texts compares name and description. The last of our acts that wrote them counts; one that was confirmed by reading
// is in what is expected already.
func (c *comparison) texts(id string, now holding) {
	h := c.next[id]
	h.Owner = now.Owner
	wrote := func(all []act, text func(a act) string, is string) bool {
		for _, a := range slices.Backward(all) {
			if a.writes(c.kind, id, now) {
				return !a.certain() && sameText(text(a), is)
			}
		}
		return false
	}
	maybe := func(text func(a act) string, is string) bool {
		return slices.ContainsFunc(c.acts.doubtful, func(a act) bool {
			was := ""
			if a.intent.Was != nil {
				was = text(act{intent: intentOf(*a.intent.Was)})
			}
			return a.writes(c.kind, id, now) && (sameText(text(a), is) || a.intent.Was != nil && sameText(was, is))
		})
	}
	differs := func(what What, was *string, is string, text func(a act) string) {
		switch {
		case sameText(*was, is) || wrote(c.acts.done, text, is):
			*was = is
		case maybe(text, is):
			c.doubts[key{target: id, what: what}] = true
		default:
			c.find(id, Finding{What: what, Body: Body{Name: now.Name, Was: *was, Is: is, holding: now}})
		}
	}
	differs(Renamed, &h.Name, now.Name, func(a act) string { return nameIn(c.kind, a.intent) })
	differs(Described, &h.Description, now.Description, func(a act) string { return a.intent.Description })
	c.next[id] = h
}

// find notes a finding.
func (c *comparison) find(id string, f Finding) {
	f.Kind, f.Target = c.kind, id
	c.found = append(c.found, f)
}

// directOf are the roles that are assigned themselves.
func directOf(h holding) []Role {
	var roles []Role
	for _, r := range h.Roles {
		if r.Direct {
			roles = append(roles, Role{ID: r.ID, Name: r.Name})
		}
	}
	return roles
}
