package voxsim

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// allTime are the dates of a call that wants everything.
func allTime(more ...string) []string {
	return append([]string{"from_date", "2000-01-01 00:00:00", "to_date", "2100-01-01 00:00:00"}, more...)
}

// clockAt is a clock that a test moves.
func clockAt(start time.Time) (now func() time.Time, move func(time.Duration)) {
	at := start
	return func() time.Time { return at }, func(d time.Duration) { at = at.Add(d) }
}

func TestGetAuditLogNotesWhatWasCommitted(t *testing.T) {
	t.Parallel()
	now, _ := clockAt(time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC))
	s := newSim(t, Options{Now: now})
	c := owner(t, s)
	c.ok(
		"AddSubUser",
		"new_subuser_name",
		"Newcomer",
		"new_subuser_password",
		goodPassword,
		"role_id",
		"3;7",
		"description",
		"Night desk",
	)
	id := subuserNamed(t, s, "newcomer").ID
	c.refused(440, "SetSubUserRoles", "subuser_id", fmt.Sprint(id), "role_id", "0")
	c.ok("GetSubUsers")
	if err := s.Act(Act{Kind: ActRemoveSubuserRoles, SubuserID: id, RoleIDs: []int64{7}}); err != nil {
		t.Fatal(err)
	}
	c.ok("CreateKey", "key_name", "Wallboard")
	rows := c.ok("GetAuditLog", allTime()...).rows()
	if len(rows) != 3 {
		t.Fatalf("%d rows, want one for each commit: %v", len(rows), rows)
	}
	want := fmt.Sprintf(
		"map[account_id:%d audit_log_id:1 cmd_args:map[description:Night desk new_subuser_name:Newcomer "+
			"new_subuser_password:*** role_id:[3 7]] cmd_name:AddSubUser cmd_result:map[subuser_id:%d] ip:192.0.2.1 "+
			"requested:2026-02-03 04:05:06]",
		s.AccountID(),
		id,
	)
	if got := strings.ReplaceAll(
		fmt.Sprint(rows[0]),
		fmt.Sprint(float64(s.AccountID())),
		fmt.Sprint(s.AccountID()),
	); got != want {
		t.Errorf("row\n%s, want\n%s", got, want)
	}
	if rows[1]["ip"] != panelAddress || rows[1]["cmd_name"] != "RemoveSubUserRoles" || rows[1]["cmd_result"] != nil {
		t.Errorf("what was done behind our back: %v", rows[1])
	}
	if made := fmt.Sprint(rows[2]["cmd_result"]); made != "map[key_id:"+keyNamed(t, s, "Wallboard").ID+"]" {
		t.Errorf("the result of CreateKey: %s", made)
	}
	if all := fmt.Sprint(rows); strings.Contains(all, "PRIVATE KEY") || strings.Contains(all, goodPassword) {
		t.Error("a secret is in the history")
	}
}

func TestGetAuditLogNamesTheSubuserWhoseKeyCalled(t *testing.T) {
	t.Parallel()
	company := Small()
	company.Keys[0].Subuser = "anna_novakova"
	s := newSim(t, Options{Company: company})
	c := owner(t, s)
	c.ok("CreateKey", "key_name", "Second")
	row := c.ok("GetAuditLog", allTime()...).rows()[0]
	anna := subuserNamed(t, s, "anna_novakova")
	if row["subuser_id"] != float64(anna.ID) || row["subuser_name"] != anna.Login {
		t.Errorf("row %v", row)
	}
}

func TestGetAuditLogFilters(t *testing.T) {
	t.Parallel()
	now, move := clockAt(time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC))
	s := newSim(t, Options{Now: now})
	c := owner(t, s)
	id := strconv.FormatInt(subuserNamed(t, s, "trainee_01").ID, 10)
	c.ok("SetSubUserInfo", "subuser_id", id, "description", "one") // 1
	move(time.Hour)
	c.ok("SetSubUserRoles", "subuser_id", id, "role_id", "3") // 2
	move(time.Hour)
	c.ok("CreateKey", "key_name", "Third") // 3
	if err := s.Act(Act{Kind: ActDeleteKey, KeyID: keyNamed(t, s, "Third").ID}); err != nil {
		t.Fatal(err) // 4
	}
	tests := map[string]struct {
		params []string
		want   string
	}{
		"everything":      {nil, "[1 2 3 4]"},
		"newest first":    {[]string{"desc_order", "True"}, "[4 3 2 1]"},
		"a page":          {[]string{"offset", "1", "count", "2"}, "[2 3]"},
		"bounds included": {[]string{"from_date", "2026-07-01 12:00:00", "to_date", "2026-07-01 13:00:00"}, "[1 2]"},
		"by id":           {[]string{"audit_log_id", "4;1"}, "[1 4]"},
		"by method":       {[]string{"filtered_cmd", "CreateKey;DeleteKey"}, "[3 4]"},
		"by address":      {[]string{"filtered_ip", panelAddress}, "[4]"},
		"by what it is":   {[]string{"advanced_filters", id}, "[1 2]"},
		"by admin user":   {[]string{"filtered_admin_user_id", "1"}, "[]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := fmt.Sprint(c.ok("GetAuditLog", allTime(tt.params...)...).column("audit_log_id")); got != tt.want {
				t.Errorf("rows %s, want %s", got, tt.want)
			}
		})
	}
}

func TestGetAuditLogCountsAndZones(t *testing.T) {
	t.Parallel()
	now, _ := clockAt(time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC))
	s := newSim(t, Options{Now: now})
	c := owner(t, s)
	for range 3 {
		c.ok("CreateKey")
	}
	var body map[string]any
	c.ok("GetAuditLog", allTime("count", "2")...).into(&body)
	if _, told := body["total_count"]; told || body["count"] != float64(2) || body["timezone"] != "UTC" {
		t.Errorf("without with_total_count: %v", body)
	}
	c.ok("GetAuditLog", allTime("count", "2", "with_total_count", "true", "timezone", "auto")...).into(&body)
	if body["total_count"] != float64(3) || body["timezone"] != "Europe/Prague" {
		t.Errorf("with it: %v", body)
	}
	for zone, want := range map[string]string{
		"":           "2026-07-01 12:00:00",
		"Asia/Tokyo": "2026-07-01 21:00:00",
		"auto":       "2026-07-01 14:00:00",
	} {
		if got := c.ok("GetAuditLog", allTime("timezone", zone)...).rows()[0]["requested"]; got != want {
			t.Errorf("in zone %q: %v, want %s", zone, got, want)
		}
	}
}

func TestGetAuditLogRefuses(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	c := owner(t, s)
	c.refused(134, "GetAuditLog")
	c.refused(134, "GetAuditLog", "from_date", "2026-01-01 00:00:00")
	c.refused(111, "GetAuditLog", "from_date", "2026-01-01", "to_date", "2026-01-02 00:00:00")
	c.refused(123, "GetAuditLog", "from_date", "2026-01-03 00:00:00", "to_date", "2026-01-02 00:00:00")
	c.refused(496, "GetAuditLog", allTime("timezone", "Nowhere")...)
	c.refused(401, "GetAuditLog", allTime("advanced_filters", " ")...)
	c.refused(101, "GetAuditLog", allTime("count", "0")...)
	c.refused(101, "GetAuditLog", allTime("audit_log_id", "x")...)
	c.refused(105, "GetAuditLog", allTime("output", "csv")...)
	withKey(t, s, "Admin").refused(104, "GetAuditLog", allTime()...)
}
