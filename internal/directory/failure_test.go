package directory

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/voxapi"
)

var errDown = &voxapi.Error{Kind: voxapi.NotSent, Method: "GetSubUsers"}

func TestFailureKeepsTheLastList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor(3)
		d := loaded(t, v)
		asOf := list(t, d).Status.AsOf
		v.fail("GetSubUsers", errDown)
		time.Sleep(defaultMaxAge + time.Second)
		list(t, d)
		synctest.Wait()
		page := list(t, d)
		if page.All != 3 || !page.Status.AsOf.Equal(asOf) {
			t.Errorf("%d rows as of %v", page.All, page.Status.AsOf)
		}
		if tr := page.Status.Trouble; tr == nil || tr.Kind != Unreachable || !tr.At.Equal(time.Now()) {
			t.Errorf("trouble %+v", tr)
		}
		v.fail("GetSubUsers", nil)
		d.Refresh(testAccount)
		synctest.Wait()
		if tr := list(t, d).Status.Trouble; tr != nil {
			t.Errorf("trouble after a good reading: %+v", tr)
		}
	})
}

// Reloading a page while the vendor is down must not make it worse; the Refresh button does try.
func TestFailureIsNotRepeatedAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor(3)
		v.fail("GetSubUsers", errDown)
		d := open(t, v, Options{})
		for range 20 {
			_, err := d.Subusers(t.Context(), testAccount, SubuserFilter{})
			if trouble, ok := errors.AsType[*Trouble](err); !ok || trouble.Kind != Unreachable {
				t.Fatalf("error %v", err)
			}
		}
		if got := v.called("GetSubUsers"); got != 1 {
			t.Errorf("%d calls at once", got)
		}
		for range 600 {
			time.Sleep(time.Second)
			_, _ = d.Subusers(t.Context(), testAccount, SubuserFilter{})
		}
		// 5 s, 10 s, 20 s, 40 s and then every minute.
		if got := v.called("GetSubUsers"); got < 10 || got > 14 {
			t.Errorf("%d calls in ten minutes", got)
		}
		before := v.called("GetSubUsers")
		v.fail("GetSubUsers", nil)
		d.Refresh(testAccount)
		synctest.Wait()
		if v.called("GetSubUsers") == before || list(t, d).All != 3 {
			t.Error("Refresh did not read")
		}
	})
}

func TestVendorsWishToWaitIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor(3)
		v.fail("GetSubUsers", &voxapi.Error{Method: "GetSubUsers", Code: 340, RetryAfter: 3 * time.Minute})
		d := open(t, v, Options{})
		_, _ = d.Subusers(t.Context(), testAccount, SubuserFilter{})
		time.Sleep(3*time.Minute - time.Second)
		_, _ = d.Subusers(t.Context(), testAccount, SubuserFilter{})
		if got := v.called("GetSubUsers"); got != 1 {
			t.Errorf("%d calls within the wait", got)
		}
		time.Sleep(2 * time.Second)
		_, _ = d.Subusers(t.Context(), testAccount, SubuserFilter{})
		if got := v.called("GetSubUsers"); got != 2 {
			t.Errorf("%d calls after the wait", got)
		}
	})
}

// A visitor who goes away takes nobody else's listing along, and is no trouble of the vendor's.
func TestVisitorWhoLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor(3)
		openGate := v.close("GetSubUsers")
		d := open(t, v, Options{ColdWait: time.Hour})
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			time.Sleep(time.Second)
			cancel()
		}()
		_, listErr := d.Subusers(ctx, testAccount, SubuserFilter{})
		_, byIDErr := d.SubuserByID(ctx, testAccount, 1)
		_, _, _, byLoginErr := d.FindLogin(ctx, testAccount, "person00001", "")
		for _, err := range []error{listErr, byIDErr, byLoginErr} {
			if _, trouble := errors.AsType[*Trouble](err); trouble || !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
		}
		openGate()
		synctest.Wait()
		if page := list(t, d); page.All != 3 || page.Status.Trouble != nil {
			t.Errorf("%d rows, trouble %v", page.All, page.Status.Trouble)
		}
	})
}

func TestListingHasALimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor(3)
		v.close("GetSubUsers")
		d := open(t, v, Options{})
		list(t, d)
		time.Sleep(listingLimit)
		_, err := d.Subusers(t.Context(), testAccount, SubuserFilter{})
		if trouble, ok := errors.AsType[*Trouble](err); !ok || trouble.Kind != Slow || trouble.Method != "GetSubUsers" {
			t.Errorf("error %v", err)
		}
	})
}

func TestCloseEndsLoading(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor(3)
		d := loaded(t, v)
		v.close("GetSubUsers")
		d.Refresh(testAccount)
		synctest.Wait()
		d.Close()
		page := list(t, d)
		if page.All != 3 || page.Status.Refreshing || page.Status.Trouble != nil {
			t.Errorf("after Close: %d rows, status %+v", page.All, page.Status)
		}
		before := v.called("GetSubUsers")
		time.Sleep(time.Hour)
		list(t, d)
		d.Refresh(testAccount)
		synctest.Wait()
		if v.called("GetSubUsers") != before {
			t.Error("a closed directory reads")
		}
		if _, err := d.Subusers(t.Context(), testAccount+1, SubuserFilter{}); err == nil {
			t.Error("an account that was never read is shown by a closed directory")
		}
	})
}
