package voxapi

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func auditRange() AuditQuery {
	return AuditQuery{From: time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC), To: time.Date(2026, 7, 2, 12, 0, 0, 0, time.UTC)}
}

func TestAuditLogDecodesEveryShape(t *testing.T) {
	t.Parallel()
	tests := map[string][]AuditEntry{
		"GetAuditLog.published.json": {
			{ID: 58, At: time.Date(2018, 2, 4, 19, 35, 13, 0, time.UTC), IP: "192.168.0.12", Command: "AddSkill"},
			{ID: 159, At: time.Date(2018, 2, 5, 19, 36, 19, 0, time.UTC), IP: "192.168.0.12", Command: "BindSkill"},
		},
		"GetAuditLog.mixed.json": {
			{
				ID:      1,
				At:      time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC),
				IP:      "203.0.113.7",
				Command: "AddSubUser",
				Arguments: map[string]string{
					"new_subuser_name": "newcomer",
					"role_id":          "3;7",
				}, Result: map[string]string{"subuser_id": "109"},
			},
			{
				ID:          2,
				Command:     "RemoveSubUserRoles",
				SubuserID:   12,
				SubuserName: "anna",
				Arguments:   map[string]string{"subuser_id": "109", "force": "true", "role_id": "3;7"},
			},
			{
				ID:      3,
				At:      time.Date(2026, 7, 1, 12, 0, 1, 0, time.UTC),
				Command: "CreateKey",
				Result:  map[string]string{"key_id": "k-1"},
			},
			{ID: 4, At: time.Date(2026, 7, 1, 12, 0, 2, 0, time.UTC), Command: "UpdateKey"},
		},
		"GetAuditLog.unknown-zone.json": {{ID: 1, Command: "DeleteKey"}},
	}
	for file, want := range tests {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			got, err := newTestClient(t, cannedVendor(t, file)).Reader().AuditLog(
				context.Background(),
				testAccount,
				auditRange(),
			)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("decoded (-want +got):\n%s", diff)
			}
			if text := fmt.Sprintf("%+v", got); strings.Contains(text, "hunter2") || strings.Contains(text, "1234") {
				t.Errorf("a secret left the package: %s", text)
			}
		})
	}
}

func TestAuditLogRequiresOrderedDates(t *testing.T) {
	t.Parallel()
	q := auditRange()
	for name, wrong := range map[string]AuditQuery{
		"none": {}, "no end": {From: q.From}, "no beginning": {To: q.To}, "the wrong way round": {From: q.To, To: q.From},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := alwaysRespond(`{"result":[]}`)
			_, err := newTestClient(t, v).Reader().AuditLog(context.Background(), testAccount, wrong)
			wantError(t, err, NotSent, 0)
			if len(v.received()) != 0 {
				t.Error("the request was sent")
			}
		})
	}
}

func TestAuditEntryWithoutIDIsAnError(t *testing.T) {
	t.Parallel()
	_, err := newTestClient(
		t,
		alwaysRespond(`{"result":[{"cmd_name":"AddSubUser"}]}`),
	).Reader().
		AuditLog(context.Background(), testAccount, auditRange())
	wantError(t, err, Unavailable, 0)
}
