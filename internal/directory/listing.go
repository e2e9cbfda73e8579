package directory

import (
	"context"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

const (
	// pageSize is how many rows a page is asked for. How many come is the vendor's decision.
	pageSize = 1000
	// maxRestarts is how often a listing starts again because rows moved while it was read.
	maxRestarts = 3
	// maxRequests bounds one listing, all its passes together.
	maxRequests = 10_000
)

// listingLoader reads a list of the vendor's, which tells neither its length nor how many rows a page may hold.
//
// It advances by the rows received and asks for the last of them again: if that row does not come first,
// rows were added or removed before it, and reading on would skip some or read some twice. Then it starts
// again. The end is a page that holds nothing but that row. So a pass that ends well has seen as many
// different rows as the list has positions, and nothing behind them: it is the whole list, whatever the page
// size and the order are. If no pass ends well, what all of them saw is better than nothing, and the list
// is said to be possibly incomplete.
type listing struct {
	page     func(ctx context.Context, offset, count int) ([]vendorRow, error)
	progress func(rows int) // how many rows were seen so far
}

// read returns the rows in the vendor's order, each id once. complete is false when some may be missing.
// An error is that of the first page which could not be read.
func (l listing) read(ctx context.Context) (rows []vendorRow, complete bool, err error) {
	r := &listReader{listing: l, count: pageSize, all: newRowSet()}
	for attempt := range maxRestarts + 1 {
		pass := &pass{reader: r, rows: newRowSet(), tolerateMoves: attempt == maxRestarts}
		whole, err := pass.run(ctx)
		if err != nil {
			return nil, false, err
		}
		if whole {
			return pass.rows.list, true, nil
		}
		if r.requests >= maxRequests {
			break
		}
	}
	return r.all.list, false, nil
}

// listReader is the reading of one list: what is shared by its passes.
type listReader struct {
	listing
	count       int // rows to ask for; 0 leaves the number to the vendor
	requests    int
	largestPage int    // rows on the largest page
	all         rowSet // what any pass saw
}

// fetch reads one page.
func (r *listReader) fetch(ctx context.Context, offset int) ([]vendorRow, error) {
	rows, err := r.page(ctx, offset, r.count)
	r.requests++
	if err != nil && r.requests == 1 && mayRefuseCount(err) {
		// No limit of count is published, nor the code for one that is too large. A vendor who refuses ours is
		// asked for pages of the size they like.
		r.count = 0
		rows, err = r.page(ctx, offset, r.count)
		r.requests++
	}
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		r.all.put(row)
	}
	r.largestPage = max(r.largestPage, len(rows))
	r.progress(len(r.all.list))
	return rows, nil
}

// mayRefuseCount reports whether the vendor may have refused the page size, which is possible for every code that is
// not about the console key, the clock or a rate limit.
func mayRefuseCount(err error) bool {
	code := voxapi.Code(err)
	if code == 0 {
		return false
	}
	kind := kindOfCode(code)
	return kind == Refused || kind == VendorFault
}

// rowSet keeps rows in the order in which they were first seen, each id once, as last seen.
type rowSet struct {
	list  []vendorRow
	index map[access.Ref]int
}

func newRowSet() rowSet { return rowSet{index: map[access.Ref]int{}} }

// put adds a row and says whether its id is new.
func (s *rowSet) put(row vendorRow) bool {
	if i, seen := s.index[row.ref]; seen {
		s.list[i] = row
		return false
	}
	s.index[row.ref] = len(s.list)
	s.list = append(s.list, row)
	return true
}
