package voxapi_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/voxapi"
	"github.com/voxwarden/voxwarden/internal/voxsim"

	"github.com/voxwarden/voxwarden/internal/config"
)

// Entries are read in the same way under every variant that keeps an audit log.
func TestAuditLogRoundTrip(t *testing.T) {
	t.Parallel()
	for _, variant := range append(voxsim.AllVariants(), voxsim.NamedVariant{Name: "defaults"}) {
		v := variant.Variants
		if v.MaxSubusers > 0 || v.MaxKeys > 0 || v.NoEffect != "" {
			continue // not all calls are carried out
		}
		t.Run(variant.Name, func(t *testing.T) {
			t.Parallel()
			sim := newSim(t, v)
			c, account, ctx := newSimClient(t, sim, nil), sim.AccountID(), context.Background()
			r, w := c.Reader(), c.Writer()
			support := sim.State().RoleID("Support")
			before := time.Now().Add(v.ClockOffset - time.Second)
			id := mustGet(
				w.AddSubUser(ctx, account, voxapi.NewSubUser{
					Login:    "newsubuser",
					Password: config.NewSecret(goodPassword),
					RoleIDs:  []int64{support},
				}),
			)(t)
			must(t, w.RemoveSubUserRoles(ctx, account, id, []int64{support}, true))
			info := mustGet(w.CreateKey(ctx, account, voxapi.NewKey{Name: "crm"}))(t)
			rows := mustGet(r.AuditLog(ctx, account, voxapi.AuditQuery{
				From:        before,
				To:          before.Add(time.Hour),
				NewestFirst: true,
			}))(t)
			if v.AuditSilent {
				if len(rows) != 0 {
					t.Errorf("rows %+v", rows)
				}
				return
			}
			if len(rows) != 3 {
				t.Fatalf("rows %+v", rows)
			}
			got := fmt.Sprintf("%s %v %v %s %v %v %v", rows[0].Command, rows[0].Arguments, rows[0].Result,
				rows[1].Command, rows[1].Arguments, rows[2].Arguments, rows[2].Result)
			want := fmt.Sprintf(
				"CreateKey map[key_name:crm] map[key_id:%s] RemoveSubUserRoles map[force:true role_id:%d subuser_id:%d] "+
					"map[new_subuser_name:newsubuser role_id:%d] map[subuser_id:%d]",
				info.KeyID,
				support,
				id,
				support,
				id,
			)
			if got != want {
				t.Errorf("rows\n%s, want\n%s", got, want)
			}
			if at := rows[0].At; at.Before(before.Truncate(time.Second)) || at.After(before.Add(time.Minute)) ||
				rows[0].IP != "127.0.0.1" {
				t.Errorf("at %v from %q", at, rows[0].IP)
			}
			some := mustGet(r.AuditLog(ctx, account, voxapi.AuditQuery{
				From:     before,
				To:       before.Add(time.Hour),
				Commands: []string{"AddSubUser", "CreateKey"},
				Count:    1,
			}))(t)
			if len(some) != 1 || some[0].Command != "AddSubUser" {
				t.Errorf("the first of two methods: %+v", some)
			}
		})
	}
}

func TestAuditLogNeedsOwner(t *testing.T) {
	t.Parallel()
	sim := newSim(t, voxsim.Variants{})
	c, account, ctx := newSimClient(t, sim, nil), sim.AccountID(), context.Background()
	info := mustGet(c.Writer().CreateKey(ctx, account, voxapi.NewKey{RoleIDs: []int64{sim.State().RoleID("Admin")}}))(t)
	now := time.Now()
	_, err := newSimClient(t, sim, info.CredentialsJSON()).Reader().
		AuditLog(ctx, account, voxapi.AuditQuery{From: now, To: now})
	if voxapi.Code(err) != 104 || !voxapi.IsRefused(err) {
		t.Errorf("a key without Owner: %v", err)
	}
}
