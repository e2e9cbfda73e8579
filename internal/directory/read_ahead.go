package directory

import (
	"cmp"
	"context"
	"time"
)

// readAheadAfter is the time without the first page after which pages are read ahead. A faster vendor is limited by the
// rate limit, which requests in vain would use up.
const readAheadAfter = 20 * time.Millisecond

// pageRequest is a page that is requested in the background.
type pageRequest struct {
	done chan struct{} // closed when rows and err are set
	rows []vendorRow
	err  error
}

// request returns the page at an offset. It may read the page that probably follows it at the same time.
func (r *listReader) request(ctx context.Context, offset int) ([]vendorRow, error) {
	requested := r.ahead[offset]
	if requested == nil {
		first := r.requests == 0
		requested = r.start(offset)
		if requested == nil {
			r.requests++
			return r.page(ctx, offset, r.count)
		}
		if first {
			r.decideToReadAhead(ctx, requested)
		}
	}
	delete(r.ahead, offset)
	if requested == r.guess {
		r.guess = nil
	}
	if !requested.arrived() {
		r.readAhead(offset)
	}
	select {
	case <-requested.done:
		return requested.rows, requested.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// start requests a page in the background. It returns nil when pages are not read ahead.
func (r *listReader) start(offset int) *pageRequest {
	requested := &pageRequest{done: make(chan struct{})}
	count := r.count
	if r.background == nil || !r.background(func(ctx context.Context) {
		defer close(requested.done)
		requested.rows, requested.err = r.page(ctx, offset, count)
	}) {
		return nil
	}
	r.requests++
	return requested
}

// decideToReadAhead waits a moment for the first page. Pages are read ahead if it has not arrived by then.
func (r *listReader) decideToReadAhead(ctx context.Context, first *pageRequest) {
	if await(ctx, readAheadAfter, first.done, nil) != nil || first.arrived() {
		r.stopReadingAhead()
	} else if r.slow != nil {
		r.slow()
	}
}

// readAhead requests the page after the one at an offset. It expects the page at the offset to be as long as the
// largest so far, or as requested. Only one page is read ahead at a time, so that at most two requests are open.
//
// A page at the wrong offset was requested in vain. The first may be, because the vendor's pages are shorter than
// requested: when it has rows, the list goes on, and the length is known by now. Any other ends the reading ahead,
// because the list ends there, or because its pages differ in length. So at most two pages are requested in vain.
func (r *listReader) readAhead(offset int) {
	if r.background == nil || r.requests >= maxRequests {
		return
	}
	if r.guess != nil {
		switch {
		case !r.guess.arrived():
			return
		case r.missed || len(r.guess.rows) == 0:
			r.background = nil
			return
		}
		r.missed = true
	}
	next := offset + cmp.Or(r.largestPage, r.count) - 1
	if r.ahead[next] != nil {
		r.guess = nil
		return
	}
	if r.guess = r.start(next); r.guess != nil {
		r.ahead[next] = r.guess
	}
}

// arrived reports whether the response is there, or an error.
func (p *pageRequest) arrived() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// stopReadingAhead makes the listing request each page after the one before it. What was read ahead is not used.
func (r *listReader) stopReadingAhead() {
	r.background, r.guess = nil, nil
	clear(r.ahead)
}
