package directory_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/testkit/vendor"
	"github.com/voxwarden/voxwarden/internal/voxapi"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// withSimulator runs a test on a directory that reads a simulated company through the real client. It runs in a
// synctest bubble, so that pauses take no time.
func withSimulator(
	t *testing.T,
	company string,
	variants voxsim.Variants,
	latency time.Duration,
	test func(t *testing.T, sim *voxsim.Sim, d *directory.Directory),
) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		seed, err := voxsim.CompanyNamed(company, 0)
		if err != nil {
			t.Fatal(err)
		}
		sim := vendor.New(t, voxsim.Options{Company: seed, Variants: variants, Latency: latency, Seed: 1})
		client := vendor.Client(t, sim, nil, voxapi.Options{})
		d := directory.New(client.Reader(), directory.Options{})
		t.Cleanup(d.Close)
		test(t, sim, d)
	})
}

// waitForList waits for the first listing and returns it.
func waitForList(t *testing.T, sim *voxsim.Sim, d *directory.Directory) directory.Page {
	t.Helper()
	for range 600 {
		page, err := d.List(t.Context(), sim.AccountID(), access.Subuser, directory.Filter{PerPage: -1})
		if err != nil {
			t.Fatalf("list: %v", err)
		}
		if !page.Status.Cold() && !page.Status.Refreshing {
			return page
		}
		time.Sleep(time.Second)
	}
	t.Fatal("the list was never read")
	return directory.Page{}
}

// slowLatency is that of a vendor from which the first list is read ahead.
const slowLatency = 150 * time.Millisecond

// Under every variant a list has every subuser or counts as incomplete, and has no other rows, also when it is read
// ahead.
func TestListUnderEveryVariant(t *testing.T) {
	t.Parallel()
	variants := append([]voxsim.NamedVariant{{Name: "defaults"}},
		voxsim.NamedVariant{Name: "page_cap=1", Variants: voxsim.Variants{PageCap: 1}},
		voxsim.NamedVariant{Name: "page_cap=20", Variants: voxsim.Variants{PageCap: 20}},
		voxsim.NamedVariant{Name: "page_cap=20,offset=ignored", Variants: voxsim.Variants{PageCap: 20, OffsetIgnored: true}},
		voxsim.NamedVariant{Name: "page_cap=20,order=unstable", Variants: voxsim.Variants{PageCap: 20, OrderUnstable: true}},
	)
	for _, variant := range append(variants, voxsim.AllVariants()...) {
		for _, latency := range []time.Duration{0, slowLatency} {
			t.Run(fmt.Sprintf("%s, latency %v", variant.Name, latency), func(t *testing.T) {
				t.Parallel()
				withSimulator(t, "small", variant.Variants, latency, func(
					t *testing.T,
					sim *voxsim.Sim,
					d *directory.Directory,
				) {
					page := waitForList(t, sim, d)
					uncertain := variant.Variants.OffsetIgnored || variant.Variants.OrderUnstable
					if page.Status.LastError != nil || page.Status.Incomplete && !uncertain {
						t.Errorf("status %+v", page.Status)
					}
					if len(page.Rows) < len(sim.State().Subusers) && !page.Status.Incomplete {
						t.Errorf("%d of %d subusers", len(page.Rows), len(sim.State().Subusers))
					}
					for _, s := range page.Rows {
						checkSubuser(t, variant.Variants, sim.State(), s)
					}
				})
			})
		}
	}
}

// checkSubuser compares a listed subuser with the simulator's.
func checkSubuser(t *testing.T, variants voxsim.Variants, state voxsim.State, s access.Principal) {
	t.Helper()
	actual, found := state.Subuser(s.Name)
	if !found || actual.ID != s.SubuserID() || actual.Description != s.Description {
		t.Errorf("%s is shown as %+v and is %+v", s.Name, s, actual)
		return
	}
	switch {
	case variants.RoleList == voxsim.RoleListLeaves:
		return // the vendor does not list the granted roles
	case !s.RolesKnown:
		if !variants.WithRolesIgnored || len(s.Roles) > 0 {
			t.Errorf("%s: roles %v are unknown", s.Name, s.Roles)
		}
		return
	}
	for _, id := range s.DirectRoleIDs() {
		if !slices.Contains(actual.RoleIDs, id) {
			t.Errorf("%s: role %d is listed as direct and is not", s.Name, id)
		}
	}
	for _, id := range actual.RoleIDs {
		if !slices.Contains(s.RoleIDs(), id) {
			t.Errorf("%s: role %d is direct and not listed", s.Name, id)
		}
	}
}

func TestSimulatedSubuserByID(t *testing.T) {
	t.Parallel()
	for _, variant := range append([]voxsim.NamedVariant{{Name: "defaults"}}, voxsim.AllVariants()...) {
		t.Run(variant.Name, func(t *testing.T) {
			t.Parallel()
			withSimulator(t, "small", variant.Variants, 0, func(t *testing.T, sim *voxsim.Sim, d *directory.Directory) {
				state := sim.State()
				for i, actual := range state.Subusers {
					if i%5 != 0 {
						continue
					}
					s, err := d.ByID(t.Context(), sim.AccountID(), access.SubuserRef(actual.ID))
					if err != nil || !s.RolesKnown {
						t.Fatalf("%+v, %v", s, err)
					}
					checkSubuser(t, variant.Variants, state, s)
				}
				_, err := d.ByID(t.Context(), sim.AccountID(), access.SubuserRef(999_999))
				if !errors.Is(err, directory.ErrNotFound) {
					t.Errorf("an unknown id: %v", err)
				}
			})
		})
	}
}

func TestSimulatedCatalogueAndKeys(t *testing.T) {
	t.Parallel()
	withSimulator(t, "small", voxsim.Variants{}, 0, func(t *testing.T, sim *voxsim.Sim, d *directory.Directory) {
		waitForList(t, sim, d)
		state := sim.State()
		c := d.Catalogue(t.Context(), sim.AccountID())
		if !c.Known || !c.GroupsKnown || len(c.Roles) != len(state.Roles) {
			t.Errorf("catalogue: known %v, groups %v, %d of %d roles", c.Known, c.GroupsKnown, len(c.Roles), len(state.Roles))
		}
		for _, actual := range state.Roles {
			role, _ := c.ByID(actual.ID)
			slices.Sort(actual.ParentIDs)
			if role.Name != actual.Name || role.Group != actual.Group || !slices.Equal(role.ParentIDs, actual.ParentIDs) {
				t.Errorf("role %+v is shown as %+v", actual, role)
			}
		}
		keys, err := d.List(
			t.Context(),
			sim.AccountID(),
			access.Key,
			directory.Filter{PerPage: directory.Everything},
		)
		if err != nil || keys.Status.Incomplete || len(keys.Rows) != len(state.Keys) {
			t.Errorf("%d of %d keys, known %v, %v", len(keys.Rows), len(state.Keys), !keys.Status.Incomplete, err)
		}
		for _, key := range keys.Rows {
			actual, _ := state.Key(key.ID)
			var owner access.Ref
			if key.BelongsTo != nil {
				owner = *key.BelongsTo
			}
			if owner != access.SubuserRef(actual.SubuserID) {
				t.Errorf("key %s belongs to %d and is shown as belonging to %q", key.Name, actual.SubuserID, owner.ID)
			}
		}
		if name := d.AccountName(t.Context(), sim.AccountID()); name != "" {
			t.Errorf("the name %q was known before it was read", name)
		}
		synctest.Wait()
		time.Sleep(time.Second)
		if d.AccountName(t.Context(), sim.AccountID()) == "" {
			t.Error("the account has no name")
		}
	})
}

// Ten thousand subusers are read in as many calls as they have pages. Warm pages make no calls.
func TestTenThousandSubusers(t *testing.T) {
	t.Parallel()
	for name, vendor := range map[string]struct {
		variants voxsim.Variants
		latency  time.Duration
	}{
		"in the requested pages":          {},
		"in the vendor's own pages":       {voxsim.Variants{PageCap: 20}, 0},
		"in an order that changes":        {voxsim.Variants{PageCap: 500, OrderUnstable: true}, 0},
		"with the first page only":        {voxsim.Variants{PageCap: 500, OffsetIgnored: true}, 0},
		"ahead":                           {voxsim.Variants{}, slowLatency},
		"ahead in an order that changes":  {voxsim.Variants{PageCap: 500, OrderUnstable: true}, slowLatency},
		"ahead with the first page only":  {voxsim.Variants{PageCap: 1000, OffsetIgnored: true}, slowLatency},
		"ahead with a count that is less": {voxsim.Variants{CountLimit: 500}, slowLatency},
	} {
		variants := vendor.variants
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withSimulator(t, "large", variants, vendor.latency, func(t *testing.T, sim *voxsim.Sim, d *directory.Directory) {
				page := waitForList(t, sim, d)
				actual := len(sim.State().Subusers)
				if len(page.Rows) != actual && !page.Status.Incomplete {
					t.Errorf("%d of %d subusers", len(page.Rows), actual)
				}
				calls := len(sim.Calls())
				if variants == (voxsim.Variants{}) && (calls > 30 || len(page.Rows) != actual || page.Status.Incomplete) {
					t.Errorf("%d calls for %d of %d subusers, status %+v", calls, len(page.Rows), actual, page.Status)
				}
				found, err := d.List(
					t.Context(),
					sim.AccountID(),
					access.Subuser,
					directory.Filter{Query: "a", Sort: "roles", Desc: true, Page: 2},
				)
				if err != nil || found.Matches == 0 {
					t.Errorf("%d matches, %v", found.Matches, err)
				}
				if got := len(sim.Calls()); got != calls {
					t.Errorf("%d calls for a warm page", got-calls)
				}
			})
		})
	}
}

// When the vendor fails for one page, also one that is read ahead, no list with fewer rows counts as complete, and the
// list is read soon.
func TestFirstListWithAFailingPage(t *testing.T) {
	t.Parallel()
	for _, kind := range []voxsim.FaultKind{voxsim.HTTP429, voxsim.HTMLBody} {
		for _, nth := range []int{1, 2, 7, 13} {
			t.Run(fmt.Sprintf("%s at call %d", kind, nth), func(t *testing.T) {
				t.Parallel()
				withSimulator(t, "large", voxsim.Variants{}, slowLatency, func(
					t *testing.T,
					sim *voxsim.Sim,
					d *directory.Directory,
				) {
					sim.AddFault(voxsim.Fault{Method: "GetSubUsers", Kind: kind, Nth: nth})
					start := time.Now()
					for {
						page, err := d.List(t.Context(), sim.AccountID(), access.Subuser, directory.Filter{})
						if err == nil && !page.Status.Cold() {
							if page.Status.Incomplete || page.Total != len(sim.State().Subusers) {
								t.Errorf("%d of %d subusers", page.Total, len(sim.State().Subusers))
							}
							return
						}
						if time.Since(start) > time.Minute {
							t.Fatalf("no list after a minute: %v", err)
						}
						time.Sleep(time.Second)
					}
				})
			})
		}
	}
}

func TestSimulatedFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fault voxsim.Fault
		want  directory.ErrorKind
	}{
		{voxsim.Fault{Kind: voxsim.Refuse, Code: 100}, directory.KeyRefused},
		{voxsim.Fault{Kind: voxsim.Refuse, Code: 104}, directory.KeyRefused},
		{voxsim.Fault{Kind: voxsim.Refuse, Code: 340}, directory.RateLimited},
		{voxsim.Fault{Kind: voxsim.Refuse, Code: 455}, directory.ClockWrong},
		{voxsim.Fault{Kind: voxsim.Refuse, Code: 2}, directory.VendorFault},
		{voxsim.Fault{Kind: voxsim.HTTP401}, directory.KeyRefused},
		{voxsim.Fault{Kind: voxsim.HTTP429}, directory.RateLimited},
		{voxsim.Fault{Kind: voxsim.HTTP500}, directory.Unreadable},
		{voxsim.Fault{Kind: voxsim.HTMLBody}, directory.Unreadable},
		{voxsim.Fault{Kind: voxsim.TruncatedJSON}, directory.Unreadable},
		{voxsim.Fault{Kind: voxsim.HangBeforeCommit}, directory.Slow},
	}
	for _, test := range tests {
		t.Run(string(test.want)+" by "+string(test.fault.Kind), func(t *testing.T) {
			t.Parallel()
			withSimulator(t, "small", voxsim.Variants{}, 0, func(t *testing.T, sim *voxsim.Sim, d *directory.Directory) {
				test.fault.Count = -1
				sim.AddFault(test.fault)
				_, err := d.ByID(t.Context(), sim.AccountID(), access.SubuserRef(sim.State().Subusers[0].ID))
				readError, ok := errors.AsType[*directory.ReadError](err)
				if !ok || readError.Kind != test.want || readError.Advice == "" {
					t.Errorf("by id: %+v", err)
				}
				time.Sleep(time.Minute)
				sim.ClearFaults()
				d.Refresh(sim.AccountID())
				if page := waitForList(t, sim, d); page.Total != len(sim.State().Subusers) {
					t.Errorf("%d subusers after the faults", page.Total)
				}
			})
		})
	}
}
