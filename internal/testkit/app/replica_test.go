package app_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/PuerkitoBio/goquery"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/drift"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// TestListShowsChangeOfOtherReplica lists the subusers on one replica after another has created one.
func TestListShowsChangeOfOtherReplica(t *testing.T) {
	t.Parallel()
	site := apptest.NewSite(t, apptest.Options{Company: voxsim.SmallCompany(), Database: storetest.Postgres(t)})
	other, stop := site.Replica()
	defer stop()
	visitor := site.Visit(t, policy.Admin)
	listed := func() int {
		return visitor.Get("/subusers?q=newcomer").
			Find(`#results a[href^="/subusers/"]`).
			FilterFunction(func(_ int, a *goquery.Selection) bool { return a.Text() == "newcomer" }).
			Length()
	}
	if listed() != 0 {
		t.Fatal("the subuser is listed before it is created")
	}
	createSubuser(t, other, "newcomer")
	if found := listed(); found != 1 {
		t.Errorf("the list shows %d new subusers, want 1", found)
	}
}

// requestOf returns a request of an operator with all permissions.
func requestOf(w *apptest.World, name string) operations.Request {
	return operations.Request{
		Operator: operator.Operator{Issuer: "test", Subject: name, Name: name, Groups: []string{"demo-admin"}},
		Account:  w.Account,
		Reason:   "Agreed with " + name,
	}
}

func createSubuser(t *testing.T, w *apptest.World, login string) {
	t.Helper()
	request := requestOf(w, "Grace")
	form, err := w.Operations.NewForm(t.Context(), request.Operator, w.Account, access.Subuser)
	if err != nil {
		t.Fatal(err)
	}
	request.ID = form.ID
	out, err := w.Operations.CreateSubuser(t.Context(), operations.CreateSubuser{Request: request, Login: login})
	if err != nil || out.Result != audit.Applied {
		t.Fatalf("%+v, %v", out, err)
	}
}

// TestPagesShowEventsOfOtherReplica changes something through one replica after another one has shown its pages several
// times. The next page of that one shows the change.
func TestPagesShowEventsOfOtherReplica(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		synctest.Test(t, func(t *testing.T) {
			company := voxsim.SmallCompany()
			site := apptest.NewSite(t, apptest.Options{Company: company, Database: url, InMemory: true})
			other, stop := site.Replica()
			defer stop()
			admin := site.Visit(t, policy.Admin)
			site.Refresh(t)
			other.Refresh(t)
			drifted := func(name string) drift.Finding {
				change := voxsim.ExternalChange{
					Kind:        voxsim.ExternalUpdateKey,
					KeyID:       company.Keys[2].ID,
					Name:        name,
					Description: company.Keys[2].Description,
				}
				if err := other.Sim.ApplyExternal(change); err != nil {
					t.Fatal(err)
				}
				other.Refresh(t)
				found, err := other.Drift.Findings(t.Context(), other.Account)
				if err != nil || len(found) != 1 {
					t.Fatalf("%d findings, %v", len(found), err)
				}
				return found[0]
			}
			const warning = "The database was changed outside Voxwarden"
			for _, step := range []struct {
				change func()
				path   string
				shown  string // afterwards and not before
			}{
				{func() { createSubuser(t, other, "newcomer") }, "/", "newcomer"},
				{func() { drifted("robot_one") }, "/", "1 change was made outside"},
				{func() { drifted("robot_two") }, "/drift", "robot_two"},
				{func() {
					finding := drifted("robot_three")
					if _, err := other.Drift.Accept(t.Context(), requestOf(other, "Linus"), finding.ID); err != nil {
						t.Fatal(err)
					}
				}, "/drift", "Accepted by Linus"},
				{func() { createSubuser(t, other, "second_newcomer") }, "/audit", "second_newcomer"},
				{func() {
					if err := other.AuditLog.Note(t.Context(), audit.MismatchFound{Account: other.Account}); err != nil {
						t.Fatal(err)
					}
				}, "/bulk", warning},
			} {
				for range 3 {
					if strings.Contains(admin.Get(step.path).Body, step.shown) {
						t.Fatalf("%s shows %q too early", step.path, step.shown)
					}
				}
				step.change()
				if page := admin.Get(step.path); !strings.Contains(page.Body, step.shown) {
					t.Errorf("%s does not show %q:\n%s", step.path, step.shown, page.Find("main").Text())
				}
			}
			if !strings.Contains(admin.Get("/audit").Find("datalist").Text(), "Grace") {
				t.Error("the audit log does not suggest the operator of another replica")
			}
		})
	})
}
