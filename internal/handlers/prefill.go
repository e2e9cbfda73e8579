package handlers

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// operationReader answers an operation of the record, to those who may see it.
type operationReader interface {
	Show(ctx context.Context, o operator.Operator, id string) (audit.Operation, []audit.Event, error)
}

// sessionsStarted is the change that a form begins with. It is a change and not a list of ticks, so that what others
// did in the meantime is not undone.
type initialChange struct {
	grant, revoke []int64
	finish        bool // it is what an operation that was applied in part had asked for
	undo          bool // it is the reverse of what an operation did
}

// readInitialChange reads the change from the address: it names an operation to finish or to undo, or carries the
// ticks of a form that was lost. What an operation asked for is taken from the record alone, so that nobody can make
// a link that passes off a change of theirs as work left half done.
func (a *App) readInitialChange(
	r *http.Request,
	s operationReader,
	kind principalKind,
	id string,
) (initialChange, error) {
	q := r.URL.Query()
	finish, undo := q.Get("finish"), q.Get("undo")
	if finish == "" && undo == "" {
		return initialChange{grant: parseIDs(q["grant"]), revoke: parseIDs(q["revoke"])}, nil
	}
	op, _, err := s.Show(r.Context(), stateOf(r).operator, finish+undo)
	if err != nil {
		return initialChange{}, err
	}
	intent, err := operations.ReadIntent(op)
	switch {
	case err != nil:
		return initialChange{}, err
	case op.Account != a.Account || op.Target.ID != id || op.Open:
		return initialChange{}, nil
	case finish != "" && a.isUnfinishedRoleChange(op) && op.Action == kind.action:
		return initialChange{grant: roleRefIDs(intent.Grant), revoke: roleRefIDs(intent.Revoke), finish: true}, nil
	case undo != "" && descriptorOf(op).ChangesRoles && appliedOrPartly(op):
		return initialChange{grant: roleRefIDs(intent.Revoke), revoke: roleRefIDs(intent.Grant), undo: true}, nil
	default:
		return initialChange{}, nil
	}
}

// textsToRestore are the texts that an edit of this target replaced, when the address asks to undo it; nil when it does
// not, or names another operation.
func (a *App) textsToRestore(
	r *http.Request,
	s operationReader,
	action audit.Action,
	target string,
) (*operations.Texts, error) {
	id := r.URL.Query().Get("undo")
	if id == "" {
		return nil, nil
	}
	op, _, err := s.Show(r.Context(), stateOf(r).operator, id)
	if err != nil {
		return nil, err
	}
	intent, err := operations.ReadIntent(op)
	if err != nil || op.Account != a.Account || op.Action != action || op.Target.ID != target || !appliedOrPartly(op) {
		return nil, err
	}
	return intent.OldTexts, nil
}

// intentFromQuery is the intent of an operation that the address names, when it is one of these acts and happened:
// what a new form may begin with. nil when the address names none.
func (a *App) intentFromQuery(
	r *http.Request,
	s operationReader,
	param string,
	action audit.Action,
) (*operations.Intent, error) {
	id := r.URL.Query().Get(param)
	if id == "" {
		return nil, nil
	}
	op, _, err := s.Show(r.Context(), stateOf(r).operator, id)
	if err != nil {
		return nil, err
	}
	intent, err := operations.ReadIntent(op)
	if err != nil || op.Account != a.Account || op.Action != action || !appliedOrPartly(op) {
		return nil, err
	}
	return &intent, nil
}

// appliedOrPartly says whether an operation is over, and all of it or a part was done.
func appliedOrPartly(op audit.Operation) bool {
	return !op.Open && (op.Result == audit.Applied || op.Result == audit.PartlyApplied)
}

// isUnfinishedRoleChange says whether an operation is a change of roles of which a part is still to be done.
func (a *App) isUnfinishedRoleChange(op audit.Operation) bool {
	return op.Account == a.Account && descriptorOf(op).ChangesRoles && op.Result == audit.PartlyApplied && !op.Open
}

// tickedRoles are the roles to tick when these are held.
func (b initialChange) tickedRoles(assigned []int64) []int64 {
	return subtractIDs(slices.Concat(assigned, b.grant), b.revoke)
}

// banners say where ticks come from that nobody made on this page and no record vouches for.
func (b initialChange) banners() []ui.Banner {
	switch {
	case b.undo:
		return []ui.Banner{page.UndoBanner()}
	case b.finish || len(b.grant)+len(b.revoke) == 0:
		return nil
	default:
		return []ui.Banner{page.PrefilledFromURLBanner()}
	}
}

// parseIDs are the vendor's ids among texts of an address. What makes no sense is left out.
func parseIDs(texts []string) []int64 {
	var ids []int64
	for _, text := range texts {
		if id, ok := parseID(text); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

func roleRefIDs(refs []operations.RoleRef) []int64 {
	ids := make([]int64, 0, len(refs))
	for _, ref := range refs {
		ids = append(ids, ref.ID)
	}
	return ids
}

// roleFormPath is the address of the form for somebody's roles with a change to begin with.
func roleFormPath(principalPath string, grant, revoke []int64) string {
	return principalPath + "/roles" + changeQuery(grant, revoke)
}

// forcePath is the address of the page that offers a change by force.
func forcePath(subuser int64, grant, revoke []int64) string {
	return subuserPath(subuser) + "/force" + changeQuery(grant, revoke)
}

// changeQuery is a change as the end of an address.
func changeQuery(grant, revoke []int64) string {
	q := url.Values{}
	for _, role := range grant {
		q.Add("grant", strconv.FormatInt(role, 10))
	}
	for _, role := range revoke {
		q.Add("revoke", strconv.FormatInt(role, 10))
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}
