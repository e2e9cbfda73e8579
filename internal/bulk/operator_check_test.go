package bulk_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// signIns are the sign-ins of operators, as a test sets them.
type signIns struct {
	mu        sync.Mutex
	operators map[string]operator.Operator
	frozen    bool                    // the groups stay as old as they are
	onCurrent func(operator.Operator) // called before an operator is returned
	gone      bool                    // no session is left
	err       error
}

func (s *signIns) Current(_ context.Context, id string) (operator.Operator, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, found := s.operators[id]
	if !s.frozen {
		o.GroupsAt = time.Now()
		if found {
			s.operators[id] = o
		}
	}
	if s.onCurrent != nil {
		s.onCurrent(o)
	}
	return o, found && !s.gone, s.err
}

func (s *signIns) HasSession(context.Context, string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.gone, s.err
}

func (s *signIns) change(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// set sets the sign-in of an operator.
func (s *signIns) set(o operator.Operator) { s.change(func() { s.operators[o.ID()] = o }) }

// signedIn returns the sign-ins of one operator, which the provider confirms.
func signedIn(o operator.Operator) *signIns {
	return &signIns{operators: map[string]operator.Operator{o.ID(): o}}
}

// oidcEditor is an editor of an OpenID Connect provider, which is asked again for the groups.
func oidcEditor() operator.Operator {
	o := editor()
	o.Method, o.GroupsAt = operator.OIDC, time.Now()
	return o
}

// slowItems makes each item take three seconds, of which its call takes most.
func (d fixture) slowItems() {
	d.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Count: -1, Kind: voxsim.SlowDrip, Delay: 3 * time.Second})
}

// startFor drafts and starts a change of the roles of all agents for an operator.
func (d fixture) startFor(o operator.Operator) bulk.Change {
	d.t.Helper()
	change := must[bulk.Change](d.t)(
		d.Bulk.PlanRoles(d.t.Context(), d.request(o), allAgents(), d.roleIDs("Accountant"), nil),
	)
	return d.start(change).Change
}

// note writes an event, as another part of the console does.
func (d fixture) note(n audit.Notice) {
	d.t.Helper()
	if err := d.AuditLog.Note(d.t.Context(), n); err != nil {
		d.t.Fatal(err)
	}
}

// actorOf returns an operator in a session as the audit log has it.
func actorOf(o operator.Operator, sessionID string) audit.Actor {
	return operations.Request{Operator: o, SessionID: sessionID}.Actor()
}

// middleCase is what happens while the sixth of 14 items is sent.
type middleCase struct {
	name   string
	act    func(d fixture, in *signIns)
	reason string // "" when the bulk change continues to its end
}

// d.request starts every bulk change in "a session".
func middleCases() []middleCase {
	o := oidcEditor
	endedBy := func(by operator.Operator, from string, session string) func(fixture, *signIns) {
		return func(d fixture, _ *signIns) {
			d.note(audit.SessionsEnded{
				Actor: actorOf(by, from), SessionOwner: o().ID(), Session: session, Count: 1,
			})
		}
	}
	return []middleCase{
		{"an admin ends all sessions", endedBy(admin(), "x", ""), "admin ended the sessions of editor."},
		{"an admin ends the session", endedBy(admin(), "x", "a session"), "admin ended the sessions of editor."},
		{"an admin ends another session", endedBy(admin(), "x", "y"), "admin ended the sessions of editor."},
		{
			"the operator ends all others from another device", endedBy(o(), "y", ""),
			"editor ended the session that started this, from another session.",
		},
		{
			"the operator ends it from another device", endedBy(o(), "y", "a session"),
			"editor ended the session that started this, from another session.",
		},
		{"the operator ends all others from there", endedBy(o(), "a session", ""), ""},
		{"the operator ends a third session", endedBy(o(), "y", "z"), ""},
		{
			"an admin ends the sessions of another operator",
			func(d fixture, _ *signIns) {
				d.note(audit.SessionsEnded{Actor: actorOf(admin(), "x"), SessionOwner: "test|other", Count: 2})
			},
			"",
		},
		{
			"the provider refuses the renewal",
			func(d fixture, in *signIns) {
				in.change(func() {
					in.onCurrent = func(operator.Operator) {
						if !in.gone {
							d.note(audit.RenewalRefused{Actor: actorOf(o(), "a session")})
						}
						in.gone = true
					}
				})
			},
			"Your company's sign-in refused to renew the sign-in of editor.",
		},
		{
			"the provider refuses a renewal in the browser, on another replica",
			func(d fixture, in *signIns) {
				in.change(func() { in.gone = true })
				d.note(audit.RenewalRefused{Actor: actorOf(o(), "a session")})
			},
			"Your company's sign-in refused to renew the sign-in of editor.",
		},
		{
			"the operator is removed from the group",
			func(_ fixture, in *signIns) {
				demoted := o()
				demoted.Groups = []string{string(policy.Viewer)}
				in.set(demoted)
			},
			"editor no longer has the permission for this bulk change.",
		},
		{
			"the operator signs out",
			func(d fixture, in *signIns) {
				in.change(func() { in.gone = true })
				d.note(audit.SignedOut{Actor: actorOf(o(), "a session")})
			},
			"",
		},
		{"the provider cannot be reached", func(_ fixture, in *signIns) { in.change(func() { in.frozen = true }) }, ""},
	}
}

// TestOperatorEndsInTheMiddle starts a change of 14 subusers, and ends the operator's rights while the sixth is sent,
// on the replica that works or on another one. That item is finished, and no other is sent.
func TestOperatorEndsInTheMiddle(t *testing.T) {
	for _, test := range middleCases() {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, apptest.Options{Company: agents(14)}, func(t *testing.T, d fixture) {
				in := signedIn(oidcEditor())
				d.Bulk.Operators = in
				d.slowItems()
				other, end := d.startReplica()
				defer end()
				other.Bulk.Operators = in
				defer startLoops(d.Bulk.Run, other.Bulk.Run)()
				// Ended before the start: the operator has signed in again since.
				d.note(audit.SessionsEnded{Actor: actorOf(admin(), "x"), SessionOwner: oidcEditor().ID(), Count: 1})
				change := d.startFor(oidcEditor())
				d.waitUntil(change.ID, func(c bulk.Change) bool { return c.Counts.Applied == 5 && c.Counts.InProgress == 1 })
				test.act(other, in)
				ended := d.waitUntilEnded(change.ID)
				if test.reason == "" {
					wantSummary(t, ended, "done, 14 applied")
					return
				}
				wantSummary(t, ended, "stopped, 8 waiting, 6 applied")
				if want := test.reason + " Retry drafts the remaining items again."; ended.StopReason != want {
					t.Errorf("the reason is %q, want %q", ended.StopReason, want)
				}
				time.Sleep(time.Hour)
				if got := d.writeCount(); got != 6 || len(d.Sim.Ledger()) != 6 {
					t.Errorf("%d requests, %d changes at the vendor", got, len(d.Sim.Ledger()))
				}
				d.checkAgreement()
				d.Sim.ClearFaults()
				again := must[bulk.Change](t)(d.Bulk.Retry(t.Context(), d.request(admin()), change.ID))
				wantSummary(t, again, "draft, 8 waiting")
			})
		})
	}
}

// TestOperatorEndsWhileDown ends the operator's rights while no server runs.
func TestOperatorEndsWhileDown(t *testing.T) {
	for _, test := range middleCases() {
		if test.reason == "" {
			continue
		}
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, apptest.Options{Company: agents(14)}, func(t *testing.T, d fixture) {
				in := signedIn(oidcEditor())
				d.Bulk.Operators = in
				d.slowItems()
				end := d.startWorkers()
				change := d.startFor(oidcEditor())
				d.waitUntil(change.ID, func(c bulk.Change) bool { return c.Counts.Applied == 5 && c.Counts.InProgress == 1 })
				end()
				sent := d.writeCount()
				test.act(d, in)
				d.Restart()
				d.Bulk.Operators = in
				defer d.startWorkers()()
				ended := d.waitUntilEnded(change.ID)
				if !strings.HasPrefix(ended.StopReason, test.reason) || d.writeCount() != sent || sent > 6 {
					t.Errorf("%s: %q, %d requests after %d", summary(ended), ended.StopReason, d.writeCount(), sent)
				}
				d.checkAgreement()
			})
		})
	}
}

// TestUnconfirmedGroupsLimit lets 14 items begin shortly before a bulk change is an hour old, so that the hour ends in
// the middle.
func TestUnconfirmedGroupsLimit(t *testing.T) {
	const unconfirmed = "The groups of editor could not be checked again for an hour."
	for _, test := range []struct {
		name string
		act  func(in *signIns) // in the first minute
		stop bool
	}{
		{"no session is left", func(in *signIns) { in.change(func() { in.gone = true }) }, true},
		{"the groups stay as old as at the start", func(in *signIns) { in.change(func() { in.frozen = true }) }, true},
		{
			"a proxy asserts them with requests only",
			func(in *signIns) {
				proxied := oidcEditor()
				proxied.Method = operator.ProxyHeader
				in.set(proxied)
			},
			true,
		},
		{"they are from the future", func(in *signIns) {
			wrong := oidcEditor()
			wrong.GroupsAt = wrong.GroupsAt.Add(24 * time.Hour)
			in.set(wrong)
			in.change(func() { in.frozen = true })
		}, true},
		{"the provider sends them again", func(*signIns) {}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, apptest.Options{Company: agents(14)}, func(t *testing.T, d fixture) {
				in := signedIn(oidcEditor())
				d.Bulk.Operators = in
				test.act(in)
				started := oidcEditor()
				if o, _, _ := in.Current(t.Context(), started.ID()); o.Method != "" {
					started.Method = o.Method
				}
				in.change(func() { in.gone = false })
				change := d.startFor(started)
				test.act(in)
				d.slowItems()
				time.Sleep(time.Hour - 15*time.Second)
				defer d.startWorkers()()
				ended := d.waitUntilEnded(change.ID)
				if !test.stop {
					wantSummary(t, ended, "done, 14 applied")
					return
				}
				if ended.State != bulk.Stopped || !strings.HasPrefix(ended.StopReason, unconfirmed) {
					t.Fatalf("%s: %q", summary(ended), ended.StopReason)
				}
				if sent := d.writeCount(); sent != ended.Counts.Applied || sent == 0 || sent == 14 {
					t.Errorf("%d requests: %s", sent, summary(ended))
				}
				for _, item := range d.items(change.ID, "") {
					if item.OperationID == "" {
						continue
					}
					op, err := d.AuditLog.Operation(t.Context(), item.OperationID)
					if err != nil || op.CreatedAt.Sub(change.StartedAt) >= time.Hour+time.Second {
						t.Errorf("item %d began at %v, %v", item.N, op.CreatedAt, err)
					}
				}
				d.checkAgreement()
			})
		})
	}
}

// TestOperatorEndsWhileItemWaitsForRetry ends the operator's rights while an item that the vendor's rate limit refused
// waits for its next attempt.
func TestOperatorEndsWhileItemWaitsForRetry(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		d.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Nth: 2, Kind: voxsim.Refuse, Code: 340})
		change := d.startFor(editor())
		d.waitUntil(change.ID, func(c bulk.Change) bool { return c.Counts.Refused == 1 })
		d.note(audit.SessionsEnded{Actor: actorOf(admin(), "x"), SessionOwner: editor().ID(), Count: 1})
		wantSummary(t, d.waitUntilEnded(change.ID), "stopped, 6 waiting, 1 applied, 1 refused")
		if d.writeCount() != 2 {
			t.Errorf("%d requests", d.writeCount())
		}
	})
}

// TestStartNeedsSession ends the session between the request for the start and the start.
func TestStartNeedsSession(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		in := &signIns{gone: true}
		d.Bulk.Operators = in
		change := d.draftRoles([]string{"Accountant"}, nil)
		form := bulk.StartForm{Reason: "because"}
		_, err := d.Bulk.Start(t.Context(), d.request(admin()), change.ID, form)
		if _, stale := errors.AsType[*policy.StaleSignIn](err); !stale {
			t.Errorf("started without a session: %v", err)
		}
		in.change(func() { in.gone, in.err = false, errors.New("the database is gone") })
		if _, err := d.Bulk.Start(t.Context(), d.request(admin()), change.ID, form); err == nil {
			t.Error("started although the session could not be read")
		}
		wantSummary(t, d.show(change.ID), "draft, 8 waiting")
	})
}

// TestUnreadableOperatorSendsNothing lets the sessions be unreadable for a while: nothing is sent without the check.
func TestUnreadableOperatorSendsNothing(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		in := signedIn(oidcEditor())
		d.Bulk.Operators = in
		change := d.startFor(oidcEditor())
		in.change(func() { in.err = errors.New("the database is gone") })
		defer d.startWorkers()()
		time.Sleep(5 * time.Minute)
		wantSummary(t, d.show(change.ID), "running, 8 waiting")
		in.change(func() { in.err = nil })
		wantSummary(t, d.waitUntilEnded(change.ID), "done, 8 applied")
	})
}
