package directory

import (
	"context"
)

// Subusers answers a list page from the snapshot. A cold one waits ColdWait, then answers with Status.Cold.
// It fails only with a Trouble, when there is no snapshot and none could be read, or with the context's error.
func (d *Directory) Subusers(ctx context.Context, account int64, f SubuserFilter) (SubuserPage, error) {
	snap, status, err := d.account(account).currentSnapshot(ctx)
	if err != nil {
		return SubuserPage{}, err
	}
	if snap == nil {
		return SubuserPage{Page: 1, Pages: 1, Status: status}, nil
	}
	matches := snap.find(f)
	page, pages, from, to := Paginate(len(matches), f.Page, f.PerPage, defaultPerPage)
	return SubuserPage{
		Rows:      snap.subusers(matches[from:to]),
		Matches:   len(matches),
		Total:     len(snap.sorted[byLogin]),
		Page:      page,
		Pages:     pages,
		RoleNames: snap.roleNames,
		Status:    status,
	}, nil
}

// SubusersWithRole answers who holds a role, from the snapshot, by login. It waits and fails as Subusers does.
func (d *Directory) SubusersWithRole(ctx context.Context, account, roleID int64) ([]Subuser, Status, error) {
	snap, status, err := d.account(account).currentSnapshot(ctx)
	if snap == nil {
		return nil, status, err
	}
	var matches []*row
	for _, r := range snap.sorted[byLogin] {
		for _, role := range r.Roles {
			if role.ID == roleID {
				matches = append(matches, r)
			}
		}
	}
	return snap.subusers(matches), status, nil
}

// Counts answers the overview's numbers from the snapshot. It waits and fails as Subusers does.
func (d *Directory) Counts(ctx context.Context, account int64) (Counts, error) {
	snap, status, err := d.account(account).currentSnapshot(ctx)
	if snap == nil {
		return Counts{Status: status}, err
	}
	return Counts{
		Subusers:               len(snap.sorted[byLogin]),
		Keys:                   len(snap.keys.list),
		KeysKnown:              snap.keys.known,
		KeysWithoutDescription: snap.keys.withoutDescription(),
		WithoutRoles:           snap.withoutRoles,
		Status:                 status,
	}, nil
}

// subusers returns rows as they are handed out.
func (s *snapshot) subusers(rows []*row) []Subuser {
	subusers := make([]Subuser, 0, len(rows))
	for _, r := range rows {
		subusers = append(subusers, s.subuser(r))
	}
	return subusers
}
