package handlers

import (
	"context"
	"strings"
	"sync"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// fakeBulk has one bulk change and records its calls.
type fakeBulk struct {
	change   bulk.Change
	text     string // of the items; "" for their own
	filter   bulk.ItemFilter
	undone   bulk.Undone
	err      error
	targets  []bulk.Targets
	grant    []int64
	files    []string
	readings []bulk.ImportFile // with files
	started  []bulk.StartForm
	commands []string // stop and retry
	mu       sync.Mutex
}

// mutations returns the number of calls that change something.
func (f *fakeBulk) mutations() int {
	return len(f.targets) + len(f.files) + len(f.started) + len(f.commands)
}

func newFakeBulk() *fakeBulk {
	return &fakeBulk{change: bulk.Change{
		ID:      strings.Repeat("r", 26),
		Account: accountID,

		PrincipalKind: access.Subuser,
		Operator:      testOperator("editor"),
		Kind:          bulk.Roles,
		State:         bulk.Draft,
		CreatedAt:     noon,
		Counts:        bulk.Counts{Total: 2, Waiting: 1, Skipped: 1},
	}}
}

func (f *fakeBulk) PlanRoles(
	_ context.Context,
	_ operations.Request,
	t bulk.Targets,
	grant, _ []int64,
) (bulk.Change, error) {
	f.targets, f.grant = append(f.targets, t), grant
	return f.change, f.err
}

func (f *fakeBulk) PlanDelete(_ context.Context, _ operations.Request, t bulk.Targets) (bulk.Change, error) {
	f.targets = append(f.targets, t)
	return f.change, f.err
}

func (f *fakeBulk) PlanImport(_ context.Context, _ operations.Request, file bulk.ImportFile) (bulk.Change, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.files, f.readings = append(f.files, string(file.Content)), append(f.readings, file)
	return f.change, f.err
}

func (f *fakeBulk) List(context.Context, operator.Operator, int64) ([]bulk.Change, error) {
	return []bulk.Change{f.change}, nil
}

func (f *fakeBulk) Show(context.Context, operator.Operator, string) (bulk.Change, error) {
	return f.change, nil
}

func (f *fakeBulk) Items(
	_ context.Context,
	_ operator.Operator,
	_ string,
	filter bulk.ItemFilter,
) (bulk.ItemPage, error) {
	f.filter = filter
	items := []bulk.Item{
		{
			N:      1,
			Action: audit.ChangeSubuserRoles,
			Target: access.SubuserRef(7),
			Name:   "anna_novakova",
			State:  bulk.Waiting,
			Before: []operations.RoleRef{{ID: 3, Name: "Support"}},
			Grant:  []operations.RoleRef{{ID: 1, Name: "Owner"}},
		},
		{N: 2, Target: access.SubuserRef(8), Name: "boss", State: bulk.Skipped, Problem: "Has a privileged role."},
		{
			N:           3,
			Target:      access.SubuserRef(9),
			Name:        "carl",
			State:       bulk.Finished,
			Result:      audit.Refused,
			OperationID: strings.Repeat("a", 26),
			Message:     "The vendor said no.",
		},
		{
			N:           4,
			Action:      audit.ChangeSubuserRoles,
			Target:      access.SubuserRef(10),
			Name:        "dora",
			State:       bulk.Finished,
			Result:      audit.Applied,
			OperationID: strings.Repeat("d", 26),
			Revoke:      []operations.RoleRef{{ID: 3, Name: "Support"}},
		},
	}
	for i := range items {
		if f.text != "" {
			items[i].Name, items[i].Description, items[i].Message = f.text, f.text, f.text
			items[i].Grant = []operations.RoleRef{{ID: 1, Name: f.text}}
		}
	}
	return bulk.ItemPage{Page: 1, Pages: 1, Matches: len(items), Items: items}, nil
}

func (f *fakeBulk) Start(_ context.Context, _ operations.Request, _ string, form bulk.StartForm) (bulk.Started, error) {
	f.started = append(f.started, form)
	started := bulk.Started{Change: f.change}
	if f.change.Kind == bulk.Create {
		started.Passwords = []bulk.LoginPassword{{Login: "new_one", Password: config.NewSecret("Planted-Passw0rd")}}
	}
	return started, f.err
}

func (f *fakeBulk) Stop(context.Context, operator.Operator, string) (bulk.Change, error) {
	f.commands = append(f.commands, "stop")
	return f.change, f.err
}

func (f *fakeBulk) Undo(context.Context, operations.Request, string) (bulk.Change, error) {
	f.commands = append(f.commands, "undo")
	return f.change, f.err
}

func (f *fakeBulk) Undone(context.Context, operator.Operator, string) (bulk.Undone, error) {
	return f.undone, nil
}

func (f *fakeBulk) Retry(context.Context, operations.Request, string) (bulk.Change, error) {
	f.commands = append(f.commands, "retry")
	return f.change, f.err
}
