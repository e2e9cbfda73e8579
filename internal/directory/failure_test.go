package directory

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

var errDown = &voxapi.Error{Kind: voxapi.NotSent, Method: "GetSubUsers"}

func TestFailureKeepsTheLastList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newFakeVendor(3)
		d := loadedDirectory(t, v)
		asOf := list(t, d).Status.AsOf
		v.fail("GetSubUsers", errDown)
		time.Sleep(defaultMaxAge + time.Second)
		list(t, d)
		synctest.Wait()
		page := list(t, d)
		if page.Total != 3 || !page.Status.AsOf.Equal(asOf) {
			t.Errorf("%d rows as of %v", page.Total, page.Status.AsOf)
		}
		lastError := page.Status.LastError
		if lastError == nil || lastError.Kind != Unreachable || !lastError.At.Equal(time.Now()) {
			t.Errorf("last error %+v", lastError)
		}
		v.fail("GetSubUsers", nil)
		d.Refresh(testAccount)
		synctest.Wait()
		if lastError := list(t, d).Status.LastError; lastError != nil {
			t.Errorf("error after a successful reading: %+v", lastError)
		}
	})
}

// Reloaded pages must not add load to a vendor in trouble. Refresh reads at once.
func TestFailureBacksOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newFakeVendor(3)
		v.fail("GetSubUsers", errDown)
		d := newTestDirectory(t, v, Options{})
		for range 20 {
			_, err := d.List(t.Context(), testAccount, access.Subuser, Filter{})
			if !isReadError(err, Unreachable) {
				t.Fatalf("error %v", err)
			}
		}
		if got := v.callCount("GetSubUsers"); got != 1 {
			t.Errorf("%d calls at once", got)
		}
		for range 600 {
			time.Sleep(time.Second)
			_, _ = d.List(t.Context(), testAccount, access.Subuser, Filter{})
		}
		// 5 s, 10 s, 20 s, 40 s and then every minute.
		if got := v.callCount("GetSubUsers"); got < 10 || got > 14 {
			t.Errorf("%d calls in ten minutes", got)
		}
		before := v.callCount("GetSubUsers")
		v.fail("GetSubUsers", nil)
		d.Refresh(testAccount)
		synctest.Wait()
		if v.callCount("GetSubUsers") == before || list(t, d).Total != 3 {
			t.Error("Refresh did not read")
		}
	})
}

func TestRetryAfterIsRespected(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newFakeVendor(3)
		v.fail("GetSubUsers", &voxapi.Error{Method: "GetSubUsers", Code: 340, RetryAfter: 3 * time.Minute})
		d := newTestDirectory(t, v, Options{})
		_, _ = d.List(t.Context(), testAccount, access.Subuser, Filter{})
		time.Sleep(3*time.Minute - time.Second)
		_, _ = d.List(t.Context(), testAccount, access.Subuser, Filter{})
		if got := v.callCount("GetSubUsers"); got != 1 {
			t.Errorf("%d calls within the wait", got)
		}
		time.Sleep(2 * time.Second)
		_, _ = d.List(t.Context(), testAccount, access.Subuser, Filter{})
		if got := v.callCount("GetSubUsers"); got != 2 {
			t.Errorf("%d calls after the wait", got)
		}
	})
}

// A canceled request neither stops the listing for other requests nor counts as a failure of the vendor.
func TestCanceledRequestDoesNotStopListing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newFakeVendor(3)
		openGate := v.block("GetSubUsers")
		d := newTestDirectory(t, v, Options{ColdWait: time.Hour})
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			time.Sleep(time.Second)
			cancel()
		}()
		_, listErr := d.List(ctx, testAccount, access.Subuser, Filter{})
		_, byIDErr := d.ByID(ctx, testAccount, access.SubuserRef(1))
		_, findErr := d.Find(ctx, testAccount, access.Subuser, "person00001", "")
		for _, err := range []error{listErr, byIDErr, findErr} {
			if _, isReadError := errors.AsType[*ReadError](err); isReadError || !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
		}
		openGate()
		synctest.Wait()
		if page := list(t, d); page.Total != 3 || page.Status.LastError != nil {
			t.Errorf("%d rows, error %v", page.Total, page.Status.LastError)
		}
	})
}

func TestListingTimesOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newFakeVendor(3)
		v.block("GetSubUsers")
		d := newTestDirectory(t, v, Options{})
		list(t, d)
		time.Sleep(listingTimeout)
		_, err := d.List(t.Context(), testAccount, access.Subuser, Filter{})
		readError, ok := errors.AsType[*ReadError](err)
		if !ok || readError.Kind != Slow || readError.Method != "GetSubUsers" {
			t.Errorf("error %v", err)
		}
	})
}

func TestCloseStopsLoading(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newFakeVendor(3)
		d := loadedDirectory(t, v)
		v.block("GetSubUsers")
		d.Refresh(testAccount)
		synctest.Wait()
		d.Close()
		page := list(t, d)
		if page.Total != 3 || page.Status.Refreshing || page.Status.LastError != nil {
			t.Errorf("after Close: %d rows, status %+v", page.Total, page.Status)
		}
		before := v.callCount("GetSubUsers")
		time.Sleep(time.Hour)
		list(t, d)
		d.Refresh(testAccount)
		synctest.Wait()
		if v.callCount("GetSubUsers") != before {
			t.Error("a closed directory reads")
		}
		if _, err := d.List(t.Context(), testAccount+1, access.Subuser, Filter{}); err == nil {
			t.Error("an account that was never read is shown by a closed directory")
		}
	})
}
