package directory

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// byIDTimeout is how long somebody waits for one subuser before being told that the vendor is slow: two calls, and
// room for one of them to be tried again.
const byIDTimeout = 8 * time.Second

// SubuserByID reads one subuser from the vendor, now: never from the snapshot. It fails with ErrNotFound, with a
// Trouble, or with the context's error. What was read is patched into the snapshot; the keys are the snapshot's.
func (d *Directory) SubuserByID(ctx context.Context, account, id int64) (Subuser, error) {
	a := d.account(account)
	tick := a.tick()
	readCtx, cancel := context.WithTimeout(ctx, byIDTimeout)
	defer cancel()
	s, err := a.readSubuser(readCtx, id)
	switch {
	case errors.Is(err, ErrNotFound):
		a.patch(id, patch{tick: tick})
		return Subuser{}, err
	case err != nil:
		return Subuser{}, d.callerError(ctx, "GetSubUsers", err)
	}
	a.patch(id, patch{tick: tick, subuser: &s})
	return a.withKeys(s), nil
}

// readSubuser reads a subuser and then the roles, which are asked for by themselves: the contract describes that
// answer best, and what guards a change should rest on it.
func (a *account) readSubuser(ctx context.Context, id int64) (Subuser, error) {
	found, err := a.findSubuser(ctx, id)
	if err != nil {
		return Subuser{}, mapSubuserNotFound(err)
	}
	found.Roles, err = a.directory.reader.GetSubUserRoles(ctx, a.id, id, true)
	if err != nil {
		return Subuser{}, mapSubuserNotFound(err)
	}
	found.RolesKnown = true
	return a.currentCatalogue(ctx).roleIndex().convertSubuser(found), nil
}

// errSubuserIDIgnored and errKeyOverlooked are the answers when the vendor overlooks the id that is asked for, and
// the list may lack rows.
var (
	errSubuserIDIgnored = errors.New("the vendor overlooks subuser_id, and the list of subusers may be incomplete")
	errKeyIDIgnored     = errors.New("the vendor overlooks key_id, and the list of keys may be incomplete")
)

// findSubuser reads the row of a subuser. An unknown id may be answered with nothing. A vendor who overlooks the
// id answers with a page of others, which says nothing of this one: then it is looked for in the whole list.
func (a *account) findSubuser(ctx context.Context, id int64) (voxapi.SubUser, error) {
	wanted := func(u voxapi.SubUser) bool { return u.ID == id }
	listed, err := a.directory.reader.GetSubUsers(ctx, a.id, voxapi.SubUsersQuery{ID: id})
	if err != nil {
		return voxapi.SubUser{}, err
	}
	if at := slices.IndexFunc(listed, wanted); at >= 0 {
		return listed[at], nil
	}
	if len(listed) == 0 {
		return voxapi.SubUser{}, ErrNotFound
	}
	listed, complete, err := a.listSubusers(ctx, func(int) {})
	if err != nil {
		return voxapi.SubUser{}, err
	}
	at := slices.IndexFunc(listed, wanted)
	switch {
	case at >= 0:
		return listed[at], nil
	case complete:
		return voxapi.SubUser{}, ErrNotFound
	default:
		return voxapi.SubUser{}, errSubuserIDIgnored
	}
}

// mapSubuserNotFound turns the code with which the vendor refuses an unknown subuser into ErrNotFound. Beside a
// result it proves nothing.
func mapSubuserNotFound(err error) error {
	if voxapi.IsNotFound(err, access.Subuser) {
		return ErrNotFound
	}
	return err
}

// withKeys returns a subuser with the keys that the snapshot knows to be theirs. Without a snapshot one is
// begun, so that the next look knows them.
func (a *account) withKeys(s Subuser) Subuser {
	snap := a.snapshot.Load()
	if snap == nil {
		a.listingLoader.refreshIfStale()
		return s
	}
	s.Keys, s.KeysKnown = snap.keys.byOwner[s.ID], snap.keys.ownersKnown
	return s
}

// FindSubuser reads the whole listing anew from the vendor and answers the subuser that carries the mark, whatever
// their login, else the one with this login, compared without case. mark may be "". complete is false when the
// listing may lack rows: an absence then proves nothing. It fails with a Trouble or with the context's error.
func (d *Directory) FindSubuser(
	ctx context.Context,
	account int64,
	login, tag string,
) (s Subuser, found, complete bool, err error) {
	a := d.account(account)
	listed, complete, err := a.listSubusers(ctx, func(int) {})
	if err != nil {
		return Subuser{}, false, false, d.callerError(ctx, "GetSubUsers", err)
	}
	all := a.currentCatalogue(ctx).roleIndex().convertSubusers(listed)
	at := slices.IndexFunc(all, func(s Subuser) bool { return tag != "" && s.Tag == tag })
	if at < 0 {
		at = slices.IndexFunc(all, func(s Subuser) bool { return strings.EqualFold(s.Login, login) })
	}
	if at < 0 {
		return Subuser{}, false, complete, nil
	}
	return a.withKeys(all[at]), true, complete, nil
}
