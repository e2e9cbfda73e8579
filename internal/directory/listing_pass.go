package directory

import (
	"context"

	"github.com/voxwarden/voxwarden/internal/access"
)

// pass is one attempt to read a list from its first row to its last.
type pass struct {
	reader        *listReader
	rows          rowSet
	received      int        // the number of positions that were read
	lastID        access.Ref // the id at the last of them
	tolerateMoves bool       // continue although rows moved, in the last attempt
}

// run reads pages until one has no new row. It reports whether the list was read whole.
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

// next reads the page that begins with the last row received. When aligned is false, it does not, or other rows on it
// are not new: rows have moved. A page with only that row is the end.
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

// readSingleRowPage handles a page of one row when no page was larger: the list may end, or the vendor may return one
// row a page. It requests the next row alone and then the row before it once more, since rows may have moved in
// between. Such pages allow no better overlap: a deletion and an insertion just before and after the middle request go
// unnoticed.
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

// aligned reports whether a page begins with the last row received and all its other rows are new.
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

// take adds a page of which the first rows, as many as overlap, were read before. It returns the number of new rows.
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
