package handlers

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/session"
)

// fakeIdentity identifies operators by the fake sessions.
type fakeIdentity struct{ *fakeSessions }

func (a fakeIdentity) Identify(_ http.ResponseWriter, r *http.Request) (operator.Operator, error) {
	return a.Operator(r)
}

// fakeSessions takes the dashboard role from a cookie, accepts one form token, and keeps one message.
type fakeSessions struct {
	mu         sync.Mutex
	flash      *session.Flash
	err        error
	flashErr   error
	signedIn   operator.Operator
	signOuts   int
	wrongToken bool              // forms come with the token of another session
	list       []session.Session // of all operators
	endCalls   []string          // ended sessions: "hash of subject", "others of subject but hash"
}

func (f *fakeSessions) ReadinessChecks() []audit.ReadinessCheck {
	return []audit.ReadinessCheck{{Name: "sessions", Run: func(context.Context) error { return f.err }}}
}

func (f *fakeSessions) Operator(r *http.Request) (operator.Operator, error) {
	cookie, err := r.Cookie("role")
	if err != nil || f.err != nil {
		return operator.Operator{}, f.err
	}
	return testOperator(cookie.Value), nil
}

func (f *fakeSessions) Hash(*http.Request) string { return "session-hash" }

func (f *fakeSessions) NewestEvent(*http.Request) int64 { return 0 }

func (f *fakeSessions) FormToken(*http.Request) string { return "form-token" }

func (f *fakeSessions) CheckFormToken(*http.Request, string) bool { return !f.wrongToken }

func (f *fakeSessions) Sessions(_ context.Context, subject string) ([]session.Session, error) {
	var list []session.Session
	for _, s := range f.list {
		if subject == "" || s.Operator.ID() == subject {
			list = append(list, s)
		}
	}
	return list, f.err
}

func (f *fakeSessions) End(ctx context.Context, hash, subject string, record session.Record) (bool, error) {
	f.endCalls = append(f.endCalls, hash+" of "+subject)
	owner := subject
	for _, s := range f.list {
		if s.Hash == hash {
			owner = s.Operator.ID()
		}
	}
	return f.err == nil, f.recordEnd(ctx, record, session.Ended{Operator: owner, Sessions: 1, Rows: 1})
}

func (f *fakeSessions) EndOtherSessions(
	ctx context.Context,
	subject, keep string,
	record session.Record,
) (int, error) {
	f.endCalls = append(f.endCalls, "others of "+subject+" but "+keep)
	count := len(f.list)
	return count, f.recordEnd(ctx, record, session.Ended{Operator: subject, Sessions: count, Rows: count})
}

// recordEnd records ended sessions. It fails when the fake or the record does.
func (f *fakeSessions) recordEnd(ctx context.Context, record session.Record, ended session.Ended) error {
	return record(ctx, func(*sql.Tx) (session.Ended, error) { return ended, f.err })
}

func (f *fakeSessions) SignIn(_ http.ResponseWriter, _ *http.Request, o operator.Operator, _ session.Tokens) error {
	f.signedIn = o
	return f.err
}

func (f *fakeSessions) SignOut(http.ResponseWriter, *http.Request) error {
	f.signOuts++
	return f.err
}

func (f *fakeSessions) SetFlash(_ *http.Request, flash session.Flash) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.flash = &flash
	return f.flashErr
}

func (f *fakeSessions) TakeFlash(*http.Request) (*session.Flash, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	flash := f.flash
	f.flash = nil
	return flash, f.flashErr
}

// testOperator returns the operator with a dashboard role. "admin-2" is another operator with the role "admin".
func testOperator(role string) operator.Operator {
	group, _, _ := strings.Cut(role, "-")
	return operator.Operator{
		Issuer:  "demo",
		Subject: role,
		Name:    "Ms " + role,
		Groups:  []string{"demo-" + group},
		Method:  "demo",
	}
}

// fakeAuditLog returns the same operations for every question, and records the last one.
type fakeAuditLog struct {
	mismatchAt time.Time
	newSince   time.Time // the zero time when the audit log is not new
	alarm      *audit.Alarm
	verifiedAt time.Time
	ops        []audit.Operation
	days       []audit.DayResults
	lastFilter audit.Filter
	err        error
	lastSearch audit.Search
	lastCursor string // the requested cursor: "before CURSOR", "after CURSOR"
	page       audit.Page
	events     []audit.Event
	actors     []audit.Actor
	streamErr  error // after the first batch of a stream
	searchErr  error
	mu         sync.Mutex
	notices    []audit.Notice
}

func (f *fakeAuditLog) ResultsByDay(context.Context, int64, time.Time) ([]audit.DayResults, error) {
	return f.days, f.err
}

func (f *fakeAuditLog) Before(_ context.Context, s audit.Search, at audit.Cursor, _ int) (audit.Page, error) {
	f.lastSearch, f.lastCursor = s, "before "+formatCursor(at)
	found := f.page
	found.Operations = f.ops
	return found, cmp.Or(f.searchErr, f.err)
}

func (f *fakeAuditLog) After(_ context.Context, s audit.Search, at audit.Cursor, _ int) (audit.Page, error) {
	f.lastSearch, f.lastCursor = s, "after "+formatCursor(at)
	return audit.Page{Operations: f.ops, Newer: f.page.Newer, Older: f.page.Older}, f.err
}

func (f *fakeAuditLog) Actors(context.Context, int64) ([]audit.Actor, error) { return f.actors, f.err }

func (f *fakeAuditLog) Stream(
	_ context.Context,
	s audit.Search,
	each func(audit.Operation, []audit.Event) error,
	pause func() error,
) error {
	f.lastSearch = s
	if f.err != nil {
		return f.err
	}
	for _, op := range f.ops {
		if err := each(op, f.events); err != nil {
			return err
		}
	}
	if err := pause(); err != nil {
		return err
	}
	return f.streamErr
}

func (f *fakeAuditLog) Note(_ context.Context, n audit.Notice) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.notices = append(f.notices, n)
	return f.err
}

func (f *fakeAuditLog) NoteWith(ctx context.Context, change func(tx *sql.Tx) (audit.Notice, error)) error {
	n, err := change(nil)
	if err != nil || n == nil {
		return err
	}
	return f.Note(ctx, n)
}

func (f *fakeAuditLog) NewestMismatch(context.Context) (time.Time, bool, error) {
	return f.mismatchAt, !f.mismatchAt.IsZero(), f.err
}

func (f *fakeAuditLog) NewSince(context.Context) (time.Time, bool, error) {
	return f.newSince, !f.newSince.IsZero(), f.err
}

func (f *fakeAuditLog) ReadinessChecks() []audit.ReadinessCheck {
	return []audit.ReadinessCheck{{Name: "writing", Run: func(context.Context) error { return f.err }}}
}
func (f *fakeAuditLog) Alarm() *audit.Alarm { return f.alarm }

func (f *fakeAuditLog) LastVerified() time.Time { return f.verifiedAt }

func (f *fakeAuditLog) Latest(context.Context, int64, int) (audit.Page, error) {
	return audit.Page{Operations: f.ops, Bulk: f.page.Bulk}, f.err
}

func (f *fakeAuditLog) Operations(_ context.Context, filter audit.Filter) ([]audit.Operation, error) {
	f.lastFilter = filter
	var ops []audit.Operation
	for _, op := range f.ops {
		if !filter.Open || op.Open {
			ops = append(ops, op)
		}
	}
	return ops, f.err
}

// fakeDirectory is an account with two subusers, a key and three roles.
type fakeDirectory struct {
	page             directory.Page // of subusers
	subusers         map[int64]access.Principal
	catalogue        directory.Catalogue
	counts           directory.Counts
	roleCounts       map[access.Kind][]directory.RoleCount
	keyRoles         []access.RoleAssignment // of the key; nil for Support
	keyText          string                  // every text of the key; "" for its own
	keyFacts         *access.Facts           // of the key, which then belongs to no subuser that is known
	subusersWithRole []access.Principal      // nil for the boss
	keyMatches       int                     // how many keys match any filter; 1 when 0
	noKeys           bool                    // the keys could not be read
	lastFilter       directory.Filter
	refreshes        int
	err              error
}

func newFakeDirectory() *fakeDirectory {
	owner := access.RoleAssignment{ID: 1, Name: "Owner", Direct: true}
	support := access.RoleAssignment{ID: 3, Name: "Support", Direct: true}
	inherited := access.RoleAssignment{ID: 3, Name: "Support"}
	anna := access.Principal{
		Ref:         access.SubuserRef(7),
		Name:        "anna_novakova",
		Description: "Účtárna",
		Roles:       []access.RoleAssignment{support},
		RolesKnown:  true,
		Keys:        []access.NamedKey{{ID: "k1", Name: "Reports"}},
		KeysKnown:   true,
	}
	boss := access.Principal{
		Ref:         access.SubuserRef(8),
		Name:        "boss",
		Description: "=cmd|'/c calc'!A1",
		Roles:       []access.RoleAssignment{owner, inherited},
		RolesKnown:  true,
		KeysKnown:   true,
	}
	status := directory.Status{AsOf: noon.Add(-time.Minute)}
	return &fakeDirectory{
		subusers: map[int64]access.Principal{7: anna, 8: boss},
		page: directory.Page{
			Rows:      []access.Principal{anna, boss},
			Matches:   2,
			Total:     2,
			Page:      1,
			Pages:     1,
			RoleNames: []string{"Owner", "Support"},
			Status:    status,
		},
		catalogue: directory.Catalogue{Known: true, GroupsKnown: true, AsOf: noon, Roles: []access.Role{
			{ID: 1, Name: "Owner", Group: "General", ChildIDs: []int64{3}},
			{ID: 2, Name: "Admin", Group: "General"},
			{ID: 3, Name: "Support", Group: "Panel", GUIOnly: true},
		}},
		counts: directory.Counts{Subusers: 2, Keys: 1, KeysKnown: true, WithoutRoles: 1, Status: status},
	}
}

// fakeKeyID is the only key of the fake account.
const fakeKeyID = "3f0c1d9e-0000-4000-8000-0000000000aa"

func (f *fakeDirectory) key() access.Principal {
	anna, roles := access.SubuserRef(7), f.keyRoles
	if roles == nil {
		roles = []access.RoleAssignment{{ID: 3, Name: "Support", Direct: true}}
	}
	key := access.Principal{
		Ref:         access.KeyRef(fakeKeyID),
		Name:        "Reports",
		Description: "Nightly reports",
		Roles:       roles,
		RolesKnown:  true,
		BelongsTo:   &anna,
		OwnerLogin:  "anna_novakova",
		OwnerKnown:  true,
	}
	if f.keyFacts != nil {
		key.BelongsTo, key.OwnerLogin, key.OwnerKnown, key.Facts = nil, "", false, f.keyFacts
	}
	if f.keyText != "" {
		return poisoned(key, f.keyText)
	}
	return key
}

func (f *fakeDirectory) List(
	_ context.Context,
	_ int64,
	kind access.Kind,
	filter directory.Filter,
) (directory.Page, error) {
	f.lastFilter = filter
	switch {
	case kind == access.Key && f.noKeys:
		return directory.Page{Page: 1, Pages: 1, Status: f.keyStatus()}, f.err
	case kind == access.Key:
		return directory.Page{
			Rows:    []access.Principal{f.key()},
			Matches: max(f.keyMatches, 1),
			Total:   max(f.keyMatches, 1),
			Page:    1,
			Pages:   1,
			Status:  f.keyStatus(),
		}, f.err
	default:
		return f.page, f.err
	}
}

// Search finds the principals with the words of the query in their name.
func (f *fakeDirectory) Search(
	ctx context.Context,
	account int64,
	kind access.Kind,
	query string,
	limit int,
) (directory.Page, error) {
	page, err := f.List(ctx, account, kind, directory.Filter{Query: query})
	var rows []access.Principal
	for _, p := range page.Rows {
		if directory.NewQuery(query).Matches(p.Name) {
			rows = append(rows, p)
		}
	}
	page.Rows, page.Matches = rows[:min(len(rows), limit)], len(rows)
	return page, err
}

// keyStatus is the status of the list of keys.
func (f *fakeDirectory) keyStatus() directory.Status {
	status := f.page.Status
	status.Incomplete = f.noKeys
	return status
}

func (f *fakeDirectory) ByID(_ context.Context, _ int64, ref access.Ref) (access.Principal, error) {
	if f.err != nil {
		return access.Principal{}, f.err
	}
	if key := f.key(); ref == key.Ref {
		return key, nil
	}
	if p, ok := f.subusers[ref.SubuserID()]; ok {
		return p, nil
	}
	return access.Principal{}, directory.ErrNotFound
}

func (f *fakeDirectory) ByIDs(
	_ context.Context,
	_ int64,
	kind access.Kind,
	ids []string,
) ([]access.Principal, directory.Status, error) {
	var rows []access.Principal
	for _, id := range ids {
		if kind == access.Key && id == fakeKeyID {
			rows = append(rows, f.key())
		}
		if p, ok := f.subusers[(access.Ref{Kind: access.Subuser, ID: id}).SubuserID()]; ok {
			rows = append(rows, p)
		}
	}
	return rows, f.page.Status, f.err
}

func (f *fakeDirectory) WithRole(
	_ context.Context,
	_ int64,
	kind access.Kind,
	_ int64,
) ([]access.Principal, directory.Status, error) {
	switch {
	case kind == access.Key:
		return []access.Principal{f.key()}, f.keyStatus(), f.err
	case f.subusersWithRole != nil:
		return f.subusersWithRole, f.page.Status, f.err
	default:
		return []access.Principal{f.subusers[8]}, f.page.Status, f.err
	}
}

func (f *fakeDirectory) Catalogue(context.Context, int64) directory.Catalogue { return f.catalogue }

func (f *fakeDirectory) RoleCounts(
	_ context.Context,
	_ int64,
	kind access.Kind,
) ([]directory.RoleCount, directory.Status, error) {
	return f.roleCounts[kind], f.counts.Status, f.err
}

func (f *fakeDirectory) Counts(context.Context, int64) (directory.Counts, error) {
	return f.counts, f.err
}

func (f *fakeDirectory) AccountName(context.Context, int64) string { return "Acme Call Centre" }

func (f *fakeDirectory) Refresh(int64) { f.refreshes++ }

// fakeOperations returns what a test set, and records its calls.
type fakeOperations struct {
	policy    *policy.Policy
	directory *fakeDirectory

	diff      operations.Difference
	outcome   operations.Outcome
	op        audit.Operation
	events    []audit.Event
	later     []audit.Operation // on the same target
	recreated audit.Operation   // the later creation of a re-issued subuser
	err       error             // of operations, previews and resolving
	formErr   error             // of forms
	showErr   error             // of showing operations, beside formErr

	offerAll  bool // the form of a new principal offers every role
	formCount int
	created   []operations.CreateSubuser
	changed   []operations.ChangeRoles
	resolved  []audit.Result
	requests  []operations.Request
	commands  []any // of all other operations

	keys     []access.Principal // of forms of a subuser
	warnings []operations.Warning
	blocked  string
}

// newID is the id of the newest form.
func (f *fakeOperations) newID() string {
	return strings.Repeat("a", 25) + string(rune('a'+f.formCount%20))
}

func (f *fakeOperations) NewForm(
	_ context.Context,
	_ operator.Operator,
	_ int64,
	kind access.Kind,
) (operations.RolesForm, error) {
	f.formCount++
	form := operations.RolesForm{
		ID:        f.newID(),
		Principal: access.Principal{Ref: access.Ref{Kind: kind}},
		Catalogue: f.directory.catalogue,
	}
	for _, role := range f.directory.catalogue.Roles {
		ordinary := role.Name == "Support"
		choice := operations.RoleChoice{Role: role, Offered: f.offerAll || ordinary, Privileged: !ordinary}
		if !choice.Offered {
			choice.NotOfferedReason = "Privileged: only an admin may grant or revoke it."
		}
		form.Choices = append(form.Choices, choice)
	}
	return form, f.formErr
}

func (f *fakeOperations) CreateSubuser(_ context.Context, c operations.CreateSubuser) (operations.Outcome, error) {
	f.created = append(f.created, c)
	return f.outcome, f.err
}

func (f *fakeOperations) Show(context.Context, operator.Operator, string) (audit.Operation, []audit.Event, error) {
	return f.op, f.events, errors.Join(f.formErr, f.showErr)
}

func (f *fakeOperations) LaterCreation(context.Context, audit.Operation) (audit.Operation, bool, error) {
	return f.recreated, f.recreated.ID != "", nil
}

func (f *fakeOperations) CreatedAgain(ctx context.Context, op audit.Operation) (audit.Operation, bool, error) {
	return f.LaterCreation(ctx, op)
}

func (f *fakeOperations) LaterChanges(context.Context, audit.Operation) ([]audit.Operation, error) {
	return f.later, nil
}

func (f *fakeOperations) ReconcileNow(context.Context, operator.Operator, string) (audit.Operation, string, error) {
	return f.op, "The roles are as before.", f.err
}

func (f *fakeOperations) Resolve(
	_ context.Context,
	act operations.Request,
	_ string,
	result audit.Result,
) (audit.Operation, error) {
	f.requests, f.resolved = append(f.requests, act), append(f.resolved, result)
	return f.op, f.err
}

func (f *fakeOperations) PrivilegedRoles(c directory.Catalogue) policy.PrivilegedSet {
	return f.policy.Privileged(c.Roles, c.Graph())
}
