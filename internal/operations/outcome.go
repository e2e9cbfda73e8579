package operations

import (
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// Outcome is what is known when an act has run its course.
type Outcome struct {
	Operation audit.Operation
	Result    audit.Result
	Confirmed bool
	// bySource an act on a subuser, what holds now, else what was read before; for a create, ID is set when known
	Subuser            directory.Subuser
	Key                directory.Key      // likewise, of an act on a key
	ReadBack           bool               // Subuser or Key was read from the vendor after the act, or was found to be gone
	Gone               bool               // the target does not exist: seen by reading
	Unreadable         bool               // no reading can show what was done: a password
	UnrequestedChanges UnrequestedChanges // what changed beside what was asked for, as read back
	RemainingKeys      []directory.Key    // keys of a subuser who is gone that are still there, or could not be read
	Password           config.Secret      // generated for an act that was applied or may have been; empty otherwise
	// of a key that was created: the file credentials.json, in the clear; empty otherwise
	Credentials config.Secret
	Call        audit.Call // the call that decided: the refused, unsent or unanswered one
	Advice      string     // ours, when Call was not applied
	// the outcome could not be written to the record; the intent is there and will be settled by reading
	Unsaved bool
}

// applyEvaluation notes what a look found.
func (o *Outcome) applyEvaluation(eval evaluation) {
	o.ReadBack, o.Gone = eval.found(), eval.confirmed && !eval.found()
	if eval.principal.subuser != nil {
		o.Subuser = *eval.principal.subuser
	}
	if eval.principal.key != nil {
		o.Key = *eval.principal.key
	}
	o.ReadBack = o.ReadBack || o.Gone
}

// setTargetID notes the id that the target is known to have, or that none is.
func (o *Outcome) setTargetID(t audit.Target) {
	if t.Kind == access.Key {
		o.Key.ID = t.ID
		return
	}
	o.Subuser.ID = parseID(t.ID)
}

// withPassword hands out a generated password, unless it is certain that nobody has it.
func (o Outcome) withPassword(password config.Secret, generated bool) Outcome {
	mayBeSet := o.Result == audit.Applied || o.Result == audit.Unknown && o.Call.Method != "DelSubUser"
	if generated && mayBeSet {
		o.Password = password
	}
	return o
}

// UnrequestedChanges are roles that changed beside what an act asked for, by name. The vendor may have had a reason
// that nobody published, or somebody else changed the same subuser in that moment.
type UnrequestedChanges struct {
	Lost   []string // held directly before, not revoked, and no longer held at all
	Gained []string // held directly now, neither held before nor granted
}

// Any says whether there are such roles.
func (u UnrequestedChanges) Any() bool { return len(u.Lost)+len(u.Gained) > 0 }

// Message says it in words, "" when there is nothing to say.
func (u UnrequestedChanges) Message() string {
	var parts []string
	if len(u.Lost) > 0 {
		parts = append(parts, "no longer held: "+join(u.Lost))
	}
	if len(u.Gained) > 0 {
		parts = append(parts, "now also held: "+join(u.Gained))
	}
	if len(parts) == 0 {
		return ""
	}
	return "Beside what was asked for, something else changed: " + strings.Join(parts, "; ") + "."
}
