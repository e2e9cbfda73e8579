package bulk

import (
	"context"
	"fmt"
	"slices"

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
	if err := s.Policy.Require(o, policy.RunsStart); err != nil {
		return err
	}
	return s.Policy.Require(o, permissionOf(k))
}

// ground is what a plan is drawn on: the account as it was last read.
type ground struct {
	operator   operator.Operator
	catalogue  directory.Catalogue
	privileged policy.PrivilegedSet
	everybody  []directory.Subuser
	status     directory.Status
}

// survey looks at the account. It fails with Cold or a directory.Trouble.
func (s *Service) survey(ctx context.Context, act operations.Act) (ground, error) {
	g := ground{operator: act.Operator, catalogue: s.Directory.Catalogue(ctx, act.Account)}
	g.privileged = s.Acts.PrivilegedRoles(g.catalogue)
	list, err := s.Directory.Subusers(ctx, act.Account, directory.SubuserFilter{PerPage: directory.Everything})
	if err != nil {
		return ground{}, err
	}
	if list.Status.Cold() {
		return ground{}, &Cold{Loaded: list.Status.LoadedRows}
	}
	g.everybody, g.status = list.Rows, list.Status
	return g, nil
}

// target is one that a run is to be about. Its subuser has only the id when the account, as last read, lacks it.
type target struct {
	directory.Subuser
	missing bool
}

// targets finds who is meant. It fails with operations.Invalid when that is nobody, or more than a run may have.
func (s *Service) targets(ctx context.Context, account int64, g ground, t Targets) ([]target, error) {
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
	case len(found) > RowsMax:
		return nil, invalid(
			"targets",
			fmt.Sprintf("These are %d subusers; a run may have at most %d. Choose fewer.", len(found), RowsMax),
		)
	default:
		return found, nil
	}
}

// byID finds subusers, each once, in the order given.
func (g ground) byID(ids []int64) []target {
	known := make(map[int64]directory.Subuser, len(g.everybody))
	for _, subuser := range g.everybody {
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
func (g ground) isPrivileged(row Row) bool {
	return row.State == Waiting &&
		g.privileged.Touches(idsOf(row.Before), slices.Concat(idsOf(row.Grant), idsOf(row.Revoke), idsOf(row.Roles)))
}

// row begins the row of a target, with what keeps anybody from being part of a run.
func (s *Service) row(g ground, t target) Row {
	row := Row{TargetID: t.ID, Login: t.Login, Description: t.Description, Before: g.refs(t.DirectIDs()), State: Waiting}
	switch {
	case t.missing:
		row.skip("The account, as last read, has no subuser with the number " + fmt.Sprint(t.ID) + ".")
	case !t.RolesKnown:
		row.skip("It is not known which roles " + t.Login + " has. Open the subuser's own page instead.")
	case s.Policy.MayChange(g.operator, g.privileged, t.HeldIDs(), nil) != nil:
		row.skip("Holds a privileged role: only an admin may do this.")
	}
	return row
}

// skip says why a row is not sent.
func (r *Row) skip(problem string) { r.State, r.Problem = Skipped, problem }

// say adds a sentence to what the preview says of a row.
func (r *Row) say(sentence string) {
	if r.Note != "" {
		sentence = r.Note + " " + sentence
	}
	r.Note = sentence
}

// refs names roles by the catalogue.
func (g ground) refs(ids []int64) []operations.RoleRef {
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
func (g ground) leavesNoOwner(losing map[int64]bool) bool {
	if len(losing) == 0 {
		return false
	}
	return !slices.ContainsFunc(g.everybody, func(u directory.Subuser) bool { return !losing[u.ID] && isOwner(u.Roles) })
}

// isOwner says whether somebody who holds these roles has the vendor's Owner.
func isOwner(held []directory.HeldRole) bool {
	return slices.ContainsFunc(held, func(r directory.HeldRole) bool { return policy.SameRole(r.Name, ownerRole) })
}

const ownerRole = "Owner"

// draft writes a planned run with its rows.
func (s *Service) draft(ctx context.Context, act operations.Act, g ground, r Run, rows []Row) (Run, error) {
	r.AsOf, r.Incomplete = g.status.AsOf, g.status.Incomplete
	r.ID, r.Account, r.Operator, r.State, r.CreatedAt = s.Acts.NewID(), act.Account, act.Operator, Draft, s.Now().UTC()
	for i := range rows {
		r.Privileged = r.Privileged || g.isPrivileged(rows[i])
		rows[i].Run, rows[i].N = r.ID, i+1
		r.Counts.add(rows[i].State, "", 1)
	}
	if err := s.insert(ctx, storedRun{Run: r}, rows); err != nil {
		return Run{}, err
	}
	return r, nil
}

// invalid is the error of a form with one thing wrong.
func invalid(field, sentence string) *operations.Invalid {
	return &operations.Invalid{Fields: map[string]string{field: sentence}}
}
