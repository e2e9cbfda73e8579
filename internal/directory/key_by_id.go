package directory

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// KeyByID reads one key from the vendor, now: never from the snapshot. It fails with ErrNotFound, with a Trouble, or
// with the context's error. What was read is patched into the snapshot.
func (d *Directory) KeyByID(ctx context.Context, account int64, id string) (Key, error) {
	a := d.account(account)
	tick := a.tick()
	readCtx, cancel := context.WithTimeout(ctx, byIDTimeout)
	defer cancel()
	k, err := a.readKey(readCtx, id)
	switch {
	case errors.Is(err, ErrNotFound):
		a.patchKey(id, keyPatch{tick: tick})
		return Key{}, err
	case err != nil:
		return Key{}, d.callerError(ctx, "GetKeys", err)
	}
	a.patchKey(id, keyPatch{tick: tick, key: &k})
	if a.snapshot.Load() == nil {
		a.listingLoader.refreshIfStale() // so that the next look knows how this vendor lists roles
	}
	return k, nil
}

// readKey reads a key and then its roles, which are asked for by themselves: what guards a change rests on them.
func (a *account) readKey(ctx context.Context, id string) (Key, error) {
	found, err := a.findKey(ctx, id)
	if err != nil {
		return Key{}, mapKeyNotFound(err)
	}
	found.Roles, err = a.directory.reader.GetKeyRoles(ctx, a.id, id, true)
	if err != nil {
		return Key{}, mapKeyNotFound(err)
	}
	found.RolesKnown = true
	return a.currentCatalogue(ctx).roleIndex().convertKey(found), nil
}

// findKey reads the row of a key. As with subusers, an unknown id may be answered with nothing, and a vendor who
// overlooks the id answers with others: then it is looked for in the whole list.
func (a *account) findKey(ctx context.Context, id string) (voxapi.Key, error) {
	wanted := func(k voxapi.Key) bool { return strings.EqualFold(k.ID, id) }
	listed, err := a.directory.reader.GetKeys(ctx, a.id, voxapi.KeysQuery{ID: id})
	if err != nil {
		return voxapi.Key{}, err
	}
	if at := slices.IndexFunc(listed, wanted); at >= 0 {
		return listed[at], nil
	}
	if len(listed) == 0 {
		return voxapi.Key{}, ErrNotFound
	}
	listed, complete, err := a.listKeys(ctx)
	if err != nil {
		return voxapi.Key{}, err
	}
	at := slices.IndexFunc(listed, wanted)
	switch {
	case at >= 0:
		return listed[at], nil
	case complete:
		return voxapi.Key{}, ErrNotFound
	default:
		return voxapi.Key{}, errKeyIDIgnored
	}
}

// mapKeyNotFound turns the code with which the vendor refuses an unknown key into ErrNotFound, as orNotFound does.
func mapKeyNotFound(err error) error {
	if voxapi.IsNotFound(err, access.Key) {
		return ErrNotFound
	}
	return err
}

// FindKey reads the whole listing of keys anew and answers the key whose description carries the mark; "" is nobody's.
// named are all keys with this name. complete is false when the listing may lack rows: an absence then proves nothing.
// It fails with a Trouble or with the context's error.
func (d *Directory) FindKey(
	ctx context.Context,
	account int64,
	tag, name string,
) (k Key, found bool, named []Key, complete bool, err error) {
	a := d.account(account)
	listed, complete, err := a.listKeys(ctx)
	if err != nil {
		return Key{}, false, nil, false, d.callerError(ctx, "GetKeys", err)
	}
	for _, key := range a.currentCatalogue(ctx).roleIndex().convertKeys(listed) {
		if tag != "" && key.Tag == tag {
			k, found = key, true
		}
		if strings.TrimSpace(key.Name) == strings.TrimSpace(name) {
			named = append(named, key)
		}
	}
	return k, found, named, complete, nil
}
