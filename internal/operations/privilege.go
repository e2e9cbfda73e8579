package operations

import (
	"context"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// bulkCatalogueMaxAge is the age of the catalogue at which an item of a bulk change reads it again.
const bulkCatalogueMaxAge = time.Minute

// PrivilegeUnknown is the error of a change by an operator without the permission for privileged roles, when the
// vendor's roles could not be read just before: any of them may be privileged by now. Nothing was sent.
type PrivilegeUnknown struct{ Cause *directory.ReadError }

// Error implements error.
func (e *PrivilegeUnknown) Error() string {
	return "reading which roles are privileged: " + e.Cause.Error()
}

// Unwrap returns the cause.
func (e *PrivilegeUnknown) Unwrap() error { return e.Cause }

// catalogueReader returns the catalogue from which a form is built.
type catalogueReader func(ctx context.Context) directory.Catalogue

// forDrawing returns the catalogue of forms and previews, which may be some minutes old.
func (s *Service) forDrawing(account int64) catalogueReader {
	return func(ctx context.Context) directory.Catalogue { return s.Directory.Catalogue(ctx, account) }
}

// forDecision returns the catalogue by which a change is decided. A role can become privileged at any time: it gets a
// privileged one as a child, or another name. So the roles are read just before the change, unless the operator may
// make privileged changes anyway.
func (s *Service) forDecision(r Request) catalogueReader {
	if s.Policy.May(r.Operator, policy.Privileged) {
		return s.forDrawing(r.Account)
	}
	var maxAge time.Duration
	if r.BulkID != "" {
		maxAge = bulkCatalogueMaxAge
	}
	return func(ctx context.Context) directory.Catalogue {
		return s.Directory.FreshCatalogue(ctx, r.Account, maxAge)
	}
}

// PrivilegedRoles returns the privileged roles of a catalogue. Those of the newest one are kept, because every list
// needs them.
func (s *Service) PrivilegedRoles(c directory.Catalogue) policy.PrivilegedSet {
	if known := s.privileged.Load(); known != nil && known.catalogue.SameReading(c) {
		return known.roles
	}
	roles := s.Policy.Privileged(c.Roles, c.Graph())
	s.privileged.Store(&privilegedRoles{catalogue: c, roles: roles})
	return roles
}

// privilegedRoles are the privileged roles of a catalogue. They never change.
type privilegedRoles struct {
	catalogue directory.Catalogue
	roles     policy.PrivilegedSet
}

// PrivilegedHolders returns the function for directory.Options.Privileged.
func PrivilegedHolders(p *policy.Policy) func(directory.Catalogue) func(access.Principal) bool {
	return func(c directory.Catalogue) func(access.Principal) bool {
		return p.Privileged(c.Roles, c.Graph()).Holders()
	}
}

// privilegedGrants returns the roles that make a grant to a principal privileged; see policy.PrivilegedSet.
func (s *Service) privilegedGrants(c directory.Catalogue, p access.Principal, grant []int64) []int64 {
	return s.PrivilegedRoles(c).With(p.Reported).PrivilegedGrants(p.RoleIDs(), grant)
}

// requirePrivilege fails with policy.Denied when the operator may not make a change of a principal's roles, or with no
// changed roles another change of the principal. It fails with PrivilegeUnknown when that is only because the catalogue
// could not be read.
func (s *Service) requirePrivilege(
	o operator.Operator,
	c directory.Catalogue,
	p access.Principal,
	changed []int64,
) error {
	err := s.Policy.RequireRoleChange(o, s.PrivilegedRoles(c).With(p.Reported), p.RoleIDs(), changed)
	if err != nil && !c.Known && c.LastError != nil {
		return &PrivilegeUnknown{Cause: c.LastError}
	}
	return err
}
