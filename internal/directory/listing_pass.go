package directory

import (
	"context"

	"github.com/voxwarden/voxwarden/internal/access"
)

// pass is one attempt to read a list from its first row to its last.
type pass struct {
	reader        *listReader
	rows          rowSet
	received      int        // positions of the list that were read
	lastID        access.Ref // the id at the last of them
	tolerateMoves bool       // rows that moved do not end the pass: the last attempt takes what it can get
}

// run reads pages until one brings nothing new. It answers whether the list was read whole.
func (p *pass) run(ctx context.Context) (whole bool, err error) {
	page, err := p.reader.fetch(ctx, 0)
	if err != nil {
		return false, err
	}
	if len(page) == 0 {
		return true, nil
	}
	p.take(page, 0)
	whole = true
	for p.reader.requests < maxRequests {
		page, aligned, err := p.next(ctx)
		if err != nil {
			return false, err
		}
		if aligned && len(page) == 1 {
			return whole, nil
		}
		if !aligned {
			whole = false
			if !p.tolerateMoves {
				return false, nil
			}
		}
		if p.take(page, 1) == 0 {
			return false, nil
		}
	}
	return false, nil
}

// next reads the page that begins with the last row received. aligned says that it does, and that all rows
// behind that one are new; rows have moved if not. A page of only that row is the end.
func (p *pass) next(ctx context.Context) (page []vendorRow, aligned bool, err error) {
	page, err = p.reader.fetch(ctx, p.received-1)
	if err != nil {
		return nil, false, err
	}
	if len(page) == 1 && p.reader.largestPage == 1 && p.aligned(page) {
		page, err = p.readSingleRowPage(ctx, page)
		if err != nil {
			return nil, false, err
		}
	}
	return page, p.aligned(page), nil
}

// readSingleRowPage looks behind a page of one row where no page was larger: the list may end, or the vendor's pages
// may hold no more than one. What comes next is asked for by itself then, and the row before it once
// more afterwards, since rows may have moved in between. That is as near to an overlap as such pages allow:
// a deletion and an insertion just before and just after the middle request would go unseen.
func (p *pass) readSingleRowPage(ctx context.Context, page []vendorRow) ([]vendorRow, error) {
	behind, err := p.reader.fetch(ctx, p.received)
	if err != nil || len(behind) == 0 {
		return page, err
	}
	page, err = p.reader.fetch(ctx, p.received-1)
	if err != nil {
		return nil, err
	}
	return append(page, behind...), nil
}

// aligned says whether a page begins with the last row received and goes on with rows that are all new.
func (p *pass) aligned(page []vendorRow) bool {
	if len(page) == 0 || page[0].ref != p.lastID {
		return false
	}
	for _, row := range page[1:] {
		if _, seen := p.rows.index[row.ref]; seen {
			return false
		}
	}
	return true
}

// take adds a page that overlaps what was read by so many rows, and answers how many rows were new.
func (p *pass) take(page []vendorRow, overlap int) (fresh int) {
	if len(page) == 0 {
		return 0
	}
	for _, row := range page {
		if p.rows.put(row) {
			fresh++
		}
	}
	p.received += max(len(page)-overlap, 1)
	p.lastID = page[len(page)-1].ref
	return fresh
}
