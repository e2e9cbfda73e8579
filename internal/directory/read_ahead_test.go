package directory

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

const slowPage = 100 * time.Millisecond

// slowVendor returns a vendor that takes slowPage for each response.
func slowVendor(n int) *fakeVendor {
	v := newFakeVendor(n)
	v.delay = func(string, int) time.Duration { return slowPage }
	return v
}

// reading is the result of a listing that may read ahead.
type reading struct {
	ids      []int64 // in ascending order
	complete bool
	err      error
	took     time.Duration
	requests int
	open     int // the most requests that were open at the same time
}

// readSubusers lists the subusers of a vendor in a synctest bubble, ahead if ahead is true.
func readSubusers(t *testing.T, v *fakeVendor, ahead bool) (r reading) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := New(v, Options{})
		defer d.Close()
		reader := listing{}
		if ahead {
			reader.background = d.background
		}
		start := time.Now()
		rows, complete, err := newAccount(d, testAccount).readAll(t.Context(), kinds()[access.Subuser], reader)
		r = reading{complete: complete, err: err, took: time.Since(start)}
		for _, row := range rows {
			r.ids = append(r.ids, row.ref.SubuserID())
		}
		slices.Sort(r.ids)
	})
	r.requests, r.open = v.callCount("GetSubUsers"), v.mostOpen
	return r
}

// For every number of rows around the ends of pages, reading ahead finds the rows that reading in order finds. It has
// at most two requests open. It makes one request in vain; in a list of more than one requested page a second one, when
// the vendor's pages are shorter than requested. A list of many pages takes little more than half the time.
func TestReadingAheadFindsEveryRow(t *testing.T) {
	t.Parallel()
	for _, pageCap := range []int{1, 2, 3, 28, 100, 112, 500, 999, 1000, 5000} {
		for _, n := range []int{0, 1, 2, 99, 100, 199, 998, 999, 1000, 1001, 1098, 1099, 1100, 1998, 1999, 2000, 2997, 3100} {
			if pageCap < 10 && n > 1100 {
				continue // one with more than a thousand pages is enough
			}
			t.Run(fmt.Sprintf("%d rows in pages of %d", n, pageCap), func(t *testing.T) {
				t.Parallel()
				v, inOrder := slowVendor(n), slowVendor(n)
				v.pageCap, inOrder.pageCap = pageCap, pageCap
				want := readSubusers(t, inOrder, false)
				r := readSubusers(t, v, true)
				if r.err != nil || !r.complete || !slices.Equal(r.ids, idsUpTo(int64(n))) {
					t.Errorf("%d rows, complete %v, %v", len(r.ids), r.complete, r.err)
				}
				inVain := 1
				if pageCap > 1 && pageCap < pageSize && n > pageSize {
					inVain = 2
				}
				if r.open > 2 || r.requests > want.requests+inVain {
					t.Errorf("%d requests, %d at once; %d in order", r.requests, r.open, want.requests)
				}
				limit := want.took
				if want.requests >= 10 && n > pageSize && pageCap > 1 {
					limit = want.took * 3 / 4
				}
				if r.took > limit {
					t.Errorf("took %v, in order %v", r.took, want.took)
				}
			})
		}
	}
}

// A vendor that is not slow gets no request that reading in order would not send.
func TestFastListIsReadInOrder(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(5000)
	v.delay = func(string, int) time.Duration { return readAheadAfter - time.Millisecond }
	if r := readSubusers(t, v, true); r.requests != 7 || r.open != 1 || !r.complete {
		t.Errorf("%d requests, %d at once, complete %v", r.requests, r.open, r.complete)
	}
}

// Pages of different lengths end the reading ahead.
func TestReadingAheadOfUnequalPages(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 1))
		v := slowVendor(3000)
		v.hook = func(v *fakeVendor, _ int) { v.pageCap = 50 + random.IntN(500) }
		r := readSubusers(t, v, true)
		if r.err != nil || !r.complete || !slices.Equal(r.ids, idsUpTo(3000)) {
			t.Errorf("seed %d: %d rows, complete %v, %v", seed, len(r.ids), r.complete, r.err)
		}
	}
}

func TestReadingAheadWhenCountIsRefused(t *testing.T) {
	t.Parallel()
	v := slowVendor(45)
	v.refuseCount = 496
	r := readSubusers(t, v, true)
	if r.err != nil || !r.complete || !slices.Equal(r.ids, idsUpTo(45)) {
		t.Errorf("%d rows, complete %v, %v", len(r.ids), r.complete, r.err)
	}
}

// When the vendor ignores offsets or has no order, a list that counts as complete still has every row.
func TestReadingAheadWithoutAnOrder(t *testing.T) {
	t.Parallel()
	for _, pageCap := range []int{100, 700, 1000} {
		for _, n := range []int{900, 1000, 1001, 1999, 2500} {
			shuffled, repeated := slowVendor(n), slowVendor(n)
			shuffled.shuffle, shuffled.pageCap = true, pageCap
			repeated.ignoreOffset, repeated.pageCap = true, pageCap
			for name, v := range map[string]*fakeVendor{"shuffled": shuffled, "first page only": repeated} {
				r := readSubusers(t, v, true)
				if r.err != nil || r.complete && len(r.ids) != n {
					t.Errorf("%s, %d rows in pages of %d: %d rows, complete %v, %v", name, n, pageCap, len(r.ids), r.complete, r.err)
				}
			}
		}
	}
}

// A list that was read ahead, with responses in any order, keeps the promise of TestListingUnderRandomChanges.
func TestReadingAheadUnderRandomChanges(t *testing.T) {
	t.Parallel()
	whole, ahead := 0, 0
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 2))
		v := newFakeVendor(random.IntN(2500))
		v.pageCap = []int{37, 100, 112, 400, 1000}[random.IntN(5)]
		v.delay = func(string, int) time.Duration {
			return readAheadAfter + time.Duration(random.IntN(500))*time.Millisecond
		}
		changes := newRandomChanges(v, random, 12)
		r := readSubusers(t, v, true)
		if r.err != nil || r.open > 2 {
			t.Fatalf("seed %d: %d requests at once, %v", seed, r.open, r.err)
		}
		if r.open > 1 {
			ahead++
		}
		if r.complete {
			whole++
		}
		changes.check(t, seed, r.ids, r.complete)
	}
	if whole < 10 || ahead < 30 {
		t.Errorf("%d lists were complete and %d read ahead, which proves little", whole, ahead)
	}
}

// After rows moved, a list is read again in order. Pages that were read ahead before would not match.
func TestReadingAheadRestartsInOrder(t *testing.T) {
	t.Parallel()
	v := slowVendor(1100)
	v.pageCap = 112 // a page of it begins at the row that is read ahead first
	v.hook = func(v *fakeVendor, n int) {
		if n == 5 {
			v.subusers = slices.Insert(v.subusers, 0, vendorSubuser(9000), vendorSubuser(9001))
		}
	}
	if r := readSubusers(t, v, true); !r.complete || len(r.ids) != 1102 || r.requests > 20 {
		t.Errorf("%d rows, complete %v after %d requests", len(r.ids), r.complete, r.requests)
	}
}

// Pages of one row prove nothing by their overlap, so that they must be read in order: a page that was read ahead
// before an insertion would skip a row.
func TestSingleRowsAreNotReadAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ids := idsUpTo(1100)
		requests := map[int]int{}
		var mu sync.Mutex
		reader := listing{
			page: func(_ context.Context, offset, _ int) ([]vendorRow, error) {
				time.Sleep(slowPage)
				mu.Lock()
				defer mu.Unlock()
				requests[offset]++
				switch {
				case offset == 1 && requests[1] == 1: // row 999 was requested ahead
					ids = slices.Insert(ids, 500, 9000)
				case offset == 999 && requests[999] == 2:
					ids = slices.Delete(ids, 500, 501)
				}
				if offset >= len(ids) {
					return nil, nil
				}
				return []vendorRow{{ref: access.SubuserRef(ids[offset])}}, nil
			},
			background: func(request func(context.Context)) bool {
				go request(t.Context())
				return true
			},
		}
		rows, complete, err := reader.read(t.Context())
		for i, row := range rows {
			if row.ref != access.SubuserRef(int64(i+1)) {
				t.Fatalf("row %d is subuser %s", i, row.ref.ID)
			}
		}
		if len(rows) != 1100 || !complete || err != nil {
			t.Errorf("%d of 1100 rows, complete %v, %v", len(rows), complete, err)
		}
	})
}

// When a request fails, the list is not complete; only a page that was requested in vain may fail.
func TestReadingAheadWithAFailingPage(t *testing.T) {
	t.Parallel()
	down := errors.New("down")
	for _, pageCap := range []int{300, 1000} {
		for call := 1; call < 15; call++ {
			v := slowVendor(2500)
			v.pageCap = pageCap
			v.failNth = map[int]error{call: down}
			r := readSubusers(t, v, true)
			switch {
			case r.err != nil && !errors.Is(r.err, down):
				t.Errorf("call %d: %v", call, r.err)
			case r.err == nil && (!r.complete || !slices.Equal(r.ids, idsUpTo(2500))):
				t.Errorf("call %d failed: %d rows, complete %v", call, len(r.ids), r.complete)
			}
		}
	}
}

// The end of the context ends a listing, also while it waits for a page that was read ahead.
func TestReadingAheadEndsWithItsContext(t *testing.T) {
	t.Parallel()
	for _, after := range []time.Duration{0, 10 * time.Millisecond, 50 * time.Millisecond, 150 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			d := New(slowVendor(5000), Options{})
			defer d.Close()
			ctx, cancel := context.WithTimeout(t.Context(), after)
			defer cancel()
			start := time.Now()
			_, complete, err := newAccount(d, testAccount).
				readAll(ctx, kinds()[access.Subuser], listing{background: d.background})
			if complete || !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != after {
				t.Errorf("after %v: complete %v, %v after %v", after, complete, err, time.Since(start))
			}
		})
	}
}

// Only the first listing is read ahead, and only before a failure: pages do not wait for the others.
func TestOnlyTheFirstListingIsReadAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := slowVendor(2500)
		d := newTestDirectory(t, v, Options{ColdWait: time.Hour})
		list(t, d)
		if v.mostOpen != 2 {
			t.Errorf("%d requests at once in the first listing", v.mostOpen)
		}
		v.mostOpen = 0
		d.Refresh(testAccount)
		time.Sleep(time.Minute)
		if v.mostOpen != 1 {
			t.Errorf("%d requests at once in the second listing", v.mostOpen)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		v := slowVendor(2500)
		v.fail("GetSubUsers", &voxapi.Error{Kind: voxapi.Refused, Code: 2})
		d := newTestDirectory(t, v, Options{ColdWait: time.Hour})
		_, _ = d.List(t.Context(), testAccount, access.Subuser, Filter{})
		v.fail("GetSubUsers", nil)
		v.mostOpen = 0
		d.Refresh(testAccount)
		if list(t, d).Total != 2500 || v.mostOpen != 1 {
			t.Errorf("%d requests at once after a failure", v.mostOpen)
		}
	})
}

// The first page of a slow vendor's list has the keys too: they do not take their time after the subusers.
func TestColdListWaitsForTheSlowerListOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newFakeVendorWithKeys(30)
		v.delay = func(string, int) time.Duration { return 400 * time.Millisecond }
		d := newTestDirectory(t, v, Options{})
		start := time.Now()
		page := list(t, d)
		if took := time.Since(start); took >= defaultColdWait || page.Total != 30 || !page.Rows[0].KeysKnown {
			t.Errorf("%d rows after %v, their keys known: %v", page.Total, took, page.Rows[0].KeysKnown)
		}
	})
}

// The names of role groups, which a list does not show, do not delay it.
func TestRoleGroupsDoNotDelayTheFirstList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newFakeVendorWithKeys(3)
		v.block("GetRoleGroups")
		d := newTestDirectory(t, v, Options{})
		start := time.Now()
		if page := list(t, d); page.Total != 3 || time.Since(start) != 0 {
			t.Errorf("%d rows after %v", page.Total, time.Since(start))
		}
	})
}
