package voxsim

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// allTimeParams returns dates that include every entry.
func allTimeParams(more ...string) []string {
	return append([]string{"from_date", "2000-01-01 00:00:00", "to_date", "2100-01-01 00:00:00"}, more...)
}

// movableClock returns a clock and a function that advances it.
func movableClock(start time.Time) (now func() time.Time, move func(time.Duration)) {
	at := start
	return func() time.Time { return at }, func(d time.Duration) { at = at.Add(d) }
}

func TestGetAuditLogListsCommittedCalls(t *testing.T) {
	t.Parallel()
	now, _ := movableClock(time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC))
	s := newSim(t, Options{Now: now})
	c := ownerCaller(t, s)
	c.ok("AddSubUser", "new_subuser_name", "New_Subuser", "new_subuser_password", goodPassword,
		"role_id", "3;7", "description", "Night desk")
	id := subuserNamed(t, s, "new_subuser").ID
	c.refused(440, "SetSubUserRoles", "subuser_id", fmt.Sprint(id), "role_id", "0")
	c.ok("GetSubUsers")
	if err := s.ApplyExternal(ExternalChange{
		Kind:      ExternalRemoveSubuserRoles,
		SubuserID: id,
		RoleIDs:   []int64{7},
	}); err != nil {
		t.Fatal(err)
	}
	c.ok("CreateKey", "key_name", "Wallboard")
	rows := c.ok("GetAuditLog", allTimeParams()...).rows()
	if len(rows) != 3 {
		t.Fatalf("%d rows, want one for each commit: %v", len(rows), rows)
	}
	want := fmt.Sprintf(
		"map[account_id:%d audit_log_id:1 cmd_args:map[description:Night desk new_subuser_name:New_Subuser "+
			"new_subuser_password:*** role_id:[3 7]] cmd_name:AddSubUser cmd_result:map[subuser_id:%d] ip:192.0.2.1 "+
			"requested:2026-02-03 04:05:06]",
		s.AccountID(),
		id,
	)
	account := fmt.Sprint(s.AccountID())
	got := strings.ReplaceAll(fmt.Sprint(rows[0]), fmt.Sprint(float64(s.AccountID())), account)
	if got != want {
		t.Errorf("row\n%s, want\n%s", got, want)
	}
	if rows[1]["ip"] != panelAddress || rows[1]["cmd_name"] != "RemoveSubUserRoles" || rows[1]["cmd_result"] != nil {
		t.Errorf("entry of the external change: %v", rows[1])
	}
	if made := fmt.Sprint(rows[2]["cmd_result"]); made != "map[key_id:"+keyNamed(t, s, "Wallboard").ID+"]" {
		t.Errorf("the result of CreateKey: %s", made)
	}
	if all := fmt.Sprint(rows); strings.Contains(all, "PRIVATE KEY") || strings.Contains(all, goodPassword) {
		t.Error("the audit log contains a secret")
	}
}

func TestGetAuditLogNamesCallingSubuser(t *testing.T) {
	t.Parallel()
	company := SmallCompany()
	company.Keys[0].Subuser = "anna_novakova"
	s := newSim(t, Options{Company: company})
	c := ownerCaller(t, s)
	c.ok("CreateKey", "key_name", "Second")
	row := c.ok("GetAuditLog", allTimeParams()...).rows()[0]
	anna := subuserNamed(t, s, "anna_novakova")
	if row["subuser_id"] != float64(anna.ID) || row["subuser_name"] != anna.Login {
		t.Errorf("row %v", row)
	}
}

func TestGetAuditLogFilters(t *testing.T) {
	t.Parallel()
	now, move := movableClock(time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC))
	s := newSim(t, Options{Now: now})
	c := ownerCaller(t, s)
	id := strconv.FormatInt(subuserNamed(t, s, "trainee_01").ID, 10)
	c.ok("SetSubUserInfo", "subuser_id", id, "description", "one") // 1
	move(time.Hour)
	c.ok("SetSubUserRoles", "subuser_id", id, "role_id", "3") // 2
	move(time.Hour)
	c.ok("CreateKey", "key_name", "Third") // 3
	if err := s.ApplyExternal(ExternalChange{Kind: ExternalDeleteKey, KeyID: keyNamed(t, s, "Third").ID}); err != nil {
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
		"by related id":   {[]string{"advanced_filters", id}, "[1 2]"},
		"by admin user":   {[]string{"filtered_admin_user_id", "1"}, "[]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := fmt.Sprint(c.ok("GetAuditLog", allTimeParams(tt.params...)...).column("audit_log_id")); got != tt.want {
				t.Errorf("rows %s, want %s", got, tt.want)
			}
		})
	}
}

func TestGetAuditLogCountsAndTimeZones(t *testing.T) {
	t.Parallel()
	now, _ := movableClock(time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC))
	s := newSim(t, Options{Now: now})
	c := ownerCaller(t, s)
	for range 3 {
		c.ok("CreateKey")
	}
	var body map[string]any
	c.ok("GetAuditLog", allTimeParams("count", "2")...).decode(&body)
	if _, present := body["total_count"]; present || body["count"] != float64(2) || body["timezone"] != "UTC" {
		t.Errorf("without with_total_count: %v", body)
	}
	c.ok("GetAuditLog", allTimeParams("count", "2", "with_total_count", "true", "timezone", "auto")...).decode(&body)
	if body["total_count"] != float64(3) || body["timezone"] != "Europe/Prague" {
		t.Errorf("with with_total_count: %v", body)
	}
	for zone, want := range map[string]string{
		"":           "2026-07-01 12:00:00",
		"Asia/Tokyo": "2026-07-01 21:00:00",
		"auto":       "2026-07-01 14:00:00",
	} {
		if got := c.ok("GetAuditLog", allTimeParams("timezone", zone)...).rows()[0]["requested"]; got != want {
			t.Errorf("in zone %q: %v, want %s", zone, got, want)
		}
	}
}

func TestGetAuditLogRefuses(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	c := ownerCaller(t, s)
	c.refused(134, "GetAuditLog")
	c.refused(134, "GetAuditLog", "from_date", "2026-01-01 00:00:00")
	c.refused(111, "GetAuditLog", "from_date", "2026-01-01", "to_date", "2026-01-02 00:00:00")
	c.refused(123, "GetAuditLog", "from_date", "2026-01-03 00:00:00", "to_date", "2026-01-02 00:00:00")
	c.refused(496, "GetAuditLog", allTimeParams("timezone", "Nowhere")...)
	c.refused(401, "GetAuditLog", allTimeParams("advanced_filters", " ")...)
	c.refused(101, "GetAuditLog", allTimeParams("count", "0")...)
	c.refused(101, "GetAuditLog", allTimeParams("audit_log_id", "x")...)
	c.refused(105, "GetAuditLog", allTimeParams("output", "csv")...)
	callerWithRoles(t, s, "Admin").refused(104, "GetAuditLog", allTimeParams()...)
}
