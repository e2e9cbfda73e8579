package app_test

import (
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
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
	request := operations.Request{
		Operator: operator.Operator{Issuer: "test", Subject: "ada", Name: "Ada", Groups: []string{"demo-admin"}},
		Account:  site.Account,
	}
	form, err := other.Operations.NewForm(t.Context(), request.Operator, site.Account, access.Subuser)
	if err != nil {
		t.Fatal(err)
	}
	request.ID = form.ID
	out, err := other.Operations.CreateSubuser(t.Context(), operations.CreateSubuser{Request: request, Login: "newcomer"})
	if err != nil || out.Result != audit.Applied {
		t.Fatalf("%+v, %v", out, err)
	}
	if found := listed(); found != 1 {
		t.Errorf("the list shows %d new subusers, want 1", found)
	}
}
