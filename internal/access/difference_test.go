package access_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
)

func TestNewDifference(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                  string
		base, offered, ticked []int64
		grant, revoke         []int64
	}{
		{"no change", []int64{1}, []int64{1, 2}, []int64{1}, nil, nil},
		{"grant and revoke", []int64{1, 2}, []int64{1, 2, 3}, []int64{2, 3}, []int64{3}, []int64{1}},
		{"a role that was not offered is neither granted", nil, []int64{1}, []int64{1, 9}, []int64{1}, nil},
		{"nor revoked", []int64{1, 9}, []int64{1}, nil, nil, []int64{1}},
		{"nothing offered", []int64{1}, nil, []int64{2}, nil, nil},
		{"duplicates count once", []int64{1, 1}, []int64{1, 2, 2, 1}, []int64{2, 2}, []int64{2}, []int64{1}},
		{"in the order of offered", nil, []int64{3, 1, 2}, []int64{1, 2, 3}, []int64{3, 1, 2}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := access.NewDifference(c.base, c.offered, c.ticked)
			if !slices.Equal(d.Grant, c.grant) || !slices.Equal(d.Revoke, c.revoke) {
				t.Errorf("grant %v, revoke %v", d.Grant, d.Revoke)
			}
			if d.IsEmpty() != (len(c.grant)+len(c.revoke) == 0) {
				t.Errorf("empty: %v", d.IsEmpty())
			}
		})
	}
}

// After the change the offered roles are as ticked, and all others are as before.
func TestDifferenceAppliesWhatWasTicked(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 3))
		ids := func() []int64 {
			var list []int64
			for range r.IntN(8) {
				list = append(list, r.Int64N(8))
			}
			return list
		}
		base, offered, ticked := ids(), ids(), ids()
		before := slices.Clone(base)
		after := access.NewDifference(base, offered, ticked).Apply(base)
		for id := range int64(8) {
			want := slices.Contains(base, id)
			if slices.Contains(offered, id) {
				want = slices.Contains(ticked, id)
			}
			if slices.Contains(after, id) != want {
				t.Fatalf("seed %d: base %v, offered %v, ticked %v: %v", seed, base, offered, ticked, after)
			}
		}
		if !slices.Equal(base, before) {
			t.Fatalf("seed %d: Apply changed its argument", seed)
		}
	}
}

func TestApplyDoesNotAddARoleTwice(t *testing.T) {
	t.Parallel()
	d := access.Difference{Grant: []int64{1, 2}, Revoke: []int64{3, 4}}
	if got := d.Apply([]int64{3, 1, 5}); !slices.Equal(got, []int64{1, 5, 2}) {
		t.Errorf("got %v", got)
	}
}

func TestSameRolesIgnoresOrderAndDuplicates(t *testing.T) {
	t.Parallel()
	if !access.SameRoles([]int64{1, 2, 2}, []int64{2, 1}) || !access.SameRoles(nil, []int64{}) {
		t.Error("equal sets differ")
	}
	if access.SameRoles([]int64{1}, []int64{1, 2}) || access.SameRoles(nil, []int64{1}) {
		t.Error("different sets count as equal")
	}
}
