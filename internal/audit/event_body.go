package audit

import (
	"encoding/json"

	"github.com/voxwarden/voxwarden/internal/access"
)

// Change the JSON of an event may hold, by kind. These structs are the list of what is allowed: nothing gets into the
// record that has no field here. docs/record.md publishes them.

// intentBody is all that the row of an operation says of the act, so that the chain covers it.
type intentBody struct {
	Account   int64           `json:"account"`
	Action    Action          `json:"action"`
	Target    targetBody      `json:"target"`
	Actor     Actor           `json:"actor"`
	Reason    string          `json:"reason,omitempty"`
	RequestID string          `json:"request_id,omitempty"`
	Tag       string          `json:"mark,omitempty"`
	Intent    json.RawMessage `json:"intent"` // by action; names the run that the act is a part of
	Affected  []refBody       `json:"affected,omitempty"`
	Roles     []RoleChange    `json:"roles,omitempty"`
	Program   string          `json:"program,omitempty"`
}

// refBody identifies a principal.
type refBody struct {
	Kind access.Kind `json:"kind"`
	ID   string      `json:"id"`
}

// targetBody is a target as it was called then.
type targetBody struct {
	Kind     access.Kind `json:"kind"`
	ID       string      `json:"id,omitempty"`
	Name     string      `json:"name"`
	FormerID string      `json:"former_id,omitempty"`
}

// eventBody is of what follows an intent.
type eventBody struct {
	Source string          `json:"by,omitempty"`
	Note   string          `json:"note,omitempty"`
	Calls  []Call          `json:"calls,omitempty"`
	Facts  json.RawMessage `json:"facts,omitempty"`
	Target *targetBody     `json:"target,omitempty"` // when it changed: a create learnt its id
	Open   bool            `json:"open,omitempty"`   // the operation is not settled yet
}

func bodyOfTarget(t Target) targetBody {
	return targetBody{Kind: t.Kind, ID: t.ID, Name: t.Name, FormerID: t.FormerID}
}

// bodyOfEvent is without a target.
func bodyOfEvent(e Event, open bool) eventBody {
	return eventBody{Source: e.Source, Note: e.Note, Calls: e.Calls, Facts: e.Facts, Open: open}
}

func bodyOfIntent(op Operation, program string) intentBody {
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
		Program:   program,
	}
	for _, ref := range op.Affected {
		body.Affected = append(body.Affected, refBody(ref))
	}
	return body
}
