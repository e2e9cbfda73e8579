package operations

import (
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
)

// TestUndoneBy: only what took back everything undid an operation, and only until something of it is changed again.
func TestUndoneBy(t *testing.T) {
	t.Parallel()
	const (
		granted  = `{"before":[{"id":1}],"grant":[{"id":2},{"id":3}],"revoke":[{"id":1}]}`
		reversed = `{"before":[{"id":2},{"id":3}],"grant":[{"id":1}],"revoke":[{"id":2},{"id":3}]}`
		half     = `{"before":[{"id":2},{"id":3}],"grant":[],"revoke":[{"id":2}]}`
		rest     = `{"before":[{"id":3}],"grant":[{"id":1}],"revoke":[{"id":3}]}`
		again    = `{"before":[{"id":1}],"grant":[{"id":2}],"revoke":[]}`
		other    = `{"before":[{"id":1}],"grant":[{"id":9}],"revoke":[]}`
		edited   = `{"description":"new","was":{"description":"old"}}`
		restore  = `{"description":"old","was":{"description":"new"}}`
	)
	const roles, edit = audit.ChangeSubuserRoles, audit.EditSubuser
	const create, remove = audit.CreateSubuser, audit.DeleteSubuser
	type step struct {
		action audit.Action
		intent string
		result audit.Result
	}
	for name, test := range map[string]struct {
		op    step
		later []step
		want  int64 // the number of the operation that undid it, from 1; 0 for none
	}{
		"roles reversed": {
			step{roles, granted, audit.Applied},
			[]step{{roles, reversed, audit.Applied}}, 1,
		},
		"a part reversed": {
			step{roles, granted, audit.Applied},
			[]step{{roles, half, audit.Applied}}, 0,
		},
		"reversed in two parts": {
			step{roles, granted, audit.Applied},
			[]step{{roles, half, audit.Applied}, {roles, rest, audit.Applied}}, 2,
		},
		"reversed, then another": {
			step{roles, granted, audit.Applied},
			[]step{{roles, reversed, audit.Applied}, {roles, other, audit.Applied}}, 1,
		},
		"reversed, then again": {
			step{roles, granted, audit.Applied},
			[]step{{roles, reversed, audit.Applied}, {roles, again, audit.Applied}}, 0,
		},
		"perhaps again": {
			step{roles, granted, audit.Applied},
			[]step{{roles, reversed, audit.Applied}, {roles, again, audit.Unknown}}, 0,
		},
		"perhaps reversed": {
			step{roles, granted, audit.Applied},
			[]step{{roles, reversed, audit.Unknown}}, 0,
		},
		"by force": {
			step{audit.ForceSubuserRoles, granted, audit.Applied},
			[]step{{roles, reversed, audit.Applied}}, 1,
		},
		"a part of it applied": {
			step{roles, granted, audit.PartlyApplied},
			[]step{{roles, rest, audit.Applied}}, 1,
		},
		"refused": {
			step{roles, granted, audit.Refused},
			[]step{{roles, reversed, audit.Applied}}, 0,
		},
		"reversed, then deleted": {
			step{roles, granted, audit.Applied},
			[]step{{roles, reversed, audit.Applied}, {remove, `{}`, audit.Applied}}, 0,
		},
		"text restored": {
			step{edit, edited, audit.Applied},
			[]step{{edit, restore, audit.Applied}}, 1,
		},
		"text restored and set": {
			step{edit, edited, audit.Applied},
			[]step{{edit, restore, audit.Applied}, {edit, edited, audit.Applied}}, 0,
		},
		"text and roles": {
			step{edit, edited, audit.Applied},
			[]step{{edit, restore, audit.Applied}, {roles, again, audit.Applied}}, 1,
		},
		"created and deleted": {
			step{create, `{}`, audit.Applied},
			[]step{{roles, again, audit.Applied}, {remove, `{}`, audit.Applied}}, 2,
		},
		"created, perhaps gone": {
			step{create, `{}`, audit.Applied},
			[]step{{remove, `{}`, audit.Unknown}}, 0,
		},
		"deleted and created": {
			step{remove, `{}`, audit.Applied},
			[]step{{create, `{}`, audit.Applied}}, 1,
		},
		"deleted twice": {
			step{remove, `{}`, audit.Applied},
			[]step{{create, `{}`, audit.Applied}, {remove, `{}`, audit.Applied}}, 0,
		},
		"deleted, and perhaps deleted again": {
			step{remove, `{}`, audit.Applied},
			[]step{{create, `{}`, audit.Applied}, {remove, `{}`, audit.Unknown}}, 0,
		},
		"deleted, and a key of the same name": {
			step{remove, `{}`, audit.Applied},
			[]step{{audit.CreateKey, `{}`, audit.Applied}}, 0,
		},
		"deleted, and created with fewer roles": {
			step{remove, `{"before":[{"id":1},{"id":2}]}`, audit.Applied},
			[]step{{create, `{"before":[],"grant":[{"id":1}]}`, audit.Applied}}, 0,
		},
		"deleted, and created with its roles": {
			step{remove, `{"before":[{"id":1},{"id":2}]}`, audit.Applied},
			[]step{{create, `{"before":[],"grant":[{"id":2},{"id":1}]}`, audit.Applied}}, 1,
		},
		"created and re-issued": {
			step{create, `{}`, audit.Applied},
			[]step{{audit.ReissueSubuser, `{"before":[{"id":1}],"grant":[{"id":1}]}`, audit.Applied}}, 0,
		},
		"by force, with the keys": {
			step{audit.ForceSubuserRoles, `{"before":[{"id":1}],"revoke":[{"id":1}],"keys":[{"id":"k"}]}`, audit.Applied},
			[]step{{roles, `{"before":[],"grant":[{"id":1}]}`, audit.Applied}}, 0,
		},
		"a key of the same name": {
			step{audit.DeleteKey, `{}`, audit.Applied},
			[]step{{audit.CreateKey, `{}`, audit.Applied}}, 0,
		},
		"a password has no undo": {
			step{audit.ChangeSubuserPassword, `{}`, audit.Applied},
			[]step{{remove, `{}`, audit.Applied}}, 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asOperation := func(s step, seq int64) audit.Operation {
				return audit.Operation{Action: s.action, Intent: []byte(s.intent), Result: s.result, LastSeq: seq}
			}
			const begin = 10
			// An operation from before, which would undo it.
			later := []audit.Operation{asOperation(test.later[0], begin-1)}
			for i, s := range test.later {
				later = append(later, asOperation(s, begin+1+int64(i)))
			}
			by, found := UndoneBy(asOperation(test.op, begin), later)
			if found != (test.want > 0) || found && by.LastSeq != begin+test.want {
				t.Errorf("undone: %v, by operation %d", found, by.LastSeq-begin)
			}
		})
	}
}

// TestUndoneByOtherTarget: an operation on the subuser that a key belongs to did not undo a change of the key, even
// when its own roles are as those of the key were.
func TestUndoneByOtherTarget(t *testing.T) {
	t.Parallel()
	key, owner := access.KeyRef("k"), access.SubuserRef(7)
	const revoked, granted = `{"before":[{"id":1}],"revoke":[{"id":1}]}`, `{"before":[],"grant":[{"id":1}]}`
	for name, test := range map[string]struct {
		op, later audit.Action
		restored  bool // by an operation on the key before that
	}{
		"roles of the owner":           {audit.ChangeKeyRoles, audit.ForceSubuserRoles, false},
		"roles of the owner, later":    {audit.ChangeKeyRoles, audit.ForceSubuserRoles, true},
		"deletion of the owner":        {audit.CreateKey, audit.DeleteSubuser, false},
		"deletion of the owner, later": {audit.ChangeKeyRoles, audit.DeleteSubuser, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			on := func(target access.Ref, action audit.Action, intent string, seq int64) audit.Operation {
				return audit.Operation{
					Action:  action,
					Target:  audit.Target{Ref: target},
					Intent:  []byte(intent),
					Result:  audit.Applied,
					LastSeq: seq,
				}
			}
			later := []audit.Operation{on(owner, test.later, granted, 3)}
			if test.restored {
				later = append([]audit.Operation{on(key, test.op, granted, 2)}, later...)
			}
			if by, found := UndoneBy(on(key, test.op, revoked, 1), later); found {
				t.Errorf("undone by %s of %s", by.Action, by.Target.ID)
			}
		})
	}
}
