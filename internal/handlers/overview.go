package handlers

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	auditview "github.com/voxwarden/voxwarden/views/audit"
	"github.com/voxwarden/voxwarden/views/overview"
	"github.com/voxwarden/voxwarden/views/page"
)

// overviewAuditLog returns the newest operations, and how many there were on each day.
type overviewAuditLog interface {
	operationLister
	ResultsByDay(ctx context.Context, account int64, from time.Time) ([]audit.DayResults, error)
}

// overviewDirectory returns the numbers of an account and the subusers with privileged roles.
type overviewDirectory interface {
	Counts(ctx context.Context, account int64) (directory.Counts, error)
	Catalogue(ctx context.Context, account int64) directory.Catalogue
	AccountName(ctx context.Context, account int64) string
	List(ctx context.Context, account int64, kind access.Kind, f directory.Filter) (directory.Page, error)
	RoleCounts(ctx context.Context, account int64, kind access.Kind) ([]directory.RoleCount, directory.Status, error)
	WithRole(
		ctx context.Context,
		account int64,
		kind access.Kind,
		roleID int64,
	) ([]access.Principal, directory.Status, error)
}

// Limits of the lists on the overview.
const (
	latestShown     = 8
	newestRead      = 50 // the unfinished re-issues are among them
	attentionShown  = 10
	principalsShown = 12 // of each kind with a privileged role
	rolesShown      = 10 // of each kind, with a bar
	daysShown       = 30
)

// showOverview shows the overview. It works while the vendor cannot be read: the page says so, and shows the console's
// own data.
func (a *App) showOverview(
	d overviewDirectory,
	auditLog overviewAuditLog,
	p privilegedRolesReader,
	drifts driftLister,
) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx, o := r.Context(), stateOf(r).operator
		counts, err := d.Counts(ctx, a.Account)
		if trouble, ok := errors.AsType[*directory.ReadError](err); ok {
			counts.Status.LastError = trouble
		} else if err != nil {
			return err
		}
		now := a.momentOf(r)
		facts, err := a.memories.overview.get(now, func() (overviewFacts, error) {
			return a.overviewFacts(ctx, auditLog, drifts, now.day)
		})
		if err != nil {
			return err
		}
		catalogue := d.Catalogue(ctx, a.Account)
		privilegedRoles, err := a.privilegedRoleViews(ctx, d, catalogue, counts.Status.Cold())
		if err != nil {
			return err
		}
		vendor := a.Vendor()
		m := overview.Overview{
			Frame:           a.frame(r, page.Overview, page.Overview.Title()),
			Freshness:       freshness(counts.Status, "/"),
			Subusers:        counts.Subusers,
			Keys:            counts.Keys,
			KeysKnown:       counts.KeysKnown,
			WithoutRoles:    counts.WithoutRoles,
			PrivilegedRoles: privilegedRoles,
			Attention:       a.attention(o, counts, facts.open, p.PrivilegedRoles(catalogue), catalogue),
			NotCompared:     facts.notCompared,
			Days:            facts.days,
			DaysLinked:      a.Policy.May(o, policy.AuditView),
			Latest:          a.entryViews(o, facts.latest, auditview.BulkHref),
			Console: overview.Console{
				AccountID:   a.Account,
				AccountName: d.AccountName(ctx, a.Account),
				KeyID:       a.ConsoleKeyID(),
				LastAnswer:  vendor.answer(),
				ClockKnown:  vendor.ClockKnown,
				Clock:       overview.ClockText(vendor.Clock),
				ClockWrong:  vendor.clockWrong(),

				ShowVerified: a.Policy.May(o, policy.AuditView),
				Verified:     a.AuditLog.LastVerified(),
			},
		}
		m.Attention = append(a.unfinishedReissues(o, facts.newest), m.Attention...)
		if facts.drifted > 0 {
			m.Attention = append([]overview.Attention{overview.DriftFound(facts.drifted)}, m.Attention...)
		}
		m.Console.LastForbidden = vendor.forbidden()
		if !counts.Status.Cold() {
			if m.SubuserRoles, err = a.roleCounts(ctx, d, access.Subuser, p.PrivilegedRoles(catalogue)); err != nil {
				return err
			}
			if m.KeyRoles, err = a.roleCounts(ctx, d, access.Key, p.PrivilegedRoles(catalogue)); err != nil {
				return err
			}
			m.Console.Key = a.consoleKey(ctx, d, o, catalogue, p.PrivilegedRoles(catalogue))
		}
		m.Frame.AutoRefresh = autoRefreshSeconds(counts.Status)
		return a.render(w, r, http.StatusOK, overview.Page(m))
	}
}

// overviewFacts are the facts of the overview that change only with an event of the audit log or with the day.
type overviewFacts struct {
	latest      audit.Page
	newest      []audit.Operation // newestRead
	open        []audit.Operation // attentionShown
	drifted     int               // findings
	notCompared bool              // a kind of principal was never compared
	days        []overview.Day
}

func (a *App) overviewFacts(
	ctx context.Context,
	auditLog overviewAuditLog,
	drifts driftLister,
	today time.Time,
) (f overviewFacts, err error) {
	if f.latest, err = auditLog.Latest(ctx, a.Account, latestShown); err != nil {
		return f, err
	}
	f.newest, err = auditLog.Operations(ctx, audit.Filter{Account: a.Account, Limit: newestRead})
	if err != nil {
		return f, err
	}
	f.open, err = auditLog.Operations(ctx, audit.Filter{Account: a.Account, Open: true, Limit: attentionShown})
	if err != nil {
		return f, err
	}
	compared, err := drifts.Compared(ctx, a.Account)
	if err != nil {
		return f, err
	}
	f.notCompared = len(compared) < len(access.Kinds())
	from := today.AddDate(0, 0, 1-daysShown)
	results, err := auditLog.ResultsByDay(ctx, a.Account, from)
	if err != nil {
		return f, err
	}
	counts, err := drifts.Counts(ctx, a.Account, from)
	if err != nil {
		return f, err
	}
	f.drifted, f.days = counts.Open, changesByDay(from, results, counts.ByDay)
	return f, nil
}

// privilegedRoleViews returns the configured privileged roles, with the subusers and keys that have them. Before the
// first reading it does not ask for them: each question would wait for the same reading.
func (a *App) privilegedRoleViews(
	ctx context.Context,
	d overviewDirectory,
	c directory.Catalogue,
	cold bool,
) ([]overview.PrivilegedRole, error) {
	var shown []overview.PrivilegedRole
	for _, name := range a.PrivilegedRoles {
		role, found := roleByName(c, name)
		row := overview.PrivilegedRole{Role: page.RoleRef{ID: role.ID, Name: cmp.Or(role.Name, name)}}
		if found && !cold {
			var err error
			if row.Subusers, err = a.principalsWith(ctx, d, access.Subuser, role.ID); err != nil {
				return nil, err
			}
			if row.Keys, err = a.principalsWith(ctx, d, access.Key, role.ID); err != nil {
				return nil, err
			}
		}
		shown = append(shown, row)
	}
	return shown, nil
}

// changesByDay returns the changes of daysShown days, in UTC as in searches of the audit log.
func changesByDay(from time.Time, results []audit.DayResults, outside map[time.Time]int) []overview.Day {
	const day = 24 * time.Hour
	days := make([]overview.Day, daysShown)
	for n := range days {
		days[n].At = from.AddDate(0, 0, n)
		days[n].Outside = outside[days[n].At]
	}
	for _, r := range results {
		n := int(r.Day.Sub(from) / day)
		if n < 0 || n >= len(days) {
			continue // the clock of another replica is ahead
		}
		switch r.Result {
		case audit.Applied:
			days[n].Applied += r.Count
		case audit.Unknown, "":
			days[n].Open += r.Count
		default:
			days[n].Failed += r.Count
		}
	}
	return days
}

// roleCounts returns the roles that most principals of a kind have.
func (a *App) roleCounts(
	ctx context.Context,
	d overviewDirectory,
	kind access.Kind,
	privileged policy.PrivilegedSet,
) (overview.RoleCounts, error) {
	all, status, err := d.RoleCounts(ctx, a.Account, kind)
	reading, err := readingOf(status, err)
	if err != nil || !reading.Known {
		return overview.RoleCounts{}, err
	}
	counts := overview.RoleCounts{Reading: reading}
	shown := all[:min(len(all), rolesShown)]
	for _, role := range shown {
		counts.List = append(counts.List, overview.RoleCount{
			Name:       role.Name,
			Count:      role.Principals,
			Privileged: privileged.Has(role.ID),
		})
	}
	if counts.MoreCount = len(all) - len(shown); counts.MoreCount > 0 {
		counts.MoreMost = all[len(shown)].Principals
	}
	return counts, nil
}

// readingOf returns how much was read, from the status and the error of a question to the directory. A vendor that
// cannot be read is no error: the page reports it elsewhere.
func readingOf(status directory.Status, err error) (overview.Reading, error) {
	if _, unreadable := errors.AsType[*directory.ReadError](err); unreadable || err == nil && status.Cold() {
		return overview.Reading{}, nil
	}
	return overview.Reading{Known: true, Incomplete: status.Incomplete, RolesUnknown: status.RolesUnknown}, err
}

// principalsWith returns the principals of a kind that have a role, the first ones of many.
func (a *App) principalsWith(
	ctx context.Context,
	d overviewDirectory,
	kind access.Kind,
	roleID int64,
) (overview.Principals, error) {
	list, status, err := d.WithRole(ctx, a.Account, kind, roleID)
	reading, err := readingOf(status, err)
	if err != nil || !reading.Known {
		return overview.Principals{}, err
	}
	shown := overview.Principals{Reading: reading, MoreCount: max(0, len(list)-principalsShown)}
	for _, p := range list[:min(len(list), principalsShown)] {
		shown.List = append(shown.List, page.RefOf(p))
	}
	return shown, nil
}

// consoleKey returns what the list of keys contains about the console key, nil when the list lacks it.
func (a *App) consoleKey(
	ctx context.Context,
	d overviewDirectory,
	o operator.Operator,
	c directory.Catalogue,
	privileged policy.PrivilegedSet,
) *overview.ConsoleKey {
	filter := directory.Filter{Query: a.ConsoleKeyID(), PerPage: directory.Everything}
	list, err := d.List(ctx, a.Account, access.Key, filter)
	if err != nil {
		return nil // the page reports elsewhere that the vendor cannot be read
	}
	for _, k := range list.Rows {
		if !a.isConsoleKey(k.Ref) {
			continue
		}
		hasOwner := slices.ContainsFunc(k.Roles, func(r access.RoleAssignment) bool {
			return policy.SameRoleName(r.Name, "Owner")
		})
		return &overview.ConsoleKey{
			Principal:  k,
			Roles:      roleAssignments(k.Roles, c, privileged),
			Linked:     a.Policy.May(o, policy.KeysView),
			LacksOwner: k.RolesKnown && !hasOwner,
		}
	}
	return nil
}

// attention returns what needs attention.
func (a *App) attention(
	o operator.Operator,
	counts directory.Counts,
	open []audit.Operation,
	privileged policy.PrivilegedSet,
	c directory.Catalogue,
) []overview.Attention {
	var shown []overview.Attention
	for _, op := range open {
		path := ""
		if a.Policy.MaySeeOperation(o, op.Actor.ID()) {
			path = operationPath(op.ID)
		}
		shown = append(shown, overview.UnresolvedOperation(descriptorOf(op).Label, op.Target.Name, op.Actor.Display(), path))
	}
	for _, banner := range privilegedBanners(c, privileged) {
		shown = append(shown, overview.FromBanner(banner))
	}
	if counts.WithoutRoles > 0 {
		shown = append(shown, overview.SubusersWithoutRoles(counts.WithoutRoles))
	}
	if counts.KeysOutlivedOwner > 0 {
		shown = append(shown, overview.KeysOutlivedOwner(counts.KeysOutlivedOwner))
	}
	if counts.KeysWithoutDescription > 0 {
		shown = append(shown, overview.KeysWithoutDescription(counts.KeysWithoutDescription))
	}
	return shown
}

// unfinishedReissues returns the subusers that a re-issue deleted and no operation created again. newest is ordered by
// time, newest first.
func (a *App) unfinishedReissues(o operator.Operator, newest []audit.Operation) []overview.Attention {
	var shown []overview.Attention
	changedSince := map[string]bool{} // logins with a later applied operation
	for _, op := range newest {
		login := op.Target.Name
		switch {
		case op.Target.Kind == access.Subuser && op.Result == audit.Applied:
			changedSince[login] = true
		case a.isUnfinishedReissue(op) && !changedSince[login]:
			changedSince[login] = true
			path := ""
			if a.Policy.MaySeeOperation(o, op.Actor.ID()) {
				path = operationPath(op.ID)
			}
			shown = append(shown, overview.UnfinishedReissue(login, op.Actor.Display(), path))
		}
	}
	return shown
}

// roleByName returns the role with a configured name, compared without case and spaces.
func roleByName(c directory.Catalogue, name string) (access.Role, bool) {
	for _, role := range c.Roles {
		if policy.SameRoleName(role.Name, name) {
			return role, true
		}
	}
	return access.Role{}, false
}
