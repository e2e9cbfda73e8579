package drift

import (
	"maps"
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
)

// comparison compares what is expected of one kind with what a reading showed.
type comparison struct {
	kind          access.Kind
	operations    ownOperations
	closure       roleClosure
	ownersKnown   bool
	knownFindings map[findingKey]bool                             // the findings that there are already
	unproven      func(what FindingType, id string) (bool, error) // whether an appearance or absence is no proof after all

	expected map[string]principal // what is to be expected from now on
	findings []Finding
	deferred map[findingKey]bool // differences that nothing can be said of yet
}

// run compares everything. What is explained by our acts is expected from now on; what is not is found.
func (c *comparison) run(e expectation, seen map[string]principal) error {
	c.expected, c.deferred = e.principals, map[findingKey]bool{}
	for _, id := range slices.Sorted(maps.Keys(seen)) {
		if _, expected := c.expected[id]; !expected {
			if err := c.compareAppeared(id, seen[id]); err != nil {
				return err
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.expected)) {
		now, present := seen[id]
		if present {
			c.compareTexts(id, now)
			c.compareRoles(id, now, e.confirmedRoles[id])
		} else if err := c.compareGone(id); err != nil {
			return err
		}
	}
	return nil
}

func (c *comparison) compareAppeared(id string, now principal) error {
	mayHaveCreated := func(a ownOperation) bool { return a.mayHaveCreated(c.kind, id, now) }
	k := findingKey{target: id, findingType: Appeared}
	creator, identified := c.creator(id, now)
	if !identified && slices.ContainsFunc(c.operations.pending, mayHaveCreated) {
		c.deferred[k] = true
		return nil
	}
	if creator != nil {
		// It is ours. Its texts and roles are compared with what was asked for.
		c.expected[id] = principal{
			Name:        now.Name,
			Description: c.lastDescription(id, *creator),
			RolesKnown:  now.RolesKnown,
			Owner:       now.Owner,
		}
		return nil
	}
	unproven, err := c.unproven(Appeared, id)
	if err != nil || unproven {
		c.deferred[k] = true
		return err
	}
	c.addFinding(
		id,
		Finding{
			Type:    Appeared,
			Details: Details{Name: now.Name, Description: now.Description, Roles: directRoles(now), principal: now},
		},
	)
	return nil
}

// creator is the act that made what appeared, nil when there is none, and whether more than its name tells so: several
// acts may have asked for one name, and of those the last counts.
func (c *comparison) creator(id string, now principal) (creator *ownOperation, identified bool) {
	for i, a := range slices.Backward(c.operations.finished) {
		if !a.mayHaveCreated(c.kind, id, now) {
			continue
		}
		if a.matchesByIDOrTag(now) {
			return &c.operations.finished[i], true
		}
		if creator == nil {
			creator = &c.operations.finished[i]
		}
	}
	return creator, false
}

// lastDescription is the description that we are known to have given last to what an act made.
func (c *comparison) lastDescription(id string, creator ownOperation) string {
	for _, a := range slices.Backward(c.operations.finished) {
		if a.edits(c.kind, id) && a.confirmed() {
			return a.intent.Description
		}
	}
	return creator.intent.Description
}

func (c *comparison) compareGone(id string) error {
	h := c.expected[id]
	mayHaveDeleted := func(a ownOperation) bool { return a.mayHaveDeleted(c.kind, id, h, c.ownersKnown) }
	k := findingKey{target: id, findingType: Gone}
	if slices.ContainsFunc(c.operations.finished, mayHaveDeleted) {
		delete(c.expected, id)
		return nil
	}
	if slices.ContainsFunc(c.operations.pending, mayHaveDeleted) {
		c.deferred[k] = true
		return nil
	}
	if !c.knownFindings[k] {
		unproven, err := c.unproven(Gone, id)
		if err != nil || unproven {
			c.deferred[k] = true
			return err
		}
	}
	c.addFinding(id, Finding{
		Type:    Gone,
		Details: Details{Name: h.Name, Description: h.Description, Roles: directRoles(h), principal: h},
	})
	return nil
}

// compareTexts compares name and description. The last of our acts that wrote them counts; one that was confirmed by
// reading is in what is expected already.
func (c *comparison) compareTexts(id string, now principal) {
	h := c.expected[id]
	h.Owner = now.Owner
	unconfirmedWrite := func(all []ownOperation, text func(a ownOperation) string, is string) bool {
		for _, a := range slices.Backward(all) {
			if a.mayHaveSetTexts(c.kind, id, now) {
				return !a.confirmed() && sameText(text(a), is)
			}
		}
		return false
	}
	pendingWrite := func(text func(a ownOperation) string, is string) bool {
		return slices.ContainsFunc(c.operations.pending, func(a ownOperation) bool {
			was := ""
			if a.intent.OldTexts != nil {
				was = text(ownOperation{intent: textsIntent(*a.intent.OldTexts)})
			}
			return a.mayHaveSetTexts(c.kind, id, now) && (sameText(text(a), is) || a.intent.OldTexts != nil && sameText(was, is))
		})
	}
	compareText := func(what FindingType, was *string, is string, text func(a ownOperation) string) {
		switch {
		case sameText(*was, is) || unconfirmedWrite(c.operations.finished, text, is):
			*was = is
		case pendingWrite(text, is):
			c.deferred[findingKey{target: id, findingType: what}] = true
		default:
			c.addFinding(id, Finding{Type: what, Details: Details{Name: now.Name, OldValue: *was, NewValue: is, principal: now}})
		}
	}
	compareText(Renamed, &h.Name, now.Name, func(a ownOperation) string { return intentName(c.kind, a.intent) })
	compareText(
		DescriptionChanged,
		&h.Description,
		now.Description,
		func(a ownOperation) string { return a.intent.Description },
	)
	c.expected[id] = h
}

// addFinding notes a finding.
func (c *comparison) addFinding(id string, f Finding) {
	f.Kind, f.Target = c.kind, id
	c.findings = append(c.findings, f)
}

// directRoles are the roles that are assigned themselves.
func directRoles(h principal) []Role {
	var roles []Role
	for _, r := range h.Roles {
		if r.Direct {
			roles = append(roles, Role{ID: r.ID, Name: r.Name})
		}
	}
	return roles
}
