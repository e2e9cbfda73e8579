package app_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/testkit/golden"
	"github.com/voxwarden/voxwarden/internal/voxapi"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// TestTheAuditExportIsAsPinned performs every action, and has operations end with every result. It compares the JSON
// Lines export and the copy of every event in the log with golden files. Notes, random ids and MACs are left out.
func TestTheAuditExportIsAsPinned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := &lockedBuffer{}
		p := &pinned{t: t, site: apptest.NewSite(t, apptest.Options{
			InMemory: true,
			Logger:   slog.New(slog.NewJSONHandler(log, nil)),
			Writer:   func(w operations.Writer) operations.Writer { return unsentWriter{w} },
		})}
		p.site.Directory.OnListing(p.whenCompared(p.site.Drift.StartCheck), p.whenCompared(p.site.Lifecycle.StartListing))
		p.note(audit.Started{
			Program:  "test",
			Account:  p.site.Account,
			Settings: []audit.StartedSetting{{Name: "VOXWARDEN_AUTH", Value: "oidc", From: "environment"}},
		})
		p.signIn()
		p.site.Refresh(t)
		p.changeSubusers()
		p.changeKeys()
		p.fail()
		p.loseAnswers()
		p.acceptDrift()
		p.endSessions()
		p.exports()

		export := p.admin.Get("/audit.jsonl")
		if export.Status != http.StatusOK {
			t.Fatalf("the export: status %d", export.Status)
		}
		p.prune()
		golden.Equal(t, "testdata/audit_export.txt", oneEventPerLine(normalised(export.Body)))
		golden.Equal(t, "testdata/audit_log.txt", normalised(eventsIn(log.String())))
	})
}

// pinned is a console and an admin who uses it, one step a minute.
type pinned struct {
	t       *testing.T
	site    *apptest.Site
	admin   *apptest.Visitor
	compare atomic.Bool // listings are compared with the expected state
}

// startListing is a function for directory.Directory.OnListing.
type startListing func(ctx context.Context, account int64) func(context.Context, directory.Listing)

// whenCompared leaves out refreshes in the background, because the order of their events varies.
func (p *pinned) whenCompared(start startListing) startListing {
	return func(ctx context.Context, account int64) func(context.Context, directory.Listing) {
		if !p.compare.Load() {
			return nil
		}
		return start(ctx, account)
	}
}

// nextStep waits for the next full minute. The time that a step takes then does not move the steps after it.
func nextStep() {
	now := time.Now()
	time.Sleep(now.Truncate(time.Minute).Add(time.Minute).Sub(now))
}

// unsent is a description of a key that unsentWriter refuses to send.
const unsent = "never sent"

// unsentWriter is a Writer that does not send an update with the description unsent.
type unsentWriter struct{ operations.Writer }

// UpdateKey implements operations.Writer.
func (w unsentWriter) UpdateKey(ctx context.Context, account int64, change voxapi.KeyUpdate) error {
	if change.Description == unsent {
		return &voxapi.Error{Kind: voxapi.NotSent, Method: "UpdateKey"}
	}
	return w.Writer.UpdateKey(ctx, account, change)
}

// pinnedID is the operation id of a step: its name, filled up.
func pinnedID(step string) string {
	id := strings.ReplaceAll(step, " ", "")
	return id + strings.Repeat("a", 26-len(id))
}

func (p *pinned) note(n audit.Notice) {
	p.t.Helper()
	if err := p.site.AuditLog.Note(p.t.Context(), n); err != nil {
		p.t.Fatal(err)
	}
}

// signIn begins a new session of the admin. A session does not last as long as the test.
func (p *pinned) signIn() {
	p.t.Helper()
	nextStep()
	p.admin = p.site.Visit(p.t, policy.Admin)
}

// submit sends the form of a page with some fields changed, as an admin. It fails the test unless the operation has the
// result want.
func (p *pinned) submit(step, path string, fields url.Values, want audit.Result) apptest.Page {
	p.t.Helper()
	nextStep()
	action, _, _ := strings.Cut(path, "?")
	form := p.admin.Get(path).FormValues(p.t, action)
	form.Set("operation", pinnedID(step))
	form.Set("reason", "to "+step)
	maps.Copy(form, fields)
	page := p.admin.Post(action, form)
	p.expect(step, want)
	return page
}

// expect fails the test unless the operation of a step has the result want.
func (p *pinned) expect(step string, want audit.Result) {
	p.t.Helper()
	op, err := p.site.AuditLog.Operation(p.t.Context(), pinnedID(step))
	if err != nil || op.Result != want {
		p.t.Fatalf("%s: %q, want %q: %v", step, op.Result, want, err)
	}
}

// fault arms the simulator for the next call of a method.
func (p *pinned) fault(method string, kind voxsim.FaultKind, delay time.Duration) {
	p.site.Sim.ClearFaults()
	p.site.Sim.AddFault(voxsim.Fault{Method: method, Kind: kind, Code: 340, Delay: delay})
}

// subuser returns the path of a subuser's page.
func (p *pinned) subuser(login string) string {
	p.t.Helper()
	s, found := p.site.Sim.State().Subuser(login)
	if !found {
		p.t.Fatalf("there is no subuser %s", login)
	}
	return fmt.Sprintf("/subusers/%d", s.ID)
}

// key returns the path of a key's page.
func (p *pinned) key(name string) string {
	p.t.Helper()
	for _, key := range p.site.Sim.State().Keys {
		if key.Name == name {
			return "/keys/" + key.ID
		}
	}
	p.t.Fatalf("there is no key %s", name)
	return ""
}

// roles returns the ids of roles.
func (p *pinned) roles(names ...string) []string {
	p.t.Helper()
	var ids []string
	for _, name := range names {
		for _, role := range p.site.Sim.State().Roles {
			if role.Name == name {
				ids = append(ids, strconv.FormatInt(role.ID, 10))
			}
		}
	}
	if len(ids) != len(names) {
		p.t.Fatalf("not all of the roles %v exist", names)
	}
	return ids
}

// setRoles changes the direct roles of a subuser or a key to those named.
func (p *pinned) setRoles(step, path string, want audit.Result, names ...string) {
	p.t.Helper()
	p.submit(step, path+"/roles", url.Values{"step": {"apply"}, "role": p.roles(names...)}, want)
}

// changeSubusers performs every action on a subuser.
func (p *pinned) changeSubusers() {
	p.t.Helper()
	p.submit("create subuser", "/subusers/new",
		url.Values{"login": {"pinned"}, "description": {"Pinned"}, "role": p.roles("Support")}, audit.Applied)
	p.submit("edit subuser", p.subuser("pinned")+"/edit", url.Values{"description": {"Edited"}}, audit.Applied)
	p.setRoles("change roles", p.subuser("pinned"), audit.Applied, "Accountant", "Payer")
	p.submit("change password", p.subuser("martin_marek")+"/password",
		url.Values{"current": {voxsim.SeedPassword}}, audit.Applied)
	p.submit("reissue", p.subuser("lukasz_wisniew")+"/re-issue", url.Values{"confirm": {"lukasz_wisniew"}}, audit.Applied)
	p.submit("force", p.subuser("petr_kucera")+"/force?revoke="+p.roles("Developer")[0],
		url.Values{"confirm": {"petr_kucera"}}, audit.Applied)
	p.submit("delete subuser", p.subuser("pinned")+"/delete", url.Values{"confirm": {"pinned"}}, audit.Applied)
	p.submit("delete with keys", p.subuser("lenka_jelinkova")+"/delete",
		url.Values{"confirm": {"lenka_jelinkova"}}, audit.Applied)
	p.bulkItem()
}

// bulkItem edits a subuser as an item of a bulk change.
func (p *pinned) bulkItem() {
	p.t.Helper()
	nextStep()
	s, _ := p.site.Sim.State().Subuser("trainee_02")
	out, err := p.site.Operations.Edit(p.t.Context(), operations.Edit{
		Request: operations.Request{
			ID:       pinnedID("bulk item"),
			Operator: apptest.Operator("anna", "demo-admin"),
			Account:  p.site.Account,
			BulkID:   pinnedID("bulk change"),
		},
		Ref:         access.SubuserRef(s.ID),
		Description: "Changed in bulk",
	})
	if err != nil || out.Result != audit.Applied {
		p.t.Fatalf("%+v, %v", out, err)
	}
}

// changeKeys performs every action on a key.
func (p *pinned) changeKeys() {
	p.t.Helper()
	p.submit("create key", "/keys/new", url.Values{"name": {"Pinned"}, "role": p.roles("Accountant")}, audit.Applied)
	p.submit("edit key", p.key("Pinned")+"/edit",
		url.Values{"name": {"Renamed"}, "description": {"Pinned"}}, audit.Applied)
	p.setRoles("change key roles", p.key("Renamed"), audit.Applied, "Payer")
	p.submit("delete key", p.key("Renamed")+"/delete", url.Values{"confirm": {"Renamed"}}, audit.Applied)
}

// fail begins operations that are refused, not sent and partly applied.
func (p *pinned) fail() {
	p.t.Helper()
	p.fault("SetSubUserInfo", voxsim.Refuse, 0)
	p.submit("refused", p.subuser("trainee_01")+"/edit", url.Values{"description": {"Refused"}}, audit.Refused)
	p.submit("not sent", p.key("Unused")+"/edit", url.Values{"description": {unsent}}, audit.NotSent)
	p.fault("SetSubUserRoles", voxsim.Refuse, 0)
	p.setRoles("partly", p.subuser("zuzana_nemcova"), audit.PartlyApplied, "Support")
	p.fault("AddSubUser", voxsim.Refuse, 0)
	p.submit("half", p.subuser("jurgen_grosse")+"/re-issue", url.Values{"confirm": {"jurgen_grosse"}}, audit.PartlyApplied)
	p.submit("finish", "/subusers/new?finish="+pinnedID("half"), nil, audit.Applied)
}

// loseAnswers begins operations that get no response, with every result that is possible then.
func (p *pinned) loseAnswers() {
	p.t.Helper()
	p.fault("SetSubUserRoles", voxsim.CommitThenReset, 0)
	p.setRoles("read at once", p.subuser("inigo_munoz"), audit.Applied, "Support", "CallHistory", "Payer")
	p.fault("SetSubUserRoles", voxsim.ResetThenCommit, 3*time.Minute)
	p.setRoles("reconciled", p.subuser("trainee_01"), audit.Unknown, "Accountant")
	p.fault("SetSubUserRoles", voxsim.ResetBeforeCommit, 0)
	p.setRoles("not applied", p.subuser("trainee_02"), audit.Unknown, "Accountant")
	p.fault("SetSubUserRoles", voxsim.ResetThenCommit, 40*time.Minute)
	p.setRoles("reopened", p.subuser("jakub_hajek"), audit.Unknown, "Supervisor", "CallHistory", "Payer")
	p.fault("AddSubUser", voxsim.ResetBeforeCommit, 0)
	p.submit("by hand", "/subusers/new", url.Values{"login": {"taken"}, "role": {}}, audit.Unknown)
	if err := p.site.Sim.ApplyExternal(voxsim.ExternalChange{
		Kind:  voxsim.ExternalAddSubuser,
		Login: "taken",
	}); err != nil {
		p.t.Fatal(err)
	}
	time.Sleep(3 * time.Minute)
	p.send("/audit/"+pinnedID("reconciled"), "/audit/"+pinnedID("reconciled"), nil)
	p.expect("reconciled", audit.Applied)
	p.site.Reconcile(p.t, 20*time.Minute)
	p.expect("not applied", audit.NotApplied)
	p.expect("reopened", audit.NotApplied)
	p.send("/audit/"+pinnedID("by hand"), "/audit/"+pinnedID("by hand")+"/resolve",
		url.Values{"result": {"not_applied"}, "reason": {"asked the colleague"}})
	p.expect("by hand", audit.NotApplied)
	p.site.Reconcile(p.t, 40*time.Minute)
	p.expect("reopened", audit.Applied)
	p.signIn()
	p.fault("SetSubUserRoles", voxsim.ResetBeforeCommit, 0)
	p.setRoles("still open", p.subuser("trainee_02"), audit.Unknown, "Payer")
	p.site.Sim.ClearFaults()
}

// send sends the form of a page for an action with some fields changed, as an admin.
func (p *pinned) send(path, action string, fields url.Values) apptest.Page {
	p.t.Helper()
	nextStep()
	form := p.admin.Get(path).FormValues(p.t, action)
	maps.Copy(form, fields)
	page := p.admin.Post(action, form)
	if page.Status != http.StatusOK {
		p.t.Fatalf("%s: status %d: %.600s", action, page.Status, page.Text())
	}
	return page
}

// acceptDrift accepts a change that was made outside the console.
func (p *pinned) acceptDrift() {
	p.t.Helper()
	p.site.Refresh(p.t) // one may be under way
	p.compare.Store(true)
	defer p.compare.Store(false)
	p.site.Refresh(p.t)
	role := p.site.Sim.State().Roles[0]
	s, _ := p.site.Sim.State().Subuser("gizem_yilmaz")
	if err := p.site.Sim.ApplyExternal(voxsim.ExternalChange{
		Kind:      voxsim.ExternalAddSubuserRoles,
		SubuserID: s.ID,
		RoleIDs:   []int64{role.ID},
	}); err != nil {
		p.t.Fatal(err)
	}
	p.site.Refresh(p.t)
	link := p.admin.Get("/drift").Find(`section:contains("gizem_yilmaz") a[href$="/accept"]`).AttrOr("href", "")
	p.send(link, link, url.Values{"reason": {"to accept drift"}})
}

// endSessions adds a denied request, a refused sign-in, a sign-out and a session that an admin ended.
func (p *pinned) endSessions() {
	p.t.Helper()
	nextStep()
	viewer := p.site.Visit(p.t, policy.Viewer)
	if page := viewer.Get("/subusers/new"); page.Status != http.StatusForbidden {
		p.t.Fatalf("a viewer gets %d", page.Status)
	}
	viewer.Post("/sign-out", viewer.Get("/").FormValues(p.t, "/sign-out"))
	p.note(audit.SignInRefused{Address: "192.0.2.7", AddressFrom: audit.FromForwarded, Reason: "no assertion"})
	p.site.Visit(p.t, policy.Editor)
	form := p.admin.Get("/sessions").FormValues(p.t, "/sessions")
	sessions, err := p.site.Sessions.Sessions(p.t.Context(), "demo|editor")
	if err != nil || len(sessions) != 1 {
		p.t.Fatalf("%d sessions, %v", len(sessions), err)
	}
	form.Del("subject")
	form.Set("session", sessions[0].Hash)
	p.admin.Post("/sessions", form)
}

// exports downloads every kind of list.
func (p *pinned) exports() {
	p.t.Helper()
	for _, path := range []string{
		"/subusers.csv?q=trainee&role=Accountant", "/keys.csv", "/roles/matrix.csv", "/audit.csv?result=refused",
	} {
		nextStep()
		if page := p.admin.Get(path); page.Status != http.StatusOK {
			p.t.Fatalf("%s: status %d", path, page.Status)
		}
	}
}

// prune removes the genesis event and the one after it.
func (p *pinned) prune() {
	p.t.Helper()
	before := time.Date(2000, 1, 1, 0, 0, 30, 0, time.UTC) // every synctest bubble begins at 2000-01-01
	if done, err := p.site.AuditLog.Prune(p.t.Context(), before, "test"); err != nil || done.Events != 2 {
		p.t.Fatalf("%+v, %v", done, err)
	}
}

// eventsIn returns the lines of a log that are copies of events.
func eventsIn(log string) string {
	var out bytes.Buffer
	lines := bufio.NewScanner(strings.NewReader(log))
	lines.Buffer(nil, len(log)+1)
	for lines.Scan() {
		if strings.Contains(lines.Text(), `"mac":`) {
			out.Write(append(lines.Bytes(), '\n'))
		}
	}
	return out.String()
}

// normalised replaces what differs from run to run, and the notes, which may be reworded.
func normalised(lines string) string {
	fraction := regexp.MustCompile(`(\d\d:\d\d:\d\d)\.\d+Z`)
	random := regexp.MustCompile(`"(note|process|request_id|session_id|session|log|content|decisions)":"(?:[^"\\]|\\.)+"`)
	duration := regexp.MustCompile(`"(duration_ms|duration_ns)":\d+`)
	mac := regexp.MustCompile(`"mac":"[0-9a-f]{64}"`)
	lines = fraction.ReplaceAllString(lines, "${1}Z")
	lines = random.ReplaceAllString(lines, `"$1":"…"`)
	lines = duration.ReplaceAllString(lines, `"$1":0`)
	return mac.ReplaceAllString(lines, `"mac":"…"`)
}

// oneEventPerLine breaks the lines of an export, so that a difference is easy to read.
func oneEventPerLine(lines string) string {
	return strings.NewReplacer(`,"events":[`, ",\n  \"events\":[\n    ", `},{"seq":`, "},\n    {\"seq\":").Replace(lines)
}
