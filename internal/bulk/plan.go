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

// require returns a *policy.Denied unless the operator may start bulk changes and may do to a single subuser what this
// kind does to many.
func (s *Service) require(o operator.Operator, k Kind) error {
	if err := s.Policy.Require(o, policy.BulkStart); err != nil {
		return err
	}
	descriptor, err := k.descriptor()
	if err != nil {
		return err
	}
	return s.Policy.Require(o, descriptor.Permission)
}

// requireToPlan returns the error of a form that plans a bulk change: a *policy.Denied, or an *operations.Invalid with
// the field "reason".
func (s *Service) requireToPlan(request operations.Request, k Kind) error {
	if err := s.require(request.Operator, k); err != nil {
		return err
	}
	if problem := operations.ReasonProblem(request.Reason, s.Operations.RequireReason); problem != "" {
		return invalid("reason", problem)
	}
	return nil
}

// accountState is the state of the account that a draft is based on: the latest listing.
type accountState struct {
	operator   operator.Operator
	catalogue  directory.Catalogue
	privileged policy.PrivilegedSet
	subusers   []access.Principal
	status     directory.Status
}

// readAccount returns the latest listing. It returns a *NotLoaded or a *directory.ReadError when there is none.
func (s *Service) readAccount(ctx context.Context, request operations.Request) (accountState, error) {
	catalogue := s.Directory.Catalogue(ctx, request.Account)
	everything := directory.Filter{PerPage: directory.Everything}
	list, err := s.Directory.List(ctx, request.Account, access.Subuser, everything)
	if err != nil {
		return accountState{}, err
	}
	if list.Status.Cold() {
		return accountState{}, &NotLoaded{Loaded: list.Status.LoadedRows}
	}
	return accountState{
		operator:   request.Operator,
		catalogue:  catalogue,
		privileged: s.Operations.PrivilegedRoles(catalogue),
		subusers:   list.Rows,
		status:     list.Status,
	}, nil
}

// target is a principal that an item is about. It has only a Ref when the listing lacks it.
type target struct {
	access.Principal
	missing bool
}

// targets returns the selected principals. It returns an *operations.Invalid when there are none, or more than
// MaxItems.
func (s *Service) targets(ctx context.Context, account int64, a accountState, t Targets) ([]target, error) {
	var found []target
	if t.All {
		t.Filter.Page, t.Filter.PerPage = 1, directory.Everything
		list, err := s.Directory.List(ctx, account, access.Subuser, t.Filter)
		if err != nil {
			return nil, err
		}
		for _, subuser := range list.Rows {
			found = append(found, target{Principal: subuser})
		}
	} else {
		found = a.byRef(t.Refs)
	}
	switch {
	case len(found) == 0:
		return nil, invalid("targets", "Select at least one subuser.")
	case len(found) > MaxItems:
		return nil, invalid(
			"targets",
			fmt.Sprintf("You selected %d subusers. A bulk change can have at most %d.", len(found), MaxItems),
		)
	default:
		return found, nil
	}
}

// byRef returns principals, each once, in the order given.
func (a accountState) byRef(refs []access.Ref) []target {
	known := make(map[access.Ref]access.Principal, len(a.subusers))
	for _, subuser := range a.subusers {
		known[subuser.Ref] = subuser
	}
	var found []target
	seen := map[access.Ref]bool{}
	for _, ref := range refs {
		if seen[ref] {
			continue
		}
		seen[ref] = true
		if subuser, ok := known[ref]; ok {
			found = append(found, target{Principal: subuser})
		} else {
			found = append(found, target{Principal: access.Principal{Ref: ref}, missing: true})
		}
	}
	return found
}

// isPrivileged reports whether the item needs an admin.
func (a accountState) isPrivileged(item Item) bool {
	return item.State == Waiting &&
		a.privileged.IsPrivilegedChange(
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
	case t.missing:
		item.skip("The latest listing of the account has no subuser with the id " + t.ID + ".")
	case !t.RolesKnown:
		item.skip("The roles of " + t.Name + " are not known. Open the subuser's page instead.")
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

// leavesNoOwner reports whether no subuser has Owner any more once the given ones lose it.
func (a accountState) leavesNoOwner(losing map[access.Ref]bool) bool {
	if len(losing) == 0 {
		return false
	}
	return !slices.ContainsFunc(a.subusers, func(p access.Principal) bool { return !losing[p.Ref] && a.isOwner(p.Roles) })
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
	descriptor, err := c.Kind.descriptor()
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
	for i := range items {
		c.Privileged = c.Privileged || a.isPrivileged(items[i])
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
