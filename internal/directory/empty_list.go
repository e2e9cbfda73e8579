package directory

import (
	"context"
	"errors"

	"github.com/voxwarden/voxwarden/internal/access"
)

// maxWitnesses is the number of known principals that are read because a list was empty.
const maxWitnesses = 3

// errEmptyList is returned for an empty list of the vendor that another method contradicts.
var errEmptyList = errors.New("the list is empty, although one of its principals exists")

// KnownPrincipals sets a function that returns principals of an account that existed some time ago, at most limit. They
// are read when the vendor's list of their kind is empty and this process has not read another one before. It must be
// called before the first use of the Directory.
func (d *Directory) KnownPrincipals(
	known func(ctx context.Context, account int64, kind access.Kind, limit int) ([]access.Ref, error),
) {
	d.knownPrincipals = known
}

// checkEmpty returns errEmptyList when a list is empty but a principal that was known before still exists: an empty
// list alone does not prove that everything was deleted. It returns the error of reading them.
func (a *account) checkEmpty(ctx context.Context, kind access.Kind) error {
	known, err := a.witnesses(ctx, kind)
	if err != nil {
		return err
	}
	for _, ref := range known {
		if exists, err := a.hasRoles(ctx, ref); err != nil {
			return err
		} else if exists {
			return errEmptyList
		}
	}
	return nil
}

// witnesses returns a few principals that existed some time ago.
func (a *account) witnesses(ctx context.Context, kind access.Kind) (known []access.Ref, err error) {
	if snap := a.snapshot.Load(); snap != nil {
		for _, r := range snap.section(kind).sorted[byID] {
			if len(known) == maxWitnesses {
				break
			}
			known = append(known, r.Ref)
		}
	}
	if len(known) == 0 && a.directory.knownPrincipals != nil {
		return a.directory.knownPrincipals(ctx, a.id, kind, maxWitnesses)
	}
	return known, nil
}

// hasRoles reports whether a principal has roles, by the method that reads the roles of one principal. It proves that
// the principal exists; false proves nothing by itself, because the vendor need not refuse an unknown id.
func (a *account) hasRoles(ctx context.Context, ref access.Ref) (bool, error) {
	roles, err := kinds()[ref.Kind].roles(ctx, a.directory.reader, a.id, ref)
	if err = mapNotFound(err, ref.Kind); errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return len(roles) > 0, err
}
