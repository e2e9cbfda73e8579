package bulk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// require returns a *policy.Denied unless the operator may start bulk changes and may do to a single principal what
// this one does to many.
func (s *Service) require(o operator.Operator, c Change) error {
	if err := s.Policy.Require(o, policy.BulkStart); err != nil {
		return err
	}
	descriptor, err := c.descriptor()
	if err != nil {
		return err
	}
	return s.Policy.Require(o, descriptor.Permission)
}

// requireToPlan returns the error of a form that plans a bulk change: a *policy.Denied, or an *operations.Invalid with
// the field "reason".
func (s *Service) requireToPlan(request operations.Request, c Change) error {
	if err := s.require(request.Operator, c); err != nil {
		return err
	}
	if problem := operations.ReasonProblem(request.Reason, s.Operations.RequireReason); problem != "" {
		return invalid("reason", problem)
	}
	return nil
}

// accountState is the state of the account that a draft is based on: the latest listing of one kind.
type accountState struct {
	operator   operator.Operator
	kind       access.Kind
	catalogue  directory.Catalogue
	privileged policy.PrivilegedSet
	principals []access.Principal
	status     directory.Status
}

// readAccount returns the latest listing of a kind. It returns a *NotLoaded or a *directory.ReadError when there is
// none.
func (s *Service) readAccount(
	ctx context.Context,
	request operations.Request,
	kind access.Kind,
) (accountState, error) {
	catalogue := s.Directory.Catalogue(ctx, request.Account)
	everything := directory.Filter{PerPage: directory.Everything}
	list, err := s.Directory.List(ctx, request.Account, kind, everything)
	if err != nil {
		return accountState{}, err
	}
	if list.Status.Cold() {
		return accountState{}, &NotLoaded{Loaded: list.Status.LoadedRows}
	}
	return accountState{
		operator:   request.Operator,
		kind:       kind,
		catalogue:  catalogue,
		privileged: s.Operations.PrivilegedRoles(catalogue),
		principals: list.Rows,
		status:     list.Status,
	}, nil
}

// filter returns the filter that selects the targets, nil when they are selected one by one.
func (t Targets) filter() *directory.Filter {
	if !t.All {
		return nil
	}
	return &t.Filter
}

// target is a principal that an item is about. It has only a Ref when the listing lacks it.
type target struct {
	access.Principal
	missing bool
}

// name returns how texts call the target: a key may have no name.
func (t target) name() string { return operations.Confirmation(t.Principal) }

// targets returns the selected principals. It returns an *operations.Invalid when there are none, or more than
// MaxItems.
func (s *Service) targets(ctx context.Context, account int64, a accountState, t Targets) ([]target, error) {
	var found []target
	if t.All {
		t.Filter.Page, t.Filter.PerPage = 1, directory.Everything
		list, err := s.Directory.List(ctx, account, t.Kind, t.Filter)
		if err != nil {
			return nil, err
		}
		for _, principal := range list.Rows {
			found = append(found, target{Principal: principal})
		}
	} else {
		if slices.ContainsFunc(t.Refs, func(ref access.Ref) bool { return ref.Kind != t.Kind }) {
			return nil, fmt.Errorf("planning a bulk change of %s: %w", plural(t.Kind), access.ErrInvalidRef)
		}
		found = a.byRef(t.Refs)
	}
	switch {
	case len(found) == 0 && t.All && a.status.Incomplete:
		return nil, invalid("targets", "The list of "+plural(t.Kind)+" could not be read completely. Refresh it first.")
	case len(found) == 0:
		return nil, invalid("targets", "Select at least one "+string(t.Kind)+".")
	case len(found) > MaxItems:
		return nil, invalid(
			"targets",
			fmt.Sprintf("You selected %d %s. A bulk change can have at most %d.", len(found), plural(t.Kind), MaxItems),
		)
	default:
		return found, nil
	}
}

// byRef returns principals, each once, in the order given.
func (a accountState) byRef(refs []access.Ref) []target {
	known := make(map[access.Ref]access.Principal, len(a.principals))
	for _, principal := range a.principals {
		known[principal.Ref] = principal
	}
	var found []target
	seen := map[access.Ref]bool{}
	for _, ref := range refs {
		if seen[ref] {
			continue
		}
		seen[ref] = true
		if principal, ok := known[ref]; ok {
			found = append(found, target{Principal: principal})
		} else {
			found = append(found, target{Principal: access.Principal{Ref: ref}, missing: true})
		}
	}
	return found
}

// isPrivileged reports whether the item needs an admin because of its roles.
func (a accountState) isPrivileged(item Item) bool {
	return a.privileged.IsPrivilegedChange(
		idsOf(item.Before),
		slices.Concat(idsOf(item.Grant), idsOf(item.Revoke), idsOf(item.Roles)),
	)
}

// addPrivilegedGrants adds the roles that make an item the grant of a privileged role.
func (c *Change) addPrivilegedGrants(item Item) {
	if item.State != Waiting {
		return
	}
	for _, role := range slices.Concat(item.Grant, item.Roles) {
		if slices.Contains(item.PrivilegedGrants, role.ID) && !slices.Contains(c.PrivilegedGrants, role) {
			c.PrivilegedGrants = append(c.PrivilegedGrants, role)
		}
	}
}

// plural returns the name of a kind for several principals, within a sentence.
func plural(kind access.Kind) string { return string(kind) + "s" }

// consoleKeyText is why the item of the console key is not sent.
const consoleKeyText = "This is the console key, which bulk changes leave out. Use the key's own page."

// newItem returns the item of a target. It is skipped when no bulk change can have it.
func (s *Service) newItem(a accountState, t target) Item {
	item := Item{
		Target:      t.Ref,
		Name:        t.Name,
		Description: t.Description,
		Before:      a.refs(t.DirectRoleIDs()),
		State:       Waiting,
	}
	switch {
	case s.Operations.IsConsoleKey(t.Ref):
		item.skip(consoleKeyText)
	case t.missing:
		item.skip("The latest listing of the account has no " + string(t.Kind) + " with the id " + t.ID + ".")
	case !t.RolesKnown:
		item.skip("The roles of " + t.name() + " are not known. Open the " + string(t.Kind) + "'s page instead.")
	case s.Policy.RequireRoleChange(a.operator, a.privileged.With(t.Reported), t.RoleIDs(), nil) != nil:
		item.skip("Has a privileged role: only an admin can change it.")
	}
	return item
}

// refs names roles by the catalogue.
func (a accountState) refs(ids []int64) []operations.RoleRef {
	refs := make([]operations.RoleRef, 0, len(ids))
	for i, name := range a.catalogue.Names(ids) {
		refs = append(refs, operations.RoleRef{ID: ids[i], Name: name})
	}
	return refs
}

func idsOf(refs []operations.RoleRef) []int64 {
	ids := make([]int64, 0, len(refs))
	for _, r := range refs {
		ids = append(ids, r.ID)
	}
	return ids
}

// leavesNoOwner reports whether no subuser has Owner any more once the given principals lose it. Keys do not
// count.
func (a accountState) leavesNoOwner(losing map[access.Ref]bool) bool {
	if a.kind != access.Subuser || len(losing) == 0 {
		return false
	}
	keepsOwner := func(p access.Principal) bool { return !losing[p.Ref] && a.isOwner(p.Roles) }
	return !slices.ContainsFunc(a.principals, keepsOwner)
}

// isOwner reports whether one of the roles is Owner, by its name or by any name in the catalogue.
func (a accountState) isOwner(roles []access.RoleAssignment) bool {
	isNamedOwner := func(name string) bool { return policy.SameRoleName(name, ownerRole) }
	return slices.ContainsFunc(roles, func(r access.RoleAssignment) bool {
		role, listed := a.catalogue.ByID(r.ID)
		return isNamedOwner(r.Name) || listed && role.HasName(isNamedOwner)
	})
}

const ownerRole = "Owner"

// draft writes a draft with its items. Its reason is the one of the request; the form that starts it may change it.
func (s *Service) draft(
	ctx context.Context,
	request operations.Request,
	a accountState,
	c Change,
	items []Item,
) (Change, error) {
	descriptor, err := c.descriptor()
	if err != nil {
		return Change{}, err
	}
	c.AsOf, c.Incomplete = a.status.AsOf, a.status.Incomplete
	c.ID = s.Operations.NewID()
	c.Account = request.Account
	c.Operator = request.Operator
	c.State = Draft
	c.Reason = strings.TrimSpace(request.Reason)
	c.CreatedAt = s.Now().UTC()
	adminOnly := s.Policy.IsAdminOnly(descriptor.Permission)
	for i := range items {
		c.Privileged = c.Privileged || items[i].State == Waiting && (adminOnly || a.isPrivileged(items[i]))
		c.addPrivilegedGrants(items[i])
		items[i].BulkID, items[i].N, items[i].Action = c.ID, i+1, descriptor.Action
		c.Counts.add(items[i].State, "", 1)
	}
	if err := s.insert(ctx, storedChange{Change: c}, items, request.Actor()); err != nil {
		return Change{}, err
	}
	return c, nil
}

// invalid returns the error of a form with one invalid field.
func invalid(field, sentence string) *operations.Invalid {
	return &operations.Invalid{Fields: map[string]string{field: sentence}}
}
