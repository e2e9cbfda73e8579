package directory

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// SubuserByID reads one subuser from the vendor, now: never from the snapshot. It fails with ErrNotFound, with a
// Trouble, or with the context's error. What was read is patched into the snapshot; the keys are the snapshot's.
func (d *Directory) SubuserByID(ctx context.Context, account, id int64) (Subuser, error) {
	a := d.account(account)
	at := a.tick()
	s, err := a.readSubuser(ctx, id)
	switch {
	case errors.Is(err, ErrNotFound):
		a.patch(id, patch{at: at})
		return Subuser{}, err
	case err != nil:
		return Subuser{}, d.readError(ctx, "GetSubUsers", err)
	}
	a.patch(id, patch{at: at, subuser: &s})
	return a.withKeys(s), nil
}

// readSubuser reads a subuser and then the roles, which are asked for by themselves: the contract describes that
// answer best, and what guards a change should rest on it.
func (a *account) readSubuser(ctx context.Context, id int64) (Subuser, error) {
	listed, err := a.d.reader.GetSubUsers(ctx, a.id, voxapi.SubUsersQuery{ID: id})
	if err != nil {
		return Subuser{}, orNotFound(err)
	}
	// An unknown id may be answered with nothing, and a vendor who overlooks it answers with others.
	at := slices.IndexFunc(listed, func(u voxapi.SubUser) bool { return u.ID == id })
	if at < 0 {
		return Subuser{}, ErrNotFound
	}
	found := listed[at]
	found.Roles, err = a.d.reader.GetSubUserRoles(ctx, a.id, id, true)
	if err != nil {
		return Subuser{}, orNotFound(err)
	}
	found.RolesKnown = true
	return a.catalogueNow(ctx).family.subuserOf(found), nil
}

// orNotFound turns the vendor's code for an unknown subuser into ErrNotFound.
func orNotFound(err error) error {
	if voxapi.Code(err) == voxapi.CodeInvalidSubUserID {
		return ErrNotFound
	}
	return err
}

// withKeys returns a subuser with the keys that the snapshot knows to be theirs. Without a snapshot one is
// begun, so that the next look knows them.
func (a *account) withKeys(s Subuser) Subuser {
	snap := a.snapshot.Load()
	if snap == nil {
		a.listing.freshen()
		return s
	}
	s.Keys, s.KeysKnown = snap.keys.of[s.ID], snap.keys.ownersKnown
	return s
}

// FindLogin reads the whole listing anew from the vendor and answers the subuser with this login, compared
// without case. complete is false when the listing may lack rows: an absence then proves nothing. It fails
// with a Trouble or with the context's error.
func (d *Directory) FindLogin(ctx context.Context, account int64, login string) (s Subuser, found, complete bool, err error) {
	a := d.account(account)
	listed, complete, err := a.listSubusers(ctx, func(int) {})
	if err != nil {
		return Subuser{}, false, false, d.readError(ctx, "GetSubUsers", err)
	}
	wanted := strings.ToLower(login)
	for _, subuser := range a.catalogueNow(ctx).family.subusersOf(listed) {
		if strings.ToLower(subuser.Login) == wanted {
			return a.withKeys(subuser), true, complete, nil
		}
	}
	return Subuser{}, false, complete, nil
}
