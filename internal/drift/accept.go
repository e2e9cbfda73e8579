package drift

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
)

// ErrEnded is the error for a finding that does not exist, or not any more as its id describes it.
var ErrEnded = errors.New("no such finding")

// Accept makes a finding the expected state, and stores the operator and the reason with their events. It returns
// *operations.Invalid (field "reason"), ErrEnded when the finding does not exist as its id describes it, or
// *audit.Mismatch when the expected state was changed in the database.
func (s *Service) Accept(ctx context.Context, request operations.Request, id string) (Finding, error) {
	if problem := operations.ReasonProblem(request.Reason, true); problem != "" {
		return Finding{}, &operations.Invalid{Fields: map[string]string{"reason": problem}}
	}
	var f Finding
	err := s.AuditLog.Write(ctx, func(tx *audit.Tx) (err error) {
		if f, err = readFinding(ctx, tx, request.Account, id); err != nil {
			return err
		}
		last, err := s.proveState(ctx, tx, request.Account, f.Target.Kind)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(last.findings, func(other Finding) bool { return other.ID == id })
		if at < 0 {
			return ErrEnded
		}
		f = last.findings[at]
		next, err := last.next(checkResult{
			asOf:     last.asOf,
			expected: last.expectedWith(f),
			ended:    []Finding{f},
		})
		if err != nil {
			return err
		}
		now := s.Now().UTC()
		d := Decision{
			Finding: f,
			Outcome: Accepted,
			Actor:   request.Actor(),
			Reason:  strings.TrimSpace(request.Reason),
			At:      now,
		}
		if err := addAcceptedEvent(ctx, tx, d, request.RequestID); err != nil {
			return err
		}
		// The version grows, so a comparison in progress is repeated.
		return s.writeState(ctx, tx, last, next, []Decision{d}, true)
	})
	return f, s.reportMismatch(ctx, request.Account, f.Target.Kind, err)
}

func addAcceptedEvent(ctx context.Context, tx *audit.Tx, d Decision, requestID string) error {
	f := d.Finding
	_, err := tx.Add(ctx, audit.DriftSubject(f.Account, string(f.Target.Kind)), audit.DriftAccepted{
		Actor:     d.Actor,
		Account:   f.Account,
		Kind:      f.Target.Kind,
		Target:    f.Target.ID,
		Name:      f.Name,
		Change:    string(f.Type),
		Role:      f.Role.Name,
		Reason:    d.Reason,
		RequestID: requestID,
	}, d.At)
	return err
}

// expectedWith returns the expected principals with what a finding describes.
func (st state) expectedWith(f Finding) map[access.Ref]principal {
	expected := maps.Clone(st.expected)
	p, known := expected[f.Target]
	switch {
	case f.Type == Appeared:
		expected[f.Target] = f.principal
		return expected
	case f.Type == Gone:
		delete(expected, f.Target)
		return expected
	case !known:
		return expected
	}
	switch f.Type {
	case Granted:
		p.setRole(roleAssignment{ID: f.Role.ID, Name: f.Role.Name, Direct: true, ReportedDirect: f.AlsoInherited}, true)
	case Revoked:
		p.setRole(roleAssignment{ID: f.Role.ID, Name: f.Role.Name}, f.AlsoInherited)
	case Renamed:
		p.Name = f.NewValue
	case DescriptionChanged:
		p.Description = f.NewValue
	}
	expected[f.Target] = p
	return expected
}
