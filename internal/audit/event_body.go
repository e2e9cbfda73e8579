package audit

import (
	"encoding/json"

	"github.com/voxwarden/voxwarden/internal/access"
)

// The structs of this file and the Notice types list all fields of the events' JSON. docs/audit-log.md documents
// them.

// intentBody is the body of an intent event. It has everything that the row of the operation has, so that the chain
// covers the row.
type intentBody struct {
	Account   int64           `json:"account"`
	Action    Action          `json:"action"`
	Target    targetBody      `json:"target"`
	Actor     Actor           `json:"actor"`
	Reason    string          `json:"reason,omitempty"`
	RequestID string          `json:"request_id,omitempty"`
	Tag       string          `json:"mark,omitempty"`
	Intent    json.RawMessage `json:"intent"` // by action; its field "run" is the id of the bulk change
	Affected  []refBody       `json:"affected,omitempty"`
	Roles     []RoleChange    `json:"roles,omitempty"`
	BulkLater bool            `json:"bulk_later,omitempty"` // a part of a bulk change, not its first operation
	Locks     []string        `json:"locks,omitempty"`      // the names that the operation holds until it is closed
	Program   string          `json:"program,omitempty"`
	Process   string          `json:"process,omitempty"` // store.DB.ProcessID of the process that began it
}

// bulkIDOf returns the bulk change that an intent names, "" for none.
func bulkIDOf(intent json.RawMessage) string {
	var part struct {
		BulkID string `json:"run"`
	}
	if json.Unmarshal(intent, &part) != nil {
		return "" // an intent that is not an object
	}
	return part.BulkID
}

// refBody identifies a principal.
type refBody struct {
	Kind access.Kind `json:"kind"`
	ID   string      `json:"id"`
}

// targetBody is a Target as JSON.
type targetBody struct {
	Kind     access.Kind `json:"kind"`
	ID       string      `json:"id,omitempty"`
	Name     string      `json:"name"`
	FormerID string      `json:"former_id,omitempty"`
}

// eventBody is the body of the other events of an operation.
type eventBody struct {
	Source string          `json:"by,omitempty"`
	Note   string          `json:"note,omitempty"`
	Calls  []Call          `json:"calls,omitempty"`
	Facts  json.RawMessage `json:"facts,omitempty"`
	Target *targetBody     `json:"target,omitempty"` // only when it changed, as when a create learns the id
	Open   bool            `json:"open,omitempty"`   // the operation is still open

	Process string `json:"process,omitempty"` // of an intent, see intentBody
}

func bodyOfTarget(t Target) targetBody {
	return targetBody{Kind: t.Kind, ID: t.ID, Name: t.Name, FormerID: t.FormerID}
}

// bodyOfEvent returns the body of an event without a target.
func bodyOfEvent(e Event, open bool) eventBody {
	return eventBody{Source: e.Source, Note: e.Note, Calls: e.Calls, Facts: e.Facts, Open: open}
}

func bodyOfIntent(op Operation, locks []string, program, process string) intentBody {
	intent := op.Intent
	if len(intent) == 0 {
		intent = json.RawMessage("{}")
	}
	body := intentBody{
		Account:   op.Account,
		Action:    op.Action,
		Target:    bodyOfTarget(op.Target),
		Actor:     op.Actor,
		Reason:    op.Reason,
		RequestID: op.RequestID,
		Tag:       op.Tag,
		Intent:    intent,
		Roles:     op.Roles,
		BulkLater: op.BulkLater,
		Locks:     locks,
		Program:   program,
		Process:   process,
	}
	for _, ref := range op.Affected {
		body.Affected = append(body.Affected, refBody(ref))
	}
	return body
}
