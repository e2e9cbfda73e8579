package directory

import (
	"context"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

const (
	// pageSize is the requested number of rows on a page. The vendor may return fewer.
	pageSize = 1000
	// maxRestarts bounds how often a listing starts again because rows moved while it was read.
	maxRestarts = 3
	// maxRequests bounds the requests of one listing in all its passes.
	maxRequests = 10_000
)

// listing reads a list of the vendor, which reports neither its length nor its maximum page size.
//
// It advances by the rows received and requests the last of them again. When that row does not come first, rows were
// inserted or deleted before it, and reading on would skip or repeat rows. Then it starts again. The end is a page with
// only that row. So a pass that ends well has read a different row at each position and no row behind the last: it is
// complete, whatever the page size and the order are. When no pass ends well, it returns the rows of all passes and
// reports that the list may be incomplete.
//
// None of this depends on which page was read first, so the next page may be requested before a page arrives, see
// readAhead.
type listing struct {
	page     func(ctx context.Context, offset, count int) ([]vendorRow, error)
	progress func(rows int) // called with the number of different rows so far; nil for none
	// background starts a request for which the listing may not wait, unless it returns false. nil means that pages are
	// never read ahead.
	background func(request func(ctx context.Context)) (started bool)
	// slow is called when the first page is so slow that pages are read ahead; nil for none.
	slow func()
}

// read returns the rows in the vendor's order, each id once. complete is false when rows may be missing. It returns the
// error of the first page that could not be read.
func (l listing) read(ctx context.Context) (rows []vendorRow, complete bool, err error) {
	r := &listReader{listing: l, count: pageSize, all: newRowSet(), ahead: map[int]*pageRequest{}}
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
		r.stopReadingAhead()
	}
	return r.all.list, false, nil
}

// listReader is the state that all passes of one listing share.
type listReader struct {
	listing
	count       int // requested rows on a page; 0 leaves the number to the vendor
	requests    int
	largestPage int    // rows on the largest page
	all         rowSet // what any pass saw

	ahead  map[int]*pageRequest // by offset: pages that were read ahead and not used so far
	guess  *pageRequest         // the last of them; nil when it was used
	missed bool                 // a page was read ahead in vain
}

// fetch reads one page.
func (r *listReader) fetch(ctx context.Context, offset int) ([]vendorRow, error) {
	first := r.requests == 0
	rows, err := r.request(ctx, offset)
	if err != nil && first && mayRefuseCount(err) {
		// Neither the limit of count nor the code for exceeding it is documented. When ours is refused, the vendor
		// chooses the page size.
		r.stopReadingAhead()
		r.count = 0
		rows, err = r.request(ctx, offset)
	}
	if err != nil {
		return nil, err
	}
	if len(rows) < 2 {
		// The list ends, or its pages have one row, which must be read in their order: see readSingleRowPage.
		r.stopReadingAhead()
	}
	for _, row := range rows {
		r.all.put(row)
	}
	r.largestPage = max(r.largestPage, len(rows))
	if r.progress != nil {
		r.progress(len(r.all.list))
	}
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

// rowSet keeps each id once: in the order of its first row, with the content of its last.
type rowSet struct {
	list  []vendorRow
	index map[access.Ref]int
}

func newRowSet() rowSet { return rowSet{index: map[access.Ref]int{}} }

// put adds a row and reports whether its id is new.
func (s *rowSet) put(row vendorRow) bool {
	if i, seen := s.index[row.ref]; seen {
		s.list[i] = row
		return false
	}
	s.index[row.ref] = len(s.list)
	s.list = append(s.list, row)
	return true
}
