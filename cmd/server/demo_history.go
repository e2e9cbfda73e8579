package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// movedClock is the clock of a demo. It is moved while the history is written, and shows the time afterwards.
type movedClock struct{ ahead atomic.Int64 }

func (c *movedClock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func (c *movedClock) isMoved() bool { return c.ahead.Load() != 0 }

func (c *movedClock) stop() { c.ahead.Store(0) }

func (c *movedClock) moveTo(t time.Time) { c.ahead.Store(int64(time.Until(t))) }

// writeHistory writes three months of changes to the new database of a demo, with the services of a console that has
// the clock of the simulated account. The content depends on the time of the start only, but for random ids and
// passwords. It writes nothing to a database that has operations.
func writeHistory(ctx context.Context, cfg config.Config, up upstream, sim *voxsim.Sim, clock *movedClock) (err error) {
	cfg.VendorRPS = 100_000
	cfg.SnapshotMaxAge = 365 * 24 * time.Hour // the account is read where the history says so
	up.now = clock.now
	quiet := newLogs(cfg, io.Discard, io.Discard)
	defer quiet.close()
	c, err := assemble(ctx, cfg, up, quiet)
	if err != nil {
		return err
	}
	defer clock.stop()
	defer func() { err = errors.Join(err, c.close()) }()
	written, err := c.auditLog.Operations(ctx, audit.Filter{Limit: 1})
	if err != nil || len(written) > 0 {
		return err
	}
	h := &history{
		ctx:     ctx,
		console: c,
		sim:     sim,
		clock:   clock,
		account: up.credentials.account(),
		start:   time.Now().UTC(),
		roles:   map[string]int64{},
		staff:   newStaff(),
		bulk: bulk.New(bulk.Options{
			DB:         c.db,
			Operations: c.operations,
			Directory:  c.directory,
			Policy:     policy.New(mapping(cfg.Access), cfg.PrivilegedRoles),
			AuditLog:   c.auditLog,
			Operators:  historyOperators{},
			Now:        clock.now,
		}),
	}
	for _, role := range sim.State().Roles {
		h.roles[role.Name] = role.ID
	}
	h.write()
	return h.err
}

// historyOperators are the operators of bulk changes of the history: all have a session, and the groups that they had.
type historyOperators struct{}

// Current implements bulk.Operators.
func (historyOperators) Current(context.Context, string) (operator.Operator, bool, error) {
	return operator.Operator{}, false, nil
}

// HasSession implements bulk.Operators.
func (historyOperators) HasSession(context.Context, string) (bool, error) { return true, nil }

// history writes the history. The first error ends it.
type history struct {
	staff
	ctx     context.Context
	console *console
	bulk    *bulk.Service
	sim     *voxsim.Sim
	clock   *movedClock
	account int64
	start   time.Time        // of the demo
	roles   map[string]int64 // by name

	request operations.Request // of the next change
	last    operations.Outcome // of the last one
	err     error
}

// person is an operator of the history.
type person struct {
	subject, name string
	role          policy.DashboardRole
	address       string
}

// on moves the clock to a time of a working day before the start, and sets the operator and the reason of the next
// change. Weekends, and a time that has not come yet, count as the working day before. The clock only moves on.
func (h *history) on(daysAgo, hour, minute int, by person, reason string) *history {
	year, month, day := h.start.AddDate(0, 0, -daysAgo).Date()
	at := time.Date(year, month, day, hour, minute, 17*minute%60, 0, time.UTC)
	for at.Weekday() == time.Saturday || at.Weekday() == time.Sunday || at.After(h.start.Add(-time.Hour)) {
		at = at.AddDate(0, 0, -1)
	}
	return h.at(at, by, reason)
}

// at is on for a time.
func (h *history) at(at time.Time, by person, reason string) *history {
	if earliest := h.clock.now().Add(time.Minute); h.last.Operation.ID != "" && at.Before(earliest) {
		at = earliest
	}
	h.clock.moveTo(at)
	h.request = operations.Request{
		ID: h.console.operations.NewID(),
		Operator: operator.Operator{
			Issuer:   operator.Demo,
			Subject:  by.subject,
			Name:     by.name,
			Email:    by.subject + "@linkova-sluzba.example",
			Groups:   []string{operator.Demo + "-" + string(by.role)},
			GroupsAt: at,
			Method:   operator.Demo,
			ProvenAt: at.Add(-20 * time.Minute),
		},
		Account:     h.account,
		Reason:      reason,
		Address:     by.address,
		AddressFrom: audit.FromConnection,
	}
	return h
}

// do makes a change and expects a result.
func (h *history) do(want audit.Result, change func() (operations.Outcome, error)) {
	if h.err != nil {
		return
	}
	out, err := change()
	if err == nil && out.Result != want {
		err = fmt.Errorf("the result is %q, not %q", out.Result, want)
	}
	if err != nil {
		at := h.clock.now().Format(time.DateTime)
		h.err = fmt.Errorf("writing the history of the demo at %s, %q: %w", at, h.request.Reason, err)
	}
	h.last = out
}

// roleIDs returns the ids of roles.
func (h *history) roleIDs(names []string) []int64 {
	var ids []int64
	for _, name := range names {
		ids = append(ids, h.roles[name])
	}
	return ids
}

// subuser returns the subuser with a login, and key the key with a name, as the vendor has them.
func (h *history) subuser(login string) access.Ref {
	for _, subuser := range h.sim.State().Subusers {
		if subuser.Login == login {
			return access.SubuserRef(subuser.ID)
		}
	}
	return access.Ref{Kind: access.Subuser, ID: "0"}
}

func (h *history) key(name string) access.Ref {
	for _, key := range h.sim.State().Keys {
		if key.Name == name {
			return access.Ref{Kind: access.Key, ID: key.ID}
		}
	}
	return access.Ref{Kind: access.Key}
}

// read reads the account, as the console does every few minutes, and waits for what it learns.
func (h *history) read() {
	began := h.clock.now()
	for h.err == nil && !h.hasRead(began) {
		time.Sleep(time.Millisecond)
	}
	if h.err == nil {
		h.err = h.console.lifecycle.Learn(h.ctx)
	}
}

// hasRead reports whether a reading that began after a time was compared with the audit log. It begins one, unless one
// is under way.
func (h *history) hasRead(after time.Time) bool {
	list, err := h.console.directory.List(h.ctx, h.account, access.Key, directory.Filter{})
	compared, compareErr := h.console.drift.Compared(h.ctx, h.account)
	h.err = errors.Join(err, compareErr, h.ctx.Err())
	switch {
	case h.err != nil || list.Status.Refreshing:
		return false
	case list.Status.AsOf.Before(after):
		h.console.directory.Refresh(h.account)
		return false
	}
	for _, kind := range access.Kinds() {
		if compared[kind].Before(after.Truncate(time.Microsecond)) {
			return false
		}
	}
	return true
}
