package handlers

import (
	"context"
	"strings"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// fakeRuns has one run, and remembers what it was asked to do.
type fakeRuns struct {
	run     bulk.Change
	err     error
	planned []bulk.Targets
	grant   []int64
	files   []string
	started []bulk.StartForm
	done    []string // stop and retry
}

// asked is how much was asked of it.
func (f *fakeRuns) asked() int { return len(f.planned) + len(f.files) + len(f.started) + len(f.done) }

func newFakeRuns() *fakeRuns {
	return &fakeRuns{run: bulk.Change{
		ID: strings.Repeat(
			"r",
			26,
		), Account: accountID, Operator: person("editor"), Kind: bulk.Roles, State: bulk.Draft, CreatedAt: noon,
		Counts: bulk.Counts{Total: 2, Waiting: 1, Skipped: 1},
	}}
}

func (f *fakeRuns) PlanRoles(_ context.Context, _ operations.Act, t bulk.Targets, grant, _ []int64) (bulk.Change, error) {
	f.planned, f.grant = append(f.planned, t), grant
	return f.run, f.err
}

func (f *fakeRuns) PlanDelete(_ context.Context, _ operations.Act, t bulk.Targets) (bulk.Change, error) {
	f.planned = append(f.planned, t)
	return f.run, f.err
}

func (f *fakeRuns) PlanImport(_ context.Context, _ operations.Act, file []byte) (bulk.Change, error) {
	f.files = append(f.files, string(file))
	return f.run, f.err
}

func (f *fakeRuns) List(context.Context, operator.Operator, int64) ([]bulk.Change, error) {
	return []bulk.Change{f.run}, nil
}

func (f *fakeRuns) Show(context.Context, operator.Operator, string) (bulk.Change, error) {
	return f.run, nil
}

func (f *fakeRuns) Items(context.Context, operator.Operator, string, bulk.ItemFilter) (bulk.ItemPage, error) {
	return bulk.ItemPage{Page: 1, Pages: 1, Matches: 3, Items: []bulk.Item{
		{N: 1, TargetID: 7, Login: "anna_novakova", State: bulk.Waiting, Grant: []operations.RoleRef{{ID: 1, Name: "Owner"}}},
		{N: 2, TargetID: 8, Login: "boss", State: bulk.Skipped, Problem: "Holds a privileged role."},
		{
			N:           3,
			TargetID:    9,
			Login:       "carl",
			State:       bulk.Finished,
			Result:      audit.Refused,
			OperationID: strings.Repeat("a", 26),
			Message:     "The vendor said no.",
		},
	}}, nil
}

func (f *fakeRuns) Start(_ context.Context, _ operations.Act, _ string, form bulk.StartForm) (bulk.Started, error) {
	f.started = append(f.started, form)
	started := bulk.Started{Change: f.run}
	if f.run.Kind == bulk.Create {
		started.Passwords = []bulk.LoginPassword{{Login: "new_one", Password: config.NewSecret("Planted-Passw0rd")}}
	}
	return started, f.err
}

func (f *fakeRuns) Stop(context.Context, operator.Operator, string) (bulk.Change, error) {
	f.done = append(f.done, "stop")
	return f.run, f.err
}

func (f *fakeRuns) Retry(context.Context, operations.Act, string) (bulk.Change, error) {
	f.done = append(f.done, "retry")
	return f.run, f.err
}

func (f *fakeDirectory) SubusersByIDs(
	_ context.Context,
	_ int64,
	ids []int64,
) ([]directory.Subuser, directory.Status, error) {
	var rows []directory.Subuser
	for _, id := range ids {
		if s, ok := f.subusers[id]; ok {
			rows = append(rows, s)
		}
	}
	return rows, f.page.Status, f.err
}
