package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// reissuedLogin is the login of the subuser in these tests.
const reissuedLogin = "lukasz_wisniew"

// TestReissuePagesMatchVendor lets each step of a re-issue fail with each fault. It compares the first page, and the
// operation's page after reconciling, with the simulator's state, and finishes what was left half done with the link
// on the page.
func TestReissuePagesMatchVendor(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"DelSubUser", "AddSubUser"} {
		for _, fault := range voxsim.AllFaultKinds() {
			t.Run(fmt.Sprintf("%s on %s", fault, method), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					newReissue(t).runWithFault(voxsim.Fault{Method: method, Kind: fault, Delay: 8 * time.Second})
				})
			})
		}
	}
}

// TestReissuePagesWithoutEffect lets one call of a re-issue, or both, succeed without an effect.
func TestReissuePagesWithoutEffect(t *testing.T) {
	t.Parallel()
	for _, method := range []voxsim.NoEffect{voxsim.NoEffectAll, "DelSubUser", "AddSubUser"} {
		t.Run(string(method), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newReissue(t)
				r.site.Sim.SetVariants(voxsim.Variants{NoEffect: method})
				r.run()
			})
		})
	}
}

// reissue is a re-issue by an admin.
type reissue struct {
	t         *testing.T
	site      *apptest.Site
	admin     *apptest.Visitor
	before    voxsim.SubuserState
	operation string
}

func newReissue(t *testing.T) *reissue {
	t.Helper()
	site := apptest.NewSite(t, apptest.Options{InMemory: true})
	before, _ := site.Sim.State().Subuser(reissuedLogin)
	return &reissue{t: t, site: site, admin: site.Visit(t, policy.Admin), before: before}
}

func (r *reissue) runWithFault(fault voxsim.Fault) {
	r.t.Helper()
	r.site.Sim.AddFault(fault)
	r.run()
}

// run re-issues, and finishes what was left half done when the vendor carries out every call again.
func (r *reissue) run() {
	r.t.Helper()
	path := fmt.Sprintf("/subusers/%d/re-issue", r.before.ID)
	form := r.admin.Get(path).FormValues(r.t, path)
	form.Set("confirm", reissuedLogin)
	r.operation = form.Get("operation")
	page := r.admin.Post(path, form)
	r.checkPage(page)
	r.site.Reconcile(r.t, 3*time.Hour)
	r.site.Sim.SetVariants(voxsim.Variants{})
	r.admin = r.site.Visit(r.t, policy.Admin) // the session has expired
	r.checkAuditLog()
	r.checkShownPassword(page)
	if r.currentResult() == audit.PartlyApplied {
		r.finish()
	}
}

// exists reports whether a subuser with the login exists, and whether it is the one from before the re-issue.
func (r *reissue) exists() (there, former bool) {
	now, there := r.site.Sim.State().Subuser(reissuedLogin)
	return there, there && now.ID == r.before.ID
}

// checkPage compares the page's heading with the simulator's state at that moment.
func (r *reissue) checkPage(page apptest.Page) {
	r.t.Helper()
	there, former := r.exists()
	heading := page.Find("h1").Text()
	expected := map[string]bool{
		"The access of " + reissuedLogin + " was re-issued": there && !former,
		reissuedLogin + " cannot sign in now":               !there,
		"Re-issue the access of " + reissuedLogin: former &&
			strings.Contains(page.Body, "Nothing was changed"),
		"We do not know yet whether " + reissuedLogin + " can sign in":       true,
		"We do not know yet whether " + reissuedLogin + " was created again": !former,
	}
	if right, known := expected[strings.TrimSpace(heading)]; !known || !right {
		r.t.Errorf("heading %q, status %d; the subuser exists: %v, unchanged: %v", heading, page.Status, there, former)
	}
}

// currentResult returns the operation's latest result, and fails the test while it is open.
func (r *reissue) currentResult() audit.Result {
	r.t.Helper()
	op, err := r.site.AuditLog.Operation(r.t.Context(), r.operation)
	if err != nil || op.Open {
		r.t.Fatalf("the operation is %+v, %v", op, err)
	}
	return op.Result
}

// checkAuditLog compares the audit log and the operation's page with the simulator's state.
func (r *reissue) checkAuditLog() {
	r.t.Helper()
	r.site.CheckAgreement(r.t)
	there, former := r.exists()
	result, page := r.currentResult(), r.admin.Get("/audit/"+r.operation)
	saysCannotSignIn := strings.Contains(page.Body, reissuedLogin+" cannot sign in")
	if saysCannotSignIn == there || (result == audit.PartlyApplied) == there ||
		(result == audit.Applied) != (there && !former) {
		r.t.Errorf(
			"result %s, the page says that they cannot sign in: %v; the subuser exists: %v, unchanged: %v",
			result,
			saysCannotSignIn,
			there,
			former,
		)
	}
}

// checkShownPassword checks that the password on the page is the subuser's, once the result is known.
func (r *reissue) checkShownPassword(page apptest.Page) {
	r.t.Helper()
	shown := page.Find("#f-secret").AttrOr("value", "")
	if shown == "" {
		if r.currentResult() == audit.Applied {
			r.t.Error("the subuser has a new password that no page showed")
		}
		return
	}
	now, there := r.site.Sim.State().Subuser(reissuedLogin)
	if !there {
		return
	}
	request := operations.Request{
		ID:       r.site.Operations.NewID(),
		Operator: apptest.Operator("admin", "demo-admin"),
		Account:  r.site.Account,
	}
	out, err := r.site.Operations.ChangeSubuserPassword(r.t.Context(), operations.ChangeSubuserPassword{
		Request:   request,
		SubuserID: now.ID,
		Current:   config.NewSecret(shown),
	})
	if err != nil || out.Result != audit.Applied {
		r.t.Errorf("the password on the page is not the subuser's: %s, %v", out.Result, err)
	}
}

// finish finishes a re-issue that was left half done, with the link on the operation's page.
func (r *reissue) finish() {
	r.t.Helper()
	link := r.admin.Get("/audit/"+r.operation).Find(`a:contains("Finish re-issue")`).AttrOr("href", "")
	form := r.admin.Get(link).FormValues(r.t, "/subusers/new")
	page := r.admin.Post("/subusers/new", form)
	now, there := r.site.Sim.State().Subuser(reissuedLogin)
	description, _, _ := strings.Cut(now.Description, " [vw:")
	if !there || page.Find("#f-secret").Length() != 1 || !slices.Equal(now.RoleIDs, r.before.RoleIDs) ||
		description != r.before.Description {
		r.t.Errorf("finishing shows %q; the subuser was %+v and is %+v", page.Find("h1").Text(), r.before, now)
	}
	r.site.CheckAgreement(r.t)
	if page := r.admin.Get("/audit/" + r.operation); strings.Contains(page.Body, "cannot sign in") ||
		strings.Contains(page.Body, "Finish re-issue") {
		r.t.Error("the operation's page still says that they cannot sign in")
	}
}
