package bulk

import (
	"context"
	"fmt"
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// permissionOf is what each operation of a run needs.
func permissionOf(k Kind) policy.Permission {
	switch k {
	case Delete:
		return policy.SubusersDelete
	case Create:
		return policy.SubusersCreate
	default:
		return policy.SubusersRoles
	}
}

// require fails with policy.Denied unless the operator may make runs, and may do to one what this kind does to many.
func (s *Service) require(o operator.Operator, k Kind) error {
	if err := s.Policy.Require(o, policy.BulkStart); err != nil {
		return err
	}
	return s.Policy.Require(o, permissionOf(k))
}

// accountState is what a plan is drawn on: the account as it was last read.
type accountState struct {
	operator   operator.Operator
	catalogue  directory.Catalogue
	privileged policy.PrivilegedSet
	subusers   []directory.Subuser
	status     directory.Status
}

// readAccount looks at the account. It fails with Cold or a directory.LastError.
func (s *Service) readAccount(ctx context.Context, request operations.Request) (accountState, error) {
	g := accountState{operator: request.Operator, catalogue: s.Directory.Catalogue(ctx, request.Account)}
	g.privileged = s.Operations.PrivilegedRoles(g.catalogue)
	list, err := s.Directory.Subusers(ctx, request.Account, directory.SubuserFilter{PerPage: directory.Everything})
	if err != nil {
		return accountState{}, err
	}
	if list.Status.Cold() {
		return accountState{}, &NotLoaded{Loaded: list.Status.LoadedRows}
	}
	g.subusers, g.status = list.Rows, list.Status
	return g, nil
}

// target is one that a run is to be about. Its subuser has only the id when the account, as last read, lacks it.
type target struct {
	directory.Subuser
	missing bool
}

// targets finds who is meant. It fails with operations.Invalid when that is nobody, or more than a run may have.
func (s *Service) targets(ctx context.Context, account int64, g accountState, t Targets) ([]target, error) {
	var found []target
	if t.All {
		t.Filter.Page, t.Filter.PerPage = 1, directory.Everything
		list, err := s.Directory.Subusers(ctx, account, t.Filter)
		if err != nil {
			return nil, err
		}
		for _, subuser := range list.Rows {
			found = append(found, target{Subuser: subuser})
		}
	} else {
		found = g.byID(t.IDs)
	}
	switch {
	case len(found) == 0:
		return nil, invalid("targets", "Nobody is chosen: tick at least one subuser.")
	case len(found) > MaxItems:
		return nil, invalid(
			"targets",
			fmt.Sprintf("These are %d subusers; a run may have at most %d. Choose fewer.", len(found), MaxItems),
		)
	default:
		return found, nil
	}
}

// byID finds subusers, each once, in the order given.
func (g accountState) byID(ids []int64) []target {
	known := make(map[int64]directory.Subuser, len(g.subusers))
	for _, subuser := range g.subusers {
		known[subuser.ID] = subuser
	}
	var found []target
	seen := map[int64]bool{}
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		subuser, ok := known[id]
		subuser.ID = id
		found = append(found, target{Subuser: subuser, missing: !ok})
	}
	return found
}

// isPrivileged says whether none but an admin may do what a row does.
func (g accountState) isPrivileged(item Item) bool {
	return item.State == Waiting &&
		g.privileged.IsPrivilegedChange(
			idsOf(item.Before),
			slices.Concat(idsOf(item.Grant), idsOf(item.Revoke), idsOf(item.Roles)),
		)
}

// newItem begins the row of a target, with what keeps anybody from being part of a run.
func (s *Service) newItem(g accountState, t target) Item {
	item := Item{
		TargetID:    t.ID,
		Login:       t.Login,
		Description: t.Description,
		Before:      g.refs(t.DirectRoleIDs()),
		State:       Waiting,
	}
	switch {
	case t.missing:
		item.skip("The account, as last read, has no subuser with the number " + fmt.Sprint(t.ID) + ".")
	case !t.RolesKnown:
		item.skip("It is not known which roles " + t.Login + " has. Open the subuser's own page instead.")
	case s.Policy.RequireRoleChange(g.operator, g.privileged, t.RoleIDs(), nil) != nil:
		item.skip("Holds a privileged role: only an admin may do this.")
	}
	return item
}

// skipLine says why a row is not sent.
func (r *Item) skip(problem string) { r.State, r.Problem = Skipped, problem }

// addNote adds a sentence to what the preview says of a row.
func (r *Item) addNote(sentence string) {
	if r.Note != "" {
		sentence = r.Note + " " + sentence
	}
	r.Note = sentence
}

// refs names roles by the catalogue.
func (g accountState) refs(ids []int64) []operations.RoleRef {
	refs := make([]operations.RoleRef, 0, len(ids))
	for i, name := range g.catalogue.Names(ids) {
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

// leavesNoOwner says whether nobody will have Owner once it is taken from those who lose it.
func (g accountState) leavesNoOwner(losing map[int64]bool) bool {
	if len(losing) == 0 {
		return false
	}
	return !slices.ContainsFunc(g.subusers, func(u directory.Subuser) bool { return !losing[u.ID] && isOwner(u.Roles) })
}

// isOwner says whether somebody who holds these roles has the vendor's Owner.
func isOwner(roles []access.RoleAssignment) bool {
	return slices.ContainsFunc(
		roles,
		func(r access.RoleAssignment) bool { return policy.SameRoleName(r.Name, ownerRole) },
	)
}

const ownerRole = "Owner"

// draft writes a planned run with its rows.
func (s *Service) draft(
	ctx context.Context,
	request operations.Request,
	g accountState,
	r Change,
	items []Item,
) (Change, error) {
	r.AsOf, r.Incomplete = g.status.AsOf, g.status.Incomplete
	r.ID = s.Operations.NewID()
	r.Account = request.Account
	r.Operator = request.Operator
	r.State = Draft
	r.CreatedAt = s.Now().UTC()
	for i := range items {
		r.Privileged = r.Privileged || g.isPrivileged(items[i])
		items[i].BulkID, items[i].N = r.ID, i+1
		r.Counts.add(items[i].State, "", 1)
	}
	if err := s.insert(ctx, storedChange{Change: r}, items); err != nil {
		return Change{}, err
	}
	return r, nil
}

// invalid is the error of a form with one thing wrong.
func invalid(field, sentence string) *operations.Invalid {
	return &operations.Invalid{Fields: map[string]string{field: sentence}}
}
