package directory

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

const benchSubusers = 10_000

// benchVendor returns a vendor with 10,000 subusers and 2,000 keys.
func benchVendor() *fakeVendor {
	given := []string{"Anna", "Žofie", "Łukasz", "Семён", "José", "Mehmet", "Ingrid", "Chidi", "Ольга", "Bob"}
	family := []string{"Novák", "Kowalski", "Иванов", "García", "Yılmaz", "Ødegård", "Okafor", "Smith", "Müller"}
	names := []string{"Owner", "Admin", "Developer", "Supervisor", "Support", "Accountant", "Payer", "User Manager"}
	v := newFakeVendor(0)
	for i := range benchSubusers {
		u := voxapi.SubUser{
			ID:          int64(i + 1),
			Name:        fmt.Sprintf("agent_%05d", (i*7919)%benchSubusers),
			Description: fmt.Sprintf("%s %s, team %d, seat %d in Brno", given[i%len(given)], family[i%len(family)], i%37, i),
			RolesKnown:  true,
		}
		for r := range i % 4 {
			id := (i+r*3)%len(names) + 1
			// Names come from the wire, each in memory of its own.
			u.Roles = append(u.Roles, voxapi.Role{ID: int64(id), Name: string([]byte(names[id-1]))})
		}
		v.subusers = append(v.subusers, u)
		if i%5 == 0 {
			v.keys = append(v.keys, voxapi.Key{
				ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i), Name: fmt.Sprintf("robot %d", i),
				OwnerKnown: true, Owner: []voxapi.SubUser{{ID: u.ID}},
			})
		}
	}
	return v
}

func BenchmarkSearch10000(b *testing.B) {
	d := loadedDirectory(b, benchVendor())
	filters := map[string]Filter{
		"all":               {},
		"search":            {Query: "anna"},
		"search nothing":    {Query: "zzz"},
		"search many words": {Query: "o n a team brno seat ag e"},
		"role":              {Role: "supervisor"},
		"without roles":     {Role: "-"},
		"sort":              {Sort: "description", Desc: true},
		"everything at once": {Query: "ko brno", Role: "support", Sort: "roles", Desc: true,
			Page: 3},
		"export": {Query: "a", PerPage: -1},
	}
	for name, f := range filters {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.List(b.Context(), testAccount, access.Subuser, f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSnapshot10000 measures building the snapshot of 10,000 subusers, and patching it.
func BenchmarkSnapshot10000(b *testing.B) {
	v := benchVendor()
	d := newTestDirectory(b, v, Options{})
	read := func(kind access.Kind) []access.Principal {
		rows, _, err := d.account(testAccount).readAll(b.Context(), kinds()[kind], listing{})
		if err != nil {
			b.Fatal(err)
		}
		return newRoleIndex(v.roles).principals(rows)
	}
	subusers, keys := read(access.Subuser), newSection(access.Key, 1, time.Time{}, true, read(access.Key))
	withKeys := emptySnapshot().withSection(keys)
	b.Run("build", func(b *testing.B) {
		for b.Loop() {
			withKeys.withSection(newSection(access.Subuser, 1, time.Time{}, true, subusers))
		}
	})
	b.Run("patch", func(b *testing.B) {
		snap := withKeys.withSection(newSection(access.Subuser, 1, time.Time{}, true, subusers))
		s := subusers[benchSubusers/2]
		for i := 0; b.Loop(); i++ {
			s.Description = fmt.Sprint(i)
			snap = snap.withPrincipal(s.Ref, &s, time.Time{})
		}
	})
}

// TestMemoryOf10000 logs the memory of 10,000 subusers; the budget is 100 MiB.
func TestMemoryOf10000(t *testing.T) {
	if testing.Short() {
		t.Skip("measures the whole process, so nothing may run beside it")
	}
	v := benchVendor()
	before := heap()
	d := loadedDirectory(t, v)
	after := heap()
	t.Logf("%d subusers take %.1f MiB", len(v.subusers), float64(after-before)/(1<<20))
	runtime.KeepAlive(v)
	if page := list(t, d); page.Total != benchSubusers {
		t.Errorf("%d subusers", page.Total)
	}
}

// heap returns the heap in use, in bytes, after collection.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
