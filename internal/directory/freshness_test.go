package directory

import (
	"cmp"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
)

func list(t *testing.T, d *Directory) Page {
	t.Helper()
	page, err := d.List(t.Context(), testAccount, access.Subuser, Filter{})
	if err != nil {
		t.Fatalf("list: %v", err)
	}
	return page
}

func TestWarmListMakesNoCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newFakeVendor(30)
		d := loadedDirectory(t, v)
		d.AccountName(t.Context(), testAccount)
		synctest.Wait()
		before := len(v.calls)
		total := func() (n int) {
			for method := range v.calls {
				n += v.callCount(method)
			}
			return n
		}
		calls := total()
		time.Sleep(defaultMaxAge - time.Second)
		for _, f := range []Filter{{}, {Query: "person"}, {Role: "accountant"}, {Sort: "keys", Desc: true, Page: 3}} {
			if _, err := d.List(t.Context(), testAccount, access.Subuser, f); err != nil {
				t.Fatal(err)
			}
		}
		_, _, _ = d.WithRole(t.Context(), testAccount, access.Subuser, 7)
		_, _ = d.Counts(t.Context(), testAccount)
		_, _ = d.List(t.Context(), testAccount, access.Key, Filter{Query: "robot"})
		d.Catalogue(t.Context(), testAccount)
		d.AccountName(t.Context(), testAccount)
		synctest.Wait()
		if total() != calls || len(v.calls) != before {
			t.Errorf("%d calls for warm pages", total()-calls)
		}
	})
}

func TestColdListReturnsAfterColdWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newFakeVendor(60)
		v.pageCap = 20
		v.delay = func(method string, _ int) time.Duration {
			if method == "GetSubUsers" {
				return 400 * time.Millisecond
			}
			return 0
		}
		d := newTestDirectory(t, v, Options{})
		start := time.Now()
		page := list(t, d)
		if took := time.Since(start); took != defaultColdWait {
			t.Errorf("answered after %v", took)
		}
		if s := page.Status; !s.Cold() || !s.Refreshing || s.LoadedRows != 39 || s.LastError != nil {
			t.Errorf("status %+v", s)
		}
		if len(page.Rows) != 0 || page.Pages != 1 || page.Page != 1 {
			t.Errorf("page %+v", page)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		page = list(t, d)
		if s := page.Status; s.Cold() || s.Refreshing || s.LoadedRows != 0 || !s.AsOf.Equal(start) {
			t.Errorf("status once loaded %+v", s)
		}
		if page.Total != 60 {
			t.Errorf("%d subusers", page.Total)
		}
	})
}

func TestStaleListIsServedWhileRefreshing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newFakeVendor(3)
		d := loadedDirectory(t, v)
		v.change(func(v *fakeVendor) { v.subusers = append(v.subusers, vendorSubuser(4)) })
		time.Sleep(defaultMaxAge + time.Second)
		page := list(t, d)
		if page.Total != 3 || !page.Status.Refreshing {
			t.Errorf("an old list: %d rows, status %+v", page.Total, page.Status)
		}
		synctest.Wait()
		page = list(t, d)
		if page.Total != 4 || page.Status.Refreshing || time.Since(page.Status.AsOf) != 0 {
			t.Errorf("the new list: %d rows, status %+v", page.Total, page.Status)
		}
	})
}

func TestOneListingAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newFakeVendor(3)
		openGate := v.block("GetSubUsers")
		d := newTestDirectory(t, v, Options{ColdWait: time.Hour})
		var readers sync.WaitGroup
		for range 50 {
			readers.Go(func() {
				if page, err := d.List(t.Context(), testAccount, access.Subuser, Filter{}); err != nil || page.Total != 3 {
					t.Errorf("%d rows, %v", page.Total, err)
				}
			})
		}
		synctest.Wait()
		d.Refresh(testAccount)
		synctest.Wait()
		if got := v.callCount("GetSubUsers"); got != 1 {
			t.Errorf("%d listings at once", got)
		}
		openGate()
		readers.Wait()
		if got := v.callCount("GetSubUsers"); got != 2 {
			t.Errorf("%d requests for one listing of one page", got)
		}
	})
}

func TestAccountsAreSeparate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newFakeVendor(3)
		d := loadedDirectory(t, v)
		d.patchDeleted(testAccount, access.SubuserRef(2))
		page, err := d.List(t.Context(), testAccount+1, access.Subuser, Filter{})
		if err != nil || page.Total != 3 {
			t.Errorf("the other account: %d rows, %v", page.Total, err)
		}
		if got := list(t, d).Total; got != 2 {
			t.Errorf("the first account: %d rows", got)
		}
	})
}

func TestListMayBeIncomplete(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(60)
	v.ignoreOffset, v.pageCap = true, 20
	if page := list(t, loadedDirectory(t, v)); !page.Status.Incomplete || page.Total != 20 {
		t.Errorf("%d rows, status %+v", page.Total, page.Status)
	}
}

func TestAccountName(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newTestDirectory(t, newFakeVendor(0), Options{})
		if name := d.AccountName(t.Context(), testAccount); name != "" {
			t.Errorf("name %q before it was read", name)
		}
		synctest.Wait()
		if name := d.AccountName(t.Context(), testAccount); name != "account 77" {
			t.Errorf("name %q", name)
		}
	})
}

// Readers, patches and listings run at the same time, for the race detector.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(200)
	d := loadedDirectory(t, v)
	var work sync.WaitGroup
	for worker := range 8 {
		work.Go(func() {
			for i := range 50 {
				id := int64(1 + (worker*50+i)%200)
				switch worker % 4 {
				case 0:
					d.Refresh(testAccount)
					_, _ = d.ByID(t.Context(), testAccount, access.SubuserRef(id))
				case 1:
					d.patchPrincipal(testAccount, access.Principal{Ref: access.SubuserRef(id), Name: "patched"})
				case 2:
					page, err := d.List(
						t.Context(),
						testAccount,
						access.Subuser,
						Filter{Query: "p", Sort: "roles", Desc: true, PerPage: -1},
					)
					mostRolesFirst := func(a, b access.Principal) int { return cmp.Compare(len(b.Roles), len(a.Roles)) }
					if err != nil || page.Total != 200 || !slices.IsSortedFunc(page.Rows, mostRolesFirst) {
						t.Errorf("%d rows, %v", page.Total, err)
					}
				default:
					_ = d.Catalogue(t.Context(), testAccount)
					_, _ = d.Counts(t.Context(), testAccount)
				}
			}
		})
	}
	work.Wait()
}
