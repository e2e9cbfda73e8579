package voxsim

import (
	"fmt"
	"slices"
	"sync"
	"testing"
)

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	c := ownerCaller(t, s)
	id := fmt.Sprint(subuserNamed(t, s, "trainee_01").ID)
	s.AddFault(Fault{Method: "GetRoles", Kind: StaleReads, Count: -1})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			c.call("AddSubUser", "new_subuser_name", "wanted_by_all", "new_subuser_password", goodPassword)
			c.call("SetSubUserRoles", "subuser_id", id, "role_id", "3;7")
			c.call("RemoveSubUserRoles", "subuser_id", id, "role_id", "7")
			c.call("GetSubUsers", "with_roles", "true")
			c.call("GetRoles")
			s.SetVariants(Variants{TotalCount: true})
			_, _, _ = s.State(), s.Ledger(), s.Calls()
		})
	}
	wg.Wait()
	won := 0
	for i, e := range s.Ledger() {
		if e.Seq != i+1 {
			t.Errorf("entry %d has number %d", i, e.Seq)
		}
		if e.Effect.Login == "wanted_by_all" {
			won++
		}
	}
	if won != 1 {
		t.Errorf("the login was created %d times", won)
	}
	refused := slices.DeleteFunc(s.Calls(), func(call Call) bool { return call.Code != 436 })
	if len(refused) != 7 {
		t.Errorf("%d calls were refused because it is taken", len(refused))
	}
}
