package drift_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/drift"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// BenchmarkCheck50000 compares a listing of 50,000 subusers with the expected state. Nothing has changed.
func BenchmarkCheck50000(b *testing.B) {
	const account = 7
	db := storetest.Open(b, storetest.SQLite(b))
	log, err := audit.Open(db, audit.Options{Keys: []config.Secret{config.NewSecret("benchmark")}, BeginNew: true})
	if err != nil {
		b.Fatal(err)
	}
	s := drift.New(drift.Options{DB: db, AuditLog: log})
	listing := directory.Listing{
		Account:     account,
		AsOf:        time.Now(),
		OwnersKnown: true,
		Principals:  map[access.Kind][]access.Principal{access.Subuser: nil},
	}
	roles := []access.RoleAssignment{}
	for id, name := range []string{"Support", "CallHistory", "Accountant"} {
		roles = append(roles, access.RoleAssignment{ID: int64(id + 1), Name: name, Direct: true})
	}
	for n := range 50_000 {
		listing.Principals[access.Subuser] = append(listing.Principals[access.Subuser], access.Principal{
			Ref:         access.SubuserRef(int64(100_000 + n)),
			Name:        fmt.Sprintf("agent_%06d", n),
			Description: fmt.Sprintf("Agent %d of the call centre", n),
			Roles:       roles,
			RolesKnown:  true,
		})
	}
	check := func() {
		s.StartCheck(context.Background(), account)(context.Background(), listing)
	}
	check()
	b.ReportAllocs()
	for b.Loop() {
		check()
	}
	if compared, err := s.Compared(b.Context(), account); err != nil || len(compared) != 1 {
		b.Fatalf("compared %v, %v", compared, err)
	}
}
