package drift

import (
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
)

// comparison compares the expected principals of one kind with a listing.
type comparison struct {
	operations    ownOperations
	closure       roleClosure
	ownersKnown   bool
	knownFindings map[findingKey]bool
	// unproven reports whether an appearance or an absence proves nothing.
	unproven func(findingType FindingType, ref access.Ref) (bool, error)

	expected map[access.Ref]principal // from now on
	findings []Finding
	deferred map[findingKey]bool // differences that the next listing decides
}

// run compares all principals. What own operations explain is expected from now on; everything else is a finding.
func (c *comparison) run(e expectation, listed map[access.Ref]principal) error {
	c.expected, c.deferred = e.principals, map[findingKey]bool{}
	for _, ref := range refsWithout(listed, c.expected) {
		if err := c.compareAppeared(listed[ref]); err != nil {
			return err
		}
	}
	for _, ref := range refsWithout(c.expected, listed) {
		if err := c.compareGone(c.expected[ref]); err != nil {
			return err
		}
	}
	for ref, now := range listed {
		if _, expected := c.expected[ref]; expected {
			c.compareTexts(now)
			c.compareRoles(now, e.confirmedRoles[ref])
		}
	}
	slices.SortStableFunc(c.findings, func(a, b Finding) int { return a.Target.Compare(b.Target) })
	return nil
}

// refsWithout returns the principals that are in one state and not in the other, in their order.
func refsWithout(in, notIn map[access.Ref]principal) (refs []access.Ref) {
	for ref := range in {
		if _, found := notIn[ref]; !found {
			refs = append(refs, ref)
		}
	}
	slices.SortFunc(refs, access.Ref.Compare)
	return refs
}

func (c *comparison) compareAppeared(now principal) error {
	mayHaveCreated := func(o ownOperation) bool { return o.mayHaveCreated(now) }
	k := findingKey{target: now.Ref, findingType: Appeared}
	creator, identified := c.creator(now)
	if !identified && slices.ContainsFunc(c.operations.pending, mayHaveCreated) {
		c.deferred[k] = true
		return nil
	}
	if creator != nil {
		// Texts and roles are compared with those of the intent.
		c.expected[now.Ref] = principal{
			Ref:         now.Ref,
			Name:        now.Name,
			Description: c.lastDescription(now.Ref, *creator),
			RolesKnown:  now.RolesKnown,
			Owner:       now.Owner,
		}
		return nil
	}
	unproven, err := c.unproven(Appeared, now.Ref)
	if err != nil || unproven {
		c.deferred[k] = true
		return err
	}
	c.addFinding(Appeared, now, Details{Description: now.Description, Roles: now.directRoles()})
	return nil
}

// creator returns the operation that created a principal, nil when there is none. identified reports that it matches by
// more than the name: several operations may have created the same name, and of those the last one counts.
func (c *comparison) creator(now principal) (creator *ownOperation, identified bool) {
	for i, o := range slices.Backward(c.operations.finished) {
		if !o.mayHaveCreated(now) {
			continue
		}
		if o.matchesByIDOrTag(now) {
			return &c.operations.finished[i], true
		}
		if creator == nil {
			creator = &c.operations.finished[i]
		}
	}
	return creator, false
}

// lastDescription returns the description that a created principal is known to have got last from an own operation.
func (c *comparison) lastDescription(ref access.Ref, creator ownOperation) string {
	for _, o := range slices.Backward(c.operations.finished) {
		if o.edits(ref) && o.confirmed() {
			return o.intent.Description
		}
	}
	return creator.intent.Description
}

func (c *comparison) compareGone(before principal) error {
	mayHaveDeleted := func(o ownOperation) bool { return o.mayHaveDeleted(before, c.ownersKnown) }
	k := findingKey{target: before.Ref, findingType: Gone}
	if slices.ContainsFunc(c.operations.finished, mayHaveDeleted) {
		delete(c.expected, before.Ref)
		return nil
	}
	if slices.ContainsFunc(c.operations.pending, mayHaveDeleted) {
		c.deferred[k] = true
		return nil
	}
	if !c.knownFindings[k] {
		unproven, err := c.unproven(Gone, before.Ref)
		if err != nil || unproven {
			c.deferred[k] = true
			return err
		}
	}
	c.addFinding(Gone, before, Details{Description: before.Description, Roles: before.directRoles()})
	return nil
}

// compareTexts compares name and description. The last own operation that wrote them counts; a confirmed one is
// included in the expected state already.
func (c *comparison) compareTexts(now principal) {
	before := c.expected[now.Ref]
	before.Owner = now.Owner
	unconfirmedWrite := func(text func(ownOperation) string, is string) bool {
		for _, o := range slices.Backward(c.operations.finished) {
			if o.mayHaveSetTexts(now) {
				return !o.confirmed() && sameText(text(o), is)
			}
		}
		return false
	}
	pendingWrite := func(text func(ownOperation) string, is string) bool {
		return slices.ContainsFunc(c.operations.pending, func(o ownOperation) bool {
			if !o.mayHaveSetTexts(now) {
				return false
			}
			former := o.intent.OldTexts
			return sameText(text(o), is) || former != nil && sameText(text(ownOperation{intent: textsIntent(*former)}), is)
		})
	}
	compareText := func(findingType FindingType, was *string, is string, text func(ownOperation) string) {
		switch {
		case sameText(*was, is) || unconfirmedWrite(text, is):
			*was = is
		case pendingWrite(text, is):
			c.deferred[findingKey{target: now.Ref, findingType: findingType}] = true
		default:
			c.addFinding(findingType, now, Details{OldValue: *was, NewValue: is})
		}
	}
	compareText(Renamed, &before.Name, now.Name, func(o ownOperation) string { return intentName(now.Kind, o.intent) })
	compareText(
		DescriptionChanged,
		&before.Description,
		now.Description,
		func(o ownOperation) string { return o.intent.Description },
	)
	c.expected[now.Ref] = before
}

// addFinding adds a finding about a principal.
func (c *comparison) addFinding(findingType FindingType, p principal, d Details) {
	d.Name, d.principal = p.Name, p
	c.findings = append(c.findings, Finding{Target: p.Ref, Type: findingType, Details: d})
}
