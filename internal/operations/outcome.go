package operations

import (
	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
)

// Outcome is what is known when an operation has sent its calls.
type Outcome struct {
	Operation audit.Operation
	Result    audit.Result
	Confirmed bool
	// Principal is what was read back, otherwise what was read before the operation. Of a creation, its ID is "" while
	// the id is not known.
	Principal          access.Principal
	ReadBack           bool               // Principal was read after the operation, or found to be gone
	Gone               bool               // reading showed that the principal does not exist
	Unreadable         bool               // no reading can show what was done: a password
	Contradicted       bool               // the vendor reported success, and the reading does not show the change
	UnrequestedChanges UnrequestedChanges // as read back
	RemainingKeys      []access.Principal // keys of a deleted subuser that still exist, or could not be read
	Password           config.Secret      // generated, when the operation was applied or may have been
	Credentials        config.Secret      // of a created key: the contents of credentials.json
	Call               audit.Call         // the deciding call: the refused, unsent or unanswered one, otherwise the last
	Advice             string             // what to do, when Call was not applied
	Unsaved            bool               // the outcome could not be written to the audit log; reading will reconcile it
}

// applyEvaluation adds what reading back showed.
func (o *Outcome) applyEvaluation(eval evaluation) {
	o.Gone = eval.confirmed && !eval.found()
	o.ReadBack = eval.found() || o.Gone
	if eval.found() {
		o.Principal = eval.principal
	}
}

// withPassword adds a generated password, unless it is certain that the subuser does not have it.
func (o Outcome) withPassword(password config.Secret, generated bool) Outcome {
	sent := o.Call.Method != "DelSubUser" && o.Call.Result != audit.Refused && o.Call.Result != audit.NotSent
	mayBeSet := o.Result == audit.Applied || o.Result == audit.Unknown && sent
	if generated && mayBeSet {
		o.Password = password
	}
	return o
}
