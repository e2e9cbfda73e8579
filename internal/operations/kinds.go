package operations

import (
	"context"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// look is one look at the vendor for an operation: what is known of its calls, and whether the time for a late
// commit is over.
type look struct {
	op     audit.Operation
	intent Intent
	calls  []audit.Result
	late   bool
}

// kind is how the operations of one action are judged by reading.
type kind struct {
	calls  func(Intent) int // how many calls are planned
	weigh  func(*Service, context.Context, look) (verdict, error)
	marked bool // what it creates carries a mark, which is looked for in a whole listing when no id is known
}

// kindOf is the table of the acts; permissionOf below is its other column.
func kindOf(action audit.Action) kind {
	switch action {
	case audit.CreateSubuser:
		return kind{calls: one, weigh: (*Service).weighCreatedSubuser, marked: true}
	case audit.CreateKey:
		return kind{calls: one, weigh: (*Service).weighCreatedKey, marked: true}
	case audit.ReissueSubuser:
		return kind{calls: two, weigh: (*Service).weighReissued, marked: true}
	case audit.DeleteSubuser, audit.DeleteKey:
		return kind{calls: one, weigh: (*Service).weighDeleted}
	case audit.EditSubuser, audit.EditKey:
		return kind{calls: one, weigh: (*Service).weighTexts}
	case audit.ChangeSubuserPassword:
		return kind{calls: one, weigh: (*Service).weighPassword}
	default:
		return kind{calls: func(i Intent) int { return len(i.effects()) }, weigh: (*Service).weighRoles}
	}
}

func one(Intent) int { return 1 }
func two(Intent) int { return 2 }

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

// readable says whether a reading can show what an act does.
func readable(action audit.Action) bool { return action != audit.ChangeSubuserPassword }
