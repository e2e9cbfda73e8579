package operations

import (
	"errors"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/policy"
)

func TestEveryActionHasADescriptor(t *testing.T) {
	t.Parallel()
	for _, action := range audit.Actions() {
		d, err := DescriptorOf(action)
		if err != nil {
			t.Fatal(err)
		}
		if d.Action != action || d.plannedCalls == nil || d.evaluate == nil || strings.TrimSpace(d.Label) == "" {
			t.Errorf("%s: the descriptor is incomplete: %+v", action, d)
		}
		if byVerb, err := DescriptorFor(d.Kind, d.Verb); err != nil || byVerb.Action != action {
			t.Errorf("%s is not found as %q of a %s: %v", action, d.Verb, d.Kind, err)
		}
		if !isPermission(d.Permission) {
			t.Errorf("%s needs the permission %q, which does not exist", action, d.Permission)
		}
		if !d.Creates && !d.Deletes && !d.ChangesRoles && !d.SetsDescription && !d.SetsName && !d.Unreadable {
			t.Errorf("%s changes nothing that a reading could show, and is not marked as unreadable", action)
		}
		if d.Undo == "" {
			continue
		}
		undo, err := DescriptorOf(d.Undo)
		if err != nil || undo.Kind != d.Kind || undo.Creates != d.Deletes || undo.Deletes != d.Creates {
			t.Errorf("%s is not undone by %s: %v", action, d.Undo, err)
		}
	}
}

func isPermission(permission policy.Permission) bool {
	for _, info := range policy.Permissions() {
		if info.Permission == permission {
			return true
		}
	}
	return false
}

func TestUnknownActionIsAnError(t *testing.T) {
	t.Parallel()
	for _, action := range []audit.Action{"", "key.force", "subuser.rename"} {
		if _, err := DescriptorOf(action); !errors.Is(err, ErrUnknownAction) {
			t.Errorf("%q: %v", action, err)
		}
	}
	if _, err := DescriptorFor("key", VerbForce); !errors.Is(err, ErrUnknownAction) {
		t.Errorf("force on a key: %v", err)
	}
	op := audit.Operation{Action: "subuser.rename", Intent: []byte(`{}`)}
	if _, err := (&Service{}).evaluate(t.Context(), op, nil, true); !errors.Is(err, ErrUnknownAction) {
		t.Errorf("evaluating an unknown action: %v", err)
	}
}
