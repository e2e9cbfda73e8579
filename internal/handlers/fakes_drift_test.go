package handlers

import (
	"context"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/drift"
	"github.com/voxwarden/voxwarden/internal/operations"
)

// fakeDrift has one finding and records what was accepted.
type fakeDrift struct {
	err      error
	findings []drift.Finding // nil for the sample
	count    int
	byDay    map[time.Time]int
	compared map[access.Kind]time.Time
	accepted []string
	request  operations.Request
}

const findingID = "aaaaaaaaaaaaaaaaaaaaaaaaaa"

func sampleFinding() drift.Finding {
	return drift.Finding{
		ID:        findingID,
		Account:   accountID,
		Target:    access.SubuserRef(12),
		Type:      drift.Granted,
		FirstSeen: noon,
		Details: drift.Details{
			Name: "anna_novakova", Role: operations.RoleRef{ID: 1, Name: "Owner"}, LastUnchanged: noon.Add(-time.Hour),
			VendorHistory: []drift.VendorEvent{{ID: 1, At: noon, IP: "203.0.113.7", Command: "SetSubUserRoles"}},
		},
	}
}

func (f *fakeDrift) Findings(context.Context, int64) ([]drift.Finding, error) {
	if f.findings != nil {
		return f.findings, f.err
	}
	return []drift.Finding{sampleFinding()}, f.err
}

func (f *fakeDrift) Decisions(context.Context, int64, int) ([]drift.Decision, error) {
	return []drift.Decision{
		{Finding: sampleFinding(), Outcome: drift.Accepted, Actor: audit.Actor{Name: "Ada"}, Reason: "Agreed", At: noon},
	}, f.err
}

func (f *fakeDrift) Counts(context.Context, int64, time.Time) (drift.Counts, error) {
	return drift.Counts{Open: f.count, ByDay: f.byDay}, f.err
}

func (f *fakeDrift) Compared(context.Context, int64) (map[access.Kind]time.Time, error) {
	return f.compared, f.err
}

func (f *fakeDrift) Finding(_ context.Context, _ int64, id string) (drift.Finding, error) {
	if f.err == nil && id != findingID {
		return drift.Finding{}, drift.ErrEnded
	}
	return sampleFinding(), f.err
}

func (f *fakeDrift) Accept(_ context.Context, request operations.Request, id string) (drift.Finding, error) {
	if problem := operations.ReasonProblem(request.Reason, true); problem != "" {
		return drift.Finding{}, &operations.Invalid{Fields: map[string]string{"reason": problem}}
	}
	found, err := f.Finding(context.Background(), accountID, id)
	if err == nil {
		f.accepted, f.request = append(f.accepted, id), request
	}
	return found, err
}
