package app_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// TestPagesWithoutEffect sends the form of each action to a vendor that accepts every write and carries out none. No
// page may claim success; the first one says that the outcome is not known, and the operation ends as not applied.
func TestPagesWithoutEffect(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		site := apptest.NewSite(t, apptest.Options{InMemory: true})
		state := site.Sim.State()
		people, keys := []int64{}, []string{}
		for _, login := range []string{"trainee_01", "trainee_02", "lukasz_wisniew"} {
			u, _ := state.Subuser(login)
			people = append(people, u.ID)
		}
		for _, name := range []string{"Unused", "Queue dashboard", "CI deploy"} {
			at := slices.IndexFunc(state.Keys, func(k voxsim.KeyState) bool { return k.Name == name })
			keys = append(keys, state.Keys[at].ID)
		}
		payer := fmt.Sprint(state.RoleID("Payer"))
		site.Sim.SetVariants(voxsim.Variants{NoEffect: voxsim.NoEffectAll})
		admin := site.Visit(t, policy.Admin)
		var operations []string
		for _, action := range []struct {
			path   string
			fields url.Values
		}{
			{"/subusers/new", url.Values{"login": {"newcomer"}}},
			{fmt.Sprintf("/subusers/%d/edit", people[0]), url.Values{"description": {"other"}}},
			{fmt.Sprintf("/subusers/%d/roles", people[1]), url.Values{"role": {payer}, "step": {"apply"}}},
			{fmt.Sprintf("/subusers/%d/delete", people[2]), url.Values{"confirm": {"lukasz_wisniew"}}},
			{"/keys/new", url.Values{"name": {"robot"}}},
			{"/keys/" + keys[0] + "/edit", url.Values{"description": {"other"}, "name": {"Unused"}}},
			{"/keys/" + keys[1] + "/roles", url.Values{"role": {payer}, "step": {"apply"}}},
			{"/keys/" + keys[2] + "/delete", url.Values{"confirm": {"CI deploy"}}},
		} {
			form := admin.Get(action.path).FormValues(t, action.path)
			for name, values := range action.fields {
				form[name] = values
			}
			page := admin.Post(action.path, form)
			operations = append(operations, form.Get("operation"))
			text := strings.Join(strings.Fields(page.Find("h1, .message").Text()), " ")
			op, err := site.AuditLog.Operation(t.Context(), form.Get("operation"))
			if err != nil || op.Result != audit.Unknown || page.Status != 200 ||
				!containsAny(text, "not known", "Unknown: Voximplant reported success", "do not know yet") ||
				containsAny(text, "was changed", "read back from") {
				t.Errorf("%s: %d, %s; %s, %v", action.path, page.Status, text, op.Result, err)
			}
		}
		site.Reconcile(t, time.Hour)
		admin = site.Visit(t, policy.Admin)
		for _, id := range operations {
			op, err := site.AuditLog.Operation(t.Context(), id)
			if err != nil || op.Result != audit.NotApplied || op.Open {
				t.Errorf("in the end: %+v, %v", op, err)
			}
			if page := admin.Get("/audit/" + id); !strings.Contains(page.Find("main").Text(), "Not applied") {
				t.Errorf("the page of %s %s", op.Action, page.Find("main").Text())
			}
		}
		if len(site.Sim.Ledger()) != 0 {
			t.Errorf("the vendor changed something: %+v", site.Sim.Ledger())
		}
	})
}

func containsAny(text string, parts ...string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(text, part) })
}
