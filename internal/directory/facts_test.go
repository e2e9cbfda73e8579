package directory

import (
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// keyNames returns the names of the keys that a filter selects, in its order.
func keyNames(t *testing.T, d *Directory, f Filter) string {
	t.Helper()
	page, err := d.List(t.Context(), testAccount, access.Key, f)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range page.Rows {
		names = append(names, p.Name)
	}
	return strings.Join(names, " ")
}

func TestListsAreFilteredAndSortedByFacts(t *testing.T) {
	t.Parallel()
	owner := voxapi.SubUser{ID: 1, Name: "anna"}
	v := newFakeVendor(1)
	v.keys = []voxapi.Key{
		{ID: "k1", Name: "named", Description: "x", OwnerKnown: true, Owner: []voxapi.SubUser{owner}},
		{ID: "k2", Name: "alone"},
		{ID: "k3", Name: "young"},
		{ID: "k4", Name: "new"},
	}
	d := loadedDirectory(t, v)
	if got := keyNames(t, d, Filter{Sort: "created"}); got != "alone named new young" {
		t.Errorf("without facts: %s", got)
	}
	if got := keyNames(t, d, Filter{OutlivedOwner: true}); got != "" {
		t.Errorf("without facts these outlived their owner: %s", got)
	}
	now := time.Now()
	gone := &access.LastOwner{Ref: access.SubuserRef(9), Login: "boris", Until: now}
	facts := map[access.Ref]*access.Facts{
		access.KeyRef("k1"): {FirstSeen: now.Add(-time.Hour), LastOwner: gone}, // belongs to anna now
		access.KeyRef("k2"): {FirstSeen: now.Add(-time.Minute), Created: now.Add(-2 * time.Hour), LastOwner: gone},
		access.KeyRef("k3"): {FirstSeen: now, LastOwner: &access.LastOwner{Ref: access.SubuserRef(1), Login: "anna"}},
	}
	d.SetFacts(testAccount, facts)
	check := func(when string) {
		t.Helper()
		for _, c := range []struct {
			filter Filter
			want   string
		}{
			{Filter{Sort: "created"}, "alone named young new"},
			{Filter{Sort: "created", Desc: true}, "new young named alone"},
			{Filter{OutlivedOwner: true}, "alone"},
			{Filter{OutlivedOwner: true, Query: "young"}, ""},
			{Filter{OwnerUnknown: true}, "new"},
			{Filter{WithoutDescription: true}, "alone new young"},
			{Filter{WithoutDescription: true, OwnerUnknown: true}, "new"},
		} {
			if got := keyNames(t, d, c.filter); got != c.want {
				t.Errorf("%s, %+v: got %q, want %q", when, c.filter, got, c.want)
			}
		}
		if counts, err := d.Counts(t.Context(), testAccount); err != nil || counts.KeysOutlivedOwner != 1 {
			t.Errorf("%s: %+v, %v", when, counts, err)
		}
	}
	check("at once")
	p, err := d.ByID(t.Context(), testAccount, access.KeyRef("k2"))
	if err != nil || p.Facts != facts[p.Ref] || !p.OutlivedOwner() {
		t.Errorf("read by id: %+v, %v", p, err)
	}
	check("after a reading by id")
	v.keys = v.keys[1:]
	if _, err := d.ByID(t.Context(), testAccount, access.KeyRef("k1")); err == nil {
		t.Fatal("the key exists")
	}
	if got := keyNames(t, d, Filter{Sort: "created"}); got != "alone young new" {
		t.Errorf("without a deleted key: %s", got)
	}
	d.SetFacts(testAccount, nil)
	if got := keyNames(t, d, Filter{Sort: "created"}); got != "alone new young" {
		t.Errorf("without facts again: %s", got)
	}
}

// Every reading by id with a result is reported, and no other.
func TestReadingsByIDAreReported(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(1)
	d := loadedDirectory(t, v)
	var reported []Reading
	d.OnReading(func(_ int64, r Reading) { reported = append(reported, r) })
	before := time.Now()
	for _, id := range []int64{1, 999} {
		_, _ = d.ByID(t.Context(), testAccount, access.SubuserRef(id))
	}
	if len(reported) != 2 || reported[0].Principal == nil || reported[0].Ref != access.SubuserRef(1) ||
		reported[0].At.Before(before) || reported[1].Principal != nil || reported[1].Ref != access.SubuserRef(999) {
		t.Errorf("%+v", reported)
	}
}
