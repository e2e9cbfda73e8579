package apptest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// forgetful is whose access is issued again.
const forgetful = "lukasz_wisniew"

// TestTheReissuePagesSayWhatThePersonHas lets each step of a re-issue fail in each way. What the page says at once, and
// what the operation's page says once all is settled, is compared with what the vendor has; what was left half done is
// then finished by the link on the page.
func TestTheReissuePagesSayWhatThePersonHas(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"DelSubUser", "AddSubUser"} {
		for _, fault := range voxsim.AllFaultKinds() {
			t.Run(fmt.Sprintf("%s on %s", fault, method), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					newReissue(t).goesWrong(voxsim.Fault{Method: method, Kind: fault, Delay: 8 * time.Second})
				})
			})
		}
	}
}

// reissue is one re-issue as an admin sees it.
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
	before, _ := site.Sim.State().Subuser(forgetful)
	return &reissue{t: t, site: site, admin: site.Visit(t, policy.Admin), before: before}
}

func (r *reissue) goesWrong(fault voxsim.Fault) {
	r.t.Helper()
	path := fmt.Sprintf("/subusers/%d/re-issue", r.before.ID)
	form := r.admin.Get(path).Fill(r.t, path)
	form.Set("confirm", forgetful)
	r.operation = form.Get("operation")
	r.site.Sim.AddFault(fault)
	page := r.admin.Post(path, form)
	r.pageIsTrue(page)
	r.site.Settle(r.t, 3*time.Hour)
	r.admin = r.site.Visit(r.t, policy.Admin) // no session lasts that long
	r.recordIsTrue()
	r.handedOver(page)
	if r.result() == audit.PartlyApplied {
		r.finishes()
	}
}

// exists says whether the person is there, and whether as the former subuser.
func (r *reissue) exists() (there, former bool) {
	now, there := r.site.Sim.State().Subuser(forgetful)
	return there, there && now.ID == r.before.ID
}

// pageIsTrue compares what the page says, by its heading, with what the vendor has at that moment.
func (r *reissue) pageIsTrue(page apptest.Page) {
	r.t.Helper()
	there, former := r.exists()
	said := page.Find("h1").Text()
	truth := map[string]bool{
		"The access of " + forgetful + " was issued again": there && !former,
		forgetful + " cannot sign in now":                  !there,
		"Re-issue the access of " + forgetful: former &&
			strings.Contains(page.Body, "Nothing was changed"),
		"We do not know yet whether " + forgetful + " can sign in":       true,
		"We do not know yet whether " + forgetful + " was created again": !former,
	}
	if right, known := truth[strings.TrimSpace(said)]; !known || !right {
		r.t.Errorf("the page says %q (%d); they exist: %v, as before: %v", said, page.Status, there, former)
	}
}

// result is the record's last word.
func (r *reissue) result() audit.Result {
	r.t.Helper()
	op, err := r.site.Record.Operation(r.t.Context(), r.operation)
	if err != nil || op.Open {
		r.t.Fatalf("the record has %+v, %v", op, err)
	}
	return op.Result
}

// recordIsTrue compares the record and the operation's page with what the vendor has.
func (r *reissue) recordIsTrue() {
	r.t.Helper()
	r.site.CheckAgreement(r.t)
	there, former := r.exists()
	result, page := r.result(), r.admin.Get("/audit/"+r.operation)
	lost := strings.Contains(page.Body, forgetful+" cannot sign in")
	if lost == there || (result == audit.PartlyApplied) == there || (result == audit.Applied) != (there && !former) {
		r.t.Errorf(
			"the record says %s, and that they cannot sign in: %v; they exist: %v, as before: %v",
			result,
			lost,
			there,
			former,
		)
	}
}

// handedOver checks a password that the page showed against what the vendor has, once that is known.
func (r *reissue) handedOver(page apptest.Page) {
	r.t.Helper()
	shown := page.Find("#f-secret").AttrOr("value", "")
	if shown == "" {
		if r.result() == audit.Applied {
			r.t.Error("they have a new password that nobody was shown")
		}
		return
	}
	now, there := r.site.Sim.State().Subuser(forgetful)
	if !there {
		return
	}
	act := operations.Act{
		ID:       r.site.Operations.NewID(),
		Operator: apptest.Operator("admin", "demo-admin"),
		Account:  r.site.Account,
	}
	out, err := r.site.Operations.ChangeSubuserPassword(r.t.Context(), operations.ChangeSubuserPassword{
		Act: act, SubuserID: now.ID, Current: config.NewSecret(shown),
	})
	if err != nil || out.Result != audit.Applied {
		r.t.Errorf("the password on the page is not theirs: %s, %v", out.Result, err)
	}
}

// finishes follows the link of a re-issue that was left half done.
func (r *reissue) finishes() {
	r.t.Helper()
	link := r.admin.Get("/audit/"+r.operation).Find(`a:contains("Finish re-issue")`).AttrOr("href", "")
	form := r.admin.Get(link).Fill(r.t, "/subusers/new")
	page := r.admin.Post("/subusers/new", form)
	now, there := r.site.Sim.State().Subuser(forgetful)
	description, _, _ := strings.Cut(now.Description, " [vw:")
	if !there || page.Find("#f-secret").Length() != 1 || !slices.Equal(now.RoleIDs, r.before.RoleIDs) ||
		description != r.before.Description {
		r.t.Errorf("finishing shows %q; they were %+v and are %+v", page.Find("h1").Text(), r.before, now)
	}
	r.site.CheckAgreement(r.t)
	if page := r.admin.Get("/audit/" + r.operation); strings.Contains(page.Body, "cannot sign in") ||
		strings.Contains(page.Body, "Finish re-issue") {
		r.t.Error("the operation's page still says that they cannot sign in")
	}
}
