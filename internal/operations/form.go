package operations

import (
	"context"
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// Warning is a consequence that a page must show before the operator confirms. The form sends back the warnings that it
// showed, so that no consequence is confirmed unseen.
type Warning string

// The warnings. Their values are form values.
const (
	// WarnLastOwner: afterwards no subuser has Owner, only the account holder.
	WarnLastOwner Warning = "last-owner"
	// WarnConsoleKeyOwnerUnknown: the vendor does not report which subuser owns the console key, so it may be this one.
	WarnConsoleKeyOwnerUnknown Warning = "own-key-unknown"
	// WarnKeys: keys belong to the subuser, or may. The vendor does not document what happens to the keys of a deleted
	// subuser.
	WarnKeys Warning = "keys"
)

// missingFrom reports whether a form did not show one of the warnings.
func missingFrom(shown, warnings []Warning) bool {
	return slices.ContainsFunc(warnings, func(w Warning) bool { return !slices.Contains(shown, w) })
}

// Form is what the form of an action on one principal is built from. Forms for roles have a type of their own.
type Form struct {
	ID            string           // a new operation id
	Principal     access.Principal // read just now
	Catalogue     directory.Catalogue
	Keys          []access.Principal // forms that delete a subuser: the keys that are known to belong to it
	Warnings      []Warning          // what the page must show
	IsConsoleKey  bool               // the principal is the key that this server uses for the API
	BlockedReason string             // a sentence: why the action is not possible here; "" when it is
}

// FormOutdated is the error when the principal changed since the form was built, or the form did not show a warning.
// Nothing was sent.
type FormOutdated struct{ Form Form }

// Error implements error.
func (*FormOutdated) Error() string { return "the principal changed since the form was built" }

// form checks the permission and then reads the principal; see readForm.
func (s *Service) form(
	ctx context.Context,
	o operator.Operator,
	verb Verb,
	account int64,
	ref access.Ref,
) (Form, error) {
	if err := s.requireVerb(o, ref.Kind, verb); err != nil {
		return Form{}, err
	}
	return s.readForm(ctx, o, account, ref, s.forDrawing(account))
}

// requireVerb fails with policy.Denied when the operator may not perform the action with this verb on the kind.
func (s *Service) requireVerb(o operator.Operator, kind access.Kind, verb Verb) error {
	descriptor, err := DescriptorFor(kind, verb)
	if err != nil {
		return err
	}
	return s.Policy.Require(o, descriptor.Permission)
}

// readForm reads the principal and fails with policy.Denied when only an admin may change a principal with its roles.
// It also fails with PrivilegeUnknown, directory.ErrNotFound, a *directory.ReadError or the error of the context.
func (s *Service) readForm(
	ctx context.Context,
	o operator.Operator,
	account int64,
	ref access.Ref,
	readCatalogue catalogueReader,
) (Form, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	catalogue := readCatalogue(ctx)
	p, err := s.Directory.ByID(ctx, account, ref)
	if err != nil {
		return Form{}, err
	}
	if err := s.requirePrivilege(o, catalogue, p, nil); err != nil {
		return Form{}, err
	}
	return Form{ID: s.NewID(), Principal: p, Catalogue: catalogue, IsConsoleKey: s.IsConsoleKey(p.Ref)}, nil
}
