package lifecycle_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// The subusers and keys of testCompany. wallboard belongs to team.
var (
	boss      = access.SubuserRef(201)
	team      = access.SubuserRef(202)
	wallboard = access.KeyRef("11111111-1111-4111-8111-111111111111")
	dialler   = access.KeyRef("22222222-2222-4222-8222-222222222222")
)

func testCompany() voxsim.Company {
	company := voxsim.SmallCompany()
	company.Subusers = []voxsim.Subuser{
		{ID: 201, Login: "boss_one", Roles: []string{"Owner"}},
		{ID: 202, Login: "team_two", Roles: []string{"Supervisor"}},
	}
	company.Keys = append(
		slices.Clone(company.Keys[:1]),
		voxsim.Key{ID: wallboard.ID, Name: "wallboard", Subuser: "team_two", Roles: []string{"Accountant"}},
		voxsim.Key{ID: dialler.ID, Name: "dialler", Roles: []string{"Developer"}},
	)
	return company
}

// withWorld runs a test on a database of each engine, in a synctest bubble, after a first listing of testCompany. The
// audit log must be intact afterwards.
func withWorld(t *testing.T, o apptest.Options, test func(t *testing.T, w *apptest.World)) {
	t.Helper()
	withTamperedWorld(t, o, func(t *testing.T, w *apptest.World) {
		test(t, w)
		w.CheckIntact(t)
	})
}

// withTamperedWorld is withWorld for tests that change the database.
func withTamperedWorld(t *testing.T, o apptest.Options, test func(t *testing.T, w *apptest.World)) {
	t.Helper()
	t.Parallel()
	o.Company = testCompany()
	apptest.OnEachEngine(t, o, func(t *testing.T, w *apptest.World) {
		w.Refresh(t)
		time.Sleep(time.Hour)
		test(t, w)
	})
}

// listed returns a principal as the list shows it.
func listed(t *testing.T, w *apptest.World, ref access.Ref) access.Principal {
	t.Helper()
	found, _, err := w.Directory.ByIDs(t.Context(), w.Account, ref.Kind, []string{ref.ID})
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: found %+v, %v", ref.ID, found, err)
	}
	return found[0]
}

// factsOf returns the facts of a principal as the list shows them.
func factsOf(t *testing.T, w *apptest.World, ref access.Ref) access.Facts {
	t.Helper()
	p := listed(t, w, ref)
	if p.Facts == nil {
		t.Fatalf("%s has no facts", ref.ID)
	}
	return *p.Facts
}

// outlived returns the keys that have outlived the subuser that they belonged to.
func outlived(t *testing.T, w *apptest.World) []string {
	t.Helper()
	filter := directory.Filter{OutlivedOwner: true}
	list, err := w.Directory.List(t.Context(), w.Account, access.Key, filter)
	if err != nil {
		t.Fatal(err)
	}
	counts, err := w.Directory.Counts(t.Context(), w.Account)
	if err != nil || counts.KeysOutlivedOwner != len(list.Rows) {
		t.Errorf("counted %d, listed %d, %v", counts.KeysOutlivedOwner, len(list.Rows), err)
	}
	var names []string
	for _, p := range list.Rows {
		if !p.OutlivedOwner() {
			t.Errorf("%s is listed, but has not outlived its owner", p.Name)
		}
		names = append(names, p.Name)
	}
	return names
}

// countEvents returns the number of events about facts.
func countEvents(t *testing.T, w *apptest.World) (events int) {
	t.Helper()
	query := `SELECT COUNT(*) FROM events WHERE kind = 'facts'`
	if err := w.DB.SQL().QueryRowContext(t.Context(), query).Scan(&events); err != nil {
		t.Fatal(err)
	}
	return events
}

func request(w *apptest.World) operations.Request {
	return operations.Request{
		ID:        w.Operations.NewID(),
		Account:   w.Account,
		Operator:  apptest.Operator("admin", policy.Admin),
		RequestID: "test",
	}
}

func requireApplied(t *testing.T, out operations.Outcome, err error) {
	t.Helper()
	if err != nil || out.Result != audit.Applied || !out.Confirmed {
		t.Fatalf("%+v, %v", out, err)
	}
}

func remove(t *testing.T, w *apptest.World, ref access.Ref) {
	t.Helper()
	r := request(w)
	form, err := w.Operations.DeleteForm(t.Context(), r.Operator, w.Account, ref)
	if err != nil {
		t.Fatal(err)
	}
	out, err := w.Operations.Delete(t.Context(), operations.Delete{
		Request: r,
		Ref:     ref,
		Base:    form.Principal.DirectRoleIDs(),
		Confirm: operations.Confirmation(form.Principal),
		Warned:  form.Warnings,
	})
	requireApplied(t, out, err)
}

func removeOutside(t *testing.T, w *apptest.World, subuser access.Ref) {
	t.Helper()
	if err := w.Sim.ApplyExternal(voxsim.ExternalChange{
		Kind:      voxsim.ExternalDeleteSubuser,
		SubuserID: subuser.SubuserID(),
	}); err != nil {
		t.Fatal(err)
	}
}

// One event is enough for all that the first listing shows, and a listing that shows nothing new has none.
func TestFirstListing(t *testing.T) {
	withWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		began := time.Now().Add(-2 * time.Hour)
		for _, ref := range []access.Ref{boss, team, wallboard, dialler} {
			f := factsOf(t, w, ref)
			if !f.Created.IsZero() || f.FirstSeen.Before(began) || time.Since(f.FirstSeen) < time.Hour {
				t.Errorf("%s: %+v", ref.ID, f)
			}
		}
		owner := factsOf(t, w, wallboard).LastOwner
		if owner == nil || owner.Ref != team || owner.Login != "team_two" || !owner.Until.IsZero() {
			t.Errorf("the key belonged to %+v", owner)
		}
		if owner := factsOf(t, w, dialler).LastOwner; owner != nil {
			t.Errorf("a key without a subuser belonged to %+v", owner)
		}
		w.Refresh(t)
		w.Refresh(t)
		if n := countEvents(t, w); n != 1 {
			t.Errorf("%d events", n)
		}
	})
}

func TestLastOwnerIsKeptAfterDeletion(t *testing.T) {
	for name, delete := range map[string]func(*testing.T, *apptest.World){
		"by the console": func(t *testing.T, w *apptest.World) { remove(t, w, team) },
		"outside": func(t *testing.T, w *apptest.World) {
			removeOutside(t, w, team)
			w.Refresh(t)
		},
		"outside, read by id": func(t *testing.T, w *apptest.World) {
			removeOutside(t, w, team)
			if _, err := w.Directory.ByID(t.Context(), w.Account, team); err == nil {
				t.Fatal("the subuser exists")
			}
			if err := w.Lifecycle.Learn(t.Context()); err != nil {
				t.Fatal(err)
			}
		},
	} {
		for _, mode := range []voxsim.SubuserKeysMode{voxsim.SubuserKeysUnassigned, voxsim.SubuserKeysUnchanged} {
			t.Run(name+" "+string(mode), func(t *testing.T) {
				o := apptest.Options{Variants: voxsim.Variants{SubuserKeys: mode}}
				withWorld(t, o, func(t *testing.T, w *apptest.World) {
					seen := factsOf(t, w, wallboard).FirstSeen
					delete(t, w)
					check := func(when string) {
						t.Helper()
						if got := outlived(t, w); !slices.Equal(got, []string{"wallboard"}) {
							t.Errorf("%s: %v have outlived their owner", when, got)
						}
						f := factsOf(t, w, wallboard)
						if f.LastOwner == nil || f.LastOwner.Login != "team_two" || time.Since(f.LastOwner.Until) > time.Hour ||
							!f.FirstSeen.Equal(seen) {
							t.Errorf("%s: %+v, %+v", when, f, f.LastOwner)
						}
					}
					check("at once")
					w.Refresh(t)
					check("after a listing")
					p, err := w.Directory.ByID(t.Context(), w.Account, wallboard)
					if err != nil || !p.OutlivedOwner() {
						t.Errorf("read by id: %+v, %v", p, err)
					}
					w.Restart()
					w.Refresh(t)
					check("after a restart")
				})
			})
		}
	}
}

// A listing that lacks a subuser does not prove that it is gone.
func TestAbsenceFromListingIsNoProof(t *testing.T) {
	withWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		before := countEvents(t, w)
		report := w.Lifecycle.StartListing(t.Context(), w.Account)
		report(t.Context(), directory.Listing{
			Account: w.Account,
			AsOf:    time.Now(),
			Principals: map[access.Kind][]access.Principal{
				access.Subuser: {listed(t, w, boss)},
				access.Key:     {{Ref: wallboard, Name: "wallboard"}, listed(t, w, dialler)},
			},
		})
		if n := countEvents(t, w); n != before || len(outlived(t, w)) != 0 {
			t.Errorf("%d events, %v have outlived their owner", n-before, outlived(t, w))
		}
	})
}

// A subuser that a listing shows after its deletion is not a new one.
func TestStaleListing(t *testing.T) {
	withWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		stale := directory.Listing{
			Account:    w.Account,
			AsOf:       time.Now(),
			Principals: map[access.Kind][]access.Principal{access.Subuser: {listed(t, w, boss), listed(t, w, team)}},
		}
		remove(t, w, team)
		before := countEvents(t, w)
		w.Lifecycle.StartListing(t.Context(), w.Account)(t.Context(), stale)
		stale.AsOf = time.Now().Add(time.Hour)
		w.Lifecycle.StartListing(t.Context(), w.Account)(t.Context(), stale)
		if n := countEvents(t, w); n != before || len(outlived(t, w)) != 1 {
			t.Errorf("%d events, %v have outlived their owner", n-before, outlived(t, w))
		}
	})
}

// A reading that found nothing by mistake is corrected by one that finds the subuser.
func TestGoneSubuserIsFoundAgain(t *testing.T) {
	withWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		w.Lifecycle.Read(w.Account, directory.Reading{Ref: team, At: time.Now()})
		if err := w.Lifecycle.Learn(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := outlived(t, w); len(got) != 1 {
			t.Fatalf("%v have outlived their owner", got)
		}
		time.Sleep(time.Hour)
		w.Refresh(t)
		owner := factsOf(t, w, wallboard).LastOwner
		if len(outlived(t, w)) != 0 || owner == nil || owner.Login != "team_two" {
			t.Errorf("%v have outlived their owner, %+v", outlived(t, w), owner)
		}
		if f := factsOf(t, w, team); !f.Gone.IsZero() || f.FirstSeen.IsZero() {
			t.Errorf("%+v", f)
		}
	})
}

// The id of nothing is not remembered, however often it is asked for.
func TestUnknownIDIsNotRemembered(t *testing.T) {
	withWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		for id := range int64(5) {
			if _, err := w.Directory.ByID(t.Context(), w.Account, access.SubuserRef(9000+id)); err == nil {
				t.Fatal("the subuser exists")
			}
		}
		if err := w.Lifecycle.Learn(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := countEvents(t, w); n != 1 {
			t.Errorf("%d events", n)
		}
	})
}

func createSubuser(t *testing.T, w *apptest.World, login string) access.Ref {
	t.Helper()
	out, err := w.Operations.CreateSubuser(t.Context(), operations.CreateSubuser{Request: request(w), Login: login})
	requireApplied(t, out, err)
	return out.Operation.Target.Ref
}

func TestCreatedByConsole(t *testing.T) {
	withWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		began := time.Now()
		subuser := createSubuser(t, w, "new_one")
		out, err := w.Operations.CreateKey(t.Context(), operations.CreateKey{Request: request(w), Name: "robot"})
		requireApplied(t, out, err)
		for _, ref := range []access.Ref{subuser, out.Operation.Target.Ref} {
			f := factsOf(t, w, ref)
			if f.Created.Before(began) || time.Since(f.Created) > time.Minute || !f.FirstSeen.Equal(f.Created) {
				t.Errorf("%s: %+v", ref.ID, f)
			}
		}
		created := factsOf(t, w, subuser)
		time.Sleep(time.Hour)
		w.Refresh(t)
		if f := factsOf(t, w, subuser); f != created {
			t.Errorf("after a listing: %+v, was %+v", f, created)
		}
	})
}

// A re-issue passes the facts of the former subuser on. Its keys belonged to the former one.
func TestReissueMovesFacts(t *testing.T) {
	withWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		first := createSubuser(t, w, "new_one")
		created := factsOf(t, w, first).Created
		time.Sleep(time.Hour)
		seen := factsOf(t, w, team).FirstSeen
		for _, test := range []struct {
			ref, login string
			created    time.Time
			seen       time.Time
		}{
			{first.ID, "new_one", created, created},
			{team.ID, "team_two", time.Time{}, seen},
		} {
			former := access.Ref{Kind: access.Subuser, ID: test.ref}
			r := request(w)
			form, err := w.Operations.ReissueSubuserForm(t.Context(), r.Operator, w.Account, former.SubuserID())
			if err != nil {
				t.Fatal(err)
			}
			out, err := w.Operations.ReissueSubuser(t.Context(), operations.ReissueSubuser{
				Request:   r,
				SubuserID: former.SubuserID(),
				Base:      form.Principal.DirectRoleIDs(),
				Confirm:   test.login,
				Warned:    form.Warnings,
			})
			requireApplied(t, out, err)
			f := factsOf(t, w, out.Operation.Target.Ref)
			if out.Operation.Target.ID == test.ref || !f.Created.Equal(test.created) || !f.FirstSeen.Equal(test.seen) {
				t.Errorf("%s: %+v", test.login, f)
			}
			w.Refresh(t)
			if after := factsOf(t, w, out.Operation.Target.Ref); after != f {
				t.Errorf("%s after a listing: %+v", test.login, after)
			}
		}
		if got := outlived(t, w); !slices.Equal(got, []string{"wallboard"}) {
			t.Errorf("%v have outlived their owner", got)
		}
	})
}

// Another replica learns from the events, and neither writes what the other has written.
func TestReplicas(t *testing.T) {
	t.Parallel()
	apptest.WithReplica(t, apptest.Options{Company: testCompany()}, func(t *testing.T, w, other *apptest.World) {
		w.Refresh(t)
		other.Refresh(t)
		if n := countEvents(t, w); n != 1 {
			t.Errorf("%d events for two listings", n)
		}
		subuser := createSubuser(t, w, "new_one")
		remove(t, w, team)
		if err := other.Lifecycle.Learn(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := outlived(t, other); !slices.Equal(got, []string{"wallboard"}) {
			t.Errorf("on the other replica %v have outlived their owner", got)
		}
		other.Refresh(t)
		if f := factsOf(t, other, subuser); f.Created.IsZero() {
			t.Errorf("on the other replica: %+v", f)
		}
		w.CheckIntact(t)
	})
}

// The facts about thousands of principals take a few events.
func TestLargeFirstListing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		synctest.Test(t, func(t *testing.T) {
			w := apptest.NewWorld(t, apptest.Options{Company: testCompany(), Database: url})
			defer w.Close()
			l := directory.Listing{
				Account:    w.Account,
				AsOf:       time.Now(),
				Principals: map[access.Kind][]access.Principal{},
			}
			for id := range int64(10_000) {
				p := access.Principal{Ref: access.SubuserRef(id + 1)}
				l.Principals[access.Subuser] = append(l.Principals[access.Subuser], p)
			}
			w.Lifecycle.StartListing(t.Context(), w.Account)(t.Context(), l)
			w.Lifecycle.StartListing(t.Context(), w.Account)(t.Context(), l)
			if n := countEvents(t, w); n != 10 {
				t.Errorf("%d events", n)
			}
			w.CheckIntact(t)
		})
	})
}

// After pruning, living principals keep their facts, and a key keeps the login of a subuser that is gone.
func TestPruning(t *testing.T) {
	withWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		remove(t, w, team)
		before := factsOf(t, w, wallboard)
		time.Sleep(24 * time.Hour)
		if done, err := w.AuditLog.Prune(t.Context(), time.Now(), "a test"); err != nil || done.Operations != 1 {
			t.Fatalf("pruned %+v, %v", done, err)
		}
		for _, when := range []string{"at once", "after a restart"} {
			w.Refresh(t)
			f := factsOf(t, w, wallboard)
			if !f.FirstSeen.Equal(before.FirstSeen) || f.LastOwner == nil || *f.LastOwner != *before.LastOwner {
				t.Errorf("%s: %+v, %+v", when, f, f.LastOwner)
			}
			var left int
			query := `SELECT COUNT(*) FROM facts WHERE kind = 'subuser' AND id = '202'`
			if err := w.DB.SQL().QueryRowContext(t.Context(), query).Scan(&left); err != nil || left != 0 {
				t.Errorf("%s: %d rows about the deleted subuser, %v", when, left, err)
			}
			w.Restart()
		}
	})
}

// Changed rows are not shown, learnt from or passed on. That is reported once, and a reset begins anew.
func TestChangedFactsAreNotUsed(t *testing.T) {
	withTamperedWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		change := `UPDATE facts SET value = replace(value, 'team_two', 'somebody') WHERE fact = 'owner'`
		if _, err := w.DB.SQL().ExecContext(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		w.Restart()
		w.Refresh(t)
		w.Refresh(t)
		if p := listed(t, w, wallboard); p.Facts != nil {
			t.Errorf("shown: %+v", p.Facts)
		}
		remove(t, w, team)
		if n := countEvents(t, w); n != 1 {
			t.Errorf("%d events about facts", n)
		}
		var reported int
		query := `SELECT COUNT(*) FROM events WHERE kind = 'mismatch'`
		if err := w.DB.SQL().QueryRowContext(t.Context(), query).Scan(&reported); err != nil || reported != 1 {
			t.Errorf("reported %d times, %v", reported, err)
		}
		if rows, err := w.AuditLog.ResetFacts(t.Context(), "a test"); err != nil || rows == 0 {
			t.Fatalf("%d rows, %v", rows, err)
		}
		w.Refresh(t)
		if f := factsOf(t, w, wallboard); f.FirstSeen.IsZero() || f.LastOwner != nil {
			t.Errorf("after the reset: %+v", f)
		}
		w.CheckIntact(t)
	})
}

// A row that is changed while the server runs does not change what it shows.
func TestRowsAreReadOnce(t *testing.T) {
	withTamperedWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		change := `UPDATE facts SET at = at + 1000000 WHERE kind = 'subuser'`
		before := factsOf(t, w, boss)
		if _, err := w.DB.SQL().ExecContext(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		createSubuser(t, w, "new_one")
		w.Refresh(t)
		if f := factsOf(t, w, boss); f != before {
			t.Errorf("%+v, was %+v", f, before)
		}
		report, err := w.AuditLog.Verify(t.Context(), nil)
		if err != nil || report.Intact() {
			t.Errorf("verify found nothing, %v", err)
		}
	})
}

// Run learns from a reading by id without a listing.
func TestRun(t *testing.T) {
	withWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		go w.Lifecycle.Run(t.Context())
		removeOutside(t, w, team)
		if _, err := w.Directory.ByID(t.Context(), w.Account, team); err == nil {
			t.Fatal("the subuser exists")
		}
		time.Sleep(time.Second)
		if got := outlived(t, w); !slices.Equal(got, []string{"wallboard"}) {
			t.Errorf("%v have outlived their owner", got)
		}
	})
}
