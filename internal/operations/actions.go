package operations

import (
	"context"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// evaluationInput is one look at the vendor for an operation: what is known of its calls, and whether the time for a
// late commit is over.
type evaluationInput struct {
	op             audit.Operation
	intent         Intent
	calls          []audit.Result
	deadlinePassed bool
}

// descriptor is how the operations of one action are judged by reading.
type descriptor struct {
	plannedCalls func(Intent) int // how many calls are planned
	evaluate     func(*Service, context.Context, evaluationInput) (evaluation, error)
	tagged       bool // what it creates carries a mark, which is looked for in a whole listing when no id is known
}

// descriptorOf is the table of the acts; permissionOf below is its other column.
func descriptorOf(action audit.Action) descriptor {
	switch action {
	case audit.CreateSubuser:
		return descriptor{plannedCalls: oneCall, evaluate: (*Service).evaluateCreatedSubuser, tagged: true}
	case audit.CreateKey:
		return descriptor{plannedCalls: oneCall, evaluate: (*Service).evaluateCreatedKey, tagged: true}
	case audit.ReissueSubuser:
		return descriptor{plannedCalls: twoCalls, evaluate: (*Service).evaluateReissue, tagged: true}
	case audit.DeleteSubuser, audit.DeleteKey:
		return descriptor{plannedCalls: oneCall, evaluate: (*Service).evaluateDeletion}
	case audit.EditSubuser, audit.EditKey:
		return descriptor{plannedCalls: oneCall, evaluate: (*Service).evaluateTexts}
	case audit.ChangeSubuserPassword:
		return descriptor{plannedCalls: oneCall, evaluate: (*Service).evaluatePassword}
	default:
		return descriptor{
			plannedCalls: func(i Intent) int { return len(i.effects()) },
			evaluate:     (*Service).evaluateRoleChange,
		}
	}
}

func oneCall(Intent) int  { return 1 }
func twoCalls(Intent) int { return 2 }

// permissionOf is what an action needs.
func permissionOf(action audit.Action) policy.Permission {
	switch action {
	case audit.CreateSubuser:
		return policy.SubusersCreate
	case audit.EditSubuser:
		return policy.SubusersEdit
	case audit.ChangeSubuserRoles:
		return policy.SubusersRoles
	case audit.ForceSubuserRoles:
		return policy.SubusersForce
	case audit.ChangeSubuserPassword:
		return policy.SubusersPassword
	case audit.ReissueSubuser:
		return policy.SubusersReissue
	case audit.DeleteSubuser:
		return policy.SubusersDelete
	case audit.CreateKey:
		return policy.KeysCreate
	case audit.EditKey:
		return policy.KeysEdit
	case audit.ChangeKeyRoles:
		return policy.KeysRoles
	case audit.DeleteKey:
		return policy.KeysDelete
	default:
		return policy.Privileged
	}
}

// canReadBack says whether a reading can show what an act does.
func canReadBack(action audit.Action) bool { return action != audit.ChangeSubuserPassword }
