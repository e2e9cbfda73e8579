package directory

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// readAll lists the vendor's subusers and returns their ids in ascending order.
func readAll(t *testing.T, v *fakeVendor) (ids []int64, complete bool) {
	t.Helper()
	a := newAccount(newTestDirectory(t, v, Options{}), testAccount)
	rows, complete, err := a.readAll(t.Context(), kinds()[access.Subuser], listing{})
	if err != nil {
		t.Fatalf("listing: %v", err)
	}
	for _, row := range rows {
		ids = append(ids, row.ref.SubuserID())
	}
	slices.Sort(ids)
	if len(slices.Compact(slices.Clone(ids))) != len(ids) {
		t.Errorf("an id is listed twice: %v", ids)
	}
	return ids, complete
}

func idsUpTo(n int64) []int64 {
	var ids []int64
	for id := range n {
		ids = append(ids, id+1)
	}
	return ids
}

// A complete list has every row, whatever the page size.
func TestListingIsCompleteForEveryPageSize(t *testing.T) {
	t.Parallel()
	sizes := []int{0, 1, 2, 3, 19, 20, 21, 40, 41, 105}
	for _, pageCap := range []int{0, 1, 2, 3, 20, 40, 1000} {
		for _, n := range sizes {
			t.Run(fmt.Sprintf("%d rows in pages of %d", n, pageCap), func(t *testing.T) {
				t.Parallel()
				v := newFakeVendor(n)
				v.pageCap = pageCap
				ids, complete := readAll(t, v)
				if !slices.Equal(ids, idsUpTo(int64(n))) || !complete {
					t.Errorf("read %v, complete %v", ids, complete)
				}
			})
		}
	}
}

func TestListingWhenCountIsRefused(t *testing.T) {
	t.Parallel()
	// An invalid argument, a length exceeded, an invalid value, and an undocumented code.
	for _, code := range []int{101, 477, 496, 900} {
		v := newFakeVendor(45)
		v.refuseCount = code
		ids, complete := readAll(t, v)
		if !slices.Equal(ids, idsUpTo(45)) || !complete {
			t.Errorf("code %d: read %v, complete %v", code, ids, complete)
		}
		if got := v.callCount("GetSubUsers"); got != 5 {
			t.Errorf("code %d: %d requests; want one refused, three pages and the end", code, got)
		}
	}
}

// A list takes one request a page, and one that finds the end.
func TestListingRequestsEachPageOnce(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(2500)
	readAll(t, v)
	if got := v.callCount("GetSubUsers"); got != 4 {
		t.Errorf("%d requests for 2500 rows in pages of %d", got, pageSize)
	}
}

func TestListingWithOffsetIgnored(t *testing.T) {
	t.Parallel()
	for _, pageCap := range []int{1, 20, 60} {
		v := newFakeVendor(60)
		v.ignoreOffset, v.pageCap = true, pageCap
		ids, complete := readAll(t, v)
		if len(ids) != pageCap {
			t.Errorf("pages of %d: read %d rows", pageCap, len(ids))
		}
		if complete && pageCap < 60 {
			t.Errorf("pages of %d: %d of 60 rows count as complete", pageCap, len(ids))
		}
		if calls := v.callCount("GetSubUsers"); calls > 16 {
			t.Errorf("pages of %d: %d requests", pageCap, calls)
		}
	}
}

// When the order changes with every request, a list that counts as complete still has every row.
func TestListingWithUnstableOrder(t *testing.T) {
	t.Parallel()
	for _, pageCap := range []int{0, 1, 2, 3, 5, 20} {
		for n := range 12 {
			for range 40 {
				v := newFakeVendor(n)
				v.shuffle, v.pageCap = true, pageCap
				ids, complete := readAll(t, v)
				if complete && len(ids) != n {
					t.Fatalf("pages of %d: %d of %d rows count as complete", pageCap, len(ids), n)
				}
				if pageCap == 0 && len(ids) != n {
					t.Fatalf("one page: %d of %d rows", len(ids), n)
				}
			}
		}
	}
}

func TestListingRestartsWhenRowsMove(t *testing.T) {
	t.Parallel()
	tests := map[string]func(v *fakeVendor){
		"an earlier row is deleted":    func(v *fakeVendor) { v.subusers = slices.Delete(v.subusers, 3, 4) },
		"the last read row is deleted": func(v *fakeVendor) { v.subusers = slices.Delete(v.subusers, 19, 20) },
		"a row is inserted": func(v *fakeVendor) {
			v.subusers = slices.Insert(v.subusers, 0, vendorSubuser(900))
		},
		"all but five rows are deleted": func(v *fakeVendor) { v.subusers = v.subusers[:5] },
		"every row is deleted":          func(v *fakeVendor) { v.subusers = nil },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newFakeVendor(60)
			v.pageCap = 20
			v.hook = func(v *fakeVendor, n int) {
				if n == 2 {
					change(v)
				}
			}
			ids, complete := readAll(t, v)
			var want []int64
			for _, u := range v.subusers {
				want = append(want, u.ID)
			}
			slices.Sort(want)
			if !slices.Equal(ids, want) || !complete {
				t.Errorf("read %v, complete %v; the account has %v", ids, complete, want)
			}
		})
	}
}

func TestListingWithEndlessMovesIsIncomplete(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(60)
	v.pageCap = 20
	next := int64(1000)
	v.hook = func(v *fakeVendor, _ int) {
		next++
		v.subusers = slices.Insert(v.subusers, 0, vendorSubuser(next))
	}
	ids, complete := readAll(t, v)
	if complete {
		t.Error("a list whose rows moved in every pass counts as complete")
	}
	for _, id := range idsUpTo(60) {
		if !slices.Contains(ids, id) {
			t.Errorf("row %d was read and is missing", id)
		}
	}
	if calls := v.callCount("GetSubUsers"); calls > 20 {
		t.Errorf("%d requests", calls)
	}
}

// A complete list has every row that existed from the first request to the last, whatever was inserted and deleted
// meanwhile, and no row that never existed. Pages of one row cannot overlap, so they guarantee less.
func TestListingUnderRandomChanges(t *testing.T) {
	t.Parallel()
	whole := 0
	for seed := range uint64(2000) {
		random := rand.New(rand.NewPCG(seed, 1))
		v := newFakeVendor(random.IntN(50))
		v.pageCap = 2 + random.IntN(8)
		changes := newRandomChanges(v, random, 6)
		ids, complete := readAll(t, v)
		changes.check(t, seed, ids, complete)
		if complete {
			whole++
		}
	}
	if whole == 0 {
		t.Error("no list was complete, so the test proves nothing")
	}
}

// randomChanges inserts and deletes subusers between the requests of a listing.
type randomChanges struct {
	stayed, ever map[int64]bool // the ids that existed all the time, and at any time
}

// newRandomChanges makes the vendor change up to three subusers before a request, in one of so many cases, but not
// before the first request.
func newRandomChanges(v *fakeVendor, random *rand.Rand, oneIn int) randomChanges {
	c := randomChanges{stayed: map[int64]bool{}, ever: map[int64]bool{}}
	for _, u := range v.subusers {
		c.stayed[u.ID], c.ever[u.ID] = true, true
	}
	next := int64(100_000)
	v.hook = func(v *fakeVendor, n int) {
		if n == 1 || random.IntN(oneIn) > 0 {
			return
		}
		for range 1 + random.IntN(3) {
			if len(v.subusers) > 0 && random.IntN(2) == 0 {
				at := random.IntN(len(v.subusers))
				delete(c.stayed, v.subusers[at].ID)
				v.subusers = slices.Delete(v.subusers, at, at+1)
			} else {
				next++
				c.ever[next] = true
				v.subusers = slices.Insert(v.subusers, random.IntN(len(v.subusers)+1), vendorSubuser(next))
			}
		}
	}
	return c
}

// check compares a list with the changes that were made while it was read.
func (c randomChanges) check(t *testing.T, seed uint64, ids []int64, complete bool) {
	t.Helper()
	listed := map[int64]bool{}
	for _, id := range ids {
		listed[id] = true
		if !c.ever[id] {
			t.Fatalf("seed %d: row %d never existed", seed, id)
		}
	}
	for id := range c.stayed {
		if complete && !listed[id] {
			t.Fatalf("seed %d: row %d is missing from a list that counts as complete", seed, id)
		}
	}
}

// A list without an end is not read for ever.
func TestListingIsBounded(t *testing.T) {
	t.Parallel()
	requests := 0
	rows, complete, err := listing{
		page: func(_ context.Context, offset, _ int) ([]vendorRow, error) {
			requests++
			first := int64(offset + 1)
			return []vendorRow{{ref: access.SubuserRef(first)}, {ref: access.SubuserRef(first + 1)}}, nil
		},
		progress: func(int) {},
	}.read(t.Context())
	if err != nil || complete || len(rows) == 0 || requests > maxRequests {
		t.Errorf("%d rows, complete %v, error %v after %d requests", len(rows), complete, err, requests)
	}
}

func TestListingReturnsPageError(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(60)
	v.pageCap = 20
	v.fail("GetSubUsers", &voxapi.Error{Kind: voxapi.Refused, Code: 104})
	a := newAccount(newTestDirectory(t, v, Options{}), testAccount)
	_, complete, err := a.readAll(t.Context(), kinds()[access.Subuser], listing{})
	if voxapi.Code(err) != 104 || complete {
		t.Errorf("complete %v, error %v", complete, err)
	}
	if calls := v.callCount("GetSubUsers"); calls != 1 {
		t.Errorf("%d requests after a refusal that no other count can change", calls)
	}
	v.fail("GetSubUsers", errors.New("any other"))
	if _, _, err := a.readAll(t.Context(), kinds()[access.Subuser], listing{}); err == nil {
		t.Error("no error")
	}
}

func TestListingReportsProgress(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(50)
	v.pageCap = 20
	a := newAccount(newTestDirectory(t, v, Options{}), testAccount)
	var seen []int
	progress := func(rows int) { seen = append(seen, rows) }
	if _, _, err := a.readAll(t.Context(), kinds()[access.Subuser], listing{progress: progress}); err != nil {
		t.Fatal(err)
	}
	if want := []int{20, 39, 50, 50}; !slices.Equal(seen, want) {
		t.Errorf("progress %v, want %v", seen, want)
	}
}
