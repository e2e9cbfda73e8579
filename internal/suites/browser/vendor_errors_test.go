package browser

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// requestIDPattern matches the request id that an error page shows.
var requestIDPattern = regexp.MustCompile(`ask for help: [a-z2-7]{16}\b`)

// TestVendorErrors: each kind of vendor failure has its own page with a request id. The list from before is still
// shown.
func TestVendorErrors(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		fault  voxsim.Fault
		down   bool
		title  string
		status int
	}{
		"down": {down: true, title: "Voximplant cannot be reached", status: http.StatusBadGateway},
		"slow": {
			fault:  voxsim.Fault{Kind: voxsim.HangBeforeCommit},
			title:  "Voximplant does not respond",
			status: http.StatusGatewayTimeout,
		},
		"rate-limiting": {
			fault:  voxsim.Fault{Kind: voxsim.Refuse, Code: 340},
			title:  "Voximplant's rate limit is reached",
			status: http.StatusTooManyRequests,
		},
		"HTML": {
			fault:  voxsim.Fault{Kind: voxsim.HTMLBody},
			title:  "Voximplant's response cannot be read",
			status: http.StatusBadGateway,
		},
		"key refused": {
			fault:  voxsim.Fault{Kind: voxsim.Refuse, Code: 100},
			title:  "Voximplant refuses the console key",
			status: http.StatusServiceUnavailable,
		},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withAndWithoutJS(t, func(t *testing.T, js bool) {
				site := apptest.NewSite(t, apptest.Options{})
				p := newTestPage(t, site, js).signInAs(policy.Editor, "/subusers?q=novakova")
				p.expectText("anna_novakova")
				if test.down {
					site.VendorDown()
				}
				test.fault.Count = -1
				site.Sim.AddFault(test.fault)

				p.press("link", "anna_novakova")
				p.expectHeading(test.title)
				p.expectStatus(test.status)
				if !requestIDPattern.MatchString(p.visibleText()) {
					t.Errorf("the page shows no request id: %s", p.visibleText())
				}
				p.find("button", "Try again")
				p.back()
				p.expectHeading("Subusers")
				p.expectText("anna_novakova")
				if test.status == http.StatusGatewayTimeout {
					return // a refresh would take as long again
				}
				p.press("button", "Refresh")
				p.expectText(test.title, "The data below was read at", "anna_novakova")
			})
		})
	}
}

// TestVendorDownAtStart: when the first listing fails, the list shows the error and offers to try again.
func TestVendorDownAtStart(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		site.Sim.AddFault(voxsim.Fault{Kind: voxsim.Refuse, Code: 100, Count: -1})
		p := newTestPage(t, site, js).signInAs(policy.Editor, "/subusers")
		p.expectHeading("Voximplant refuses the console key")
		p.expectText("code 100")
		site.Sim.ClearFaults()
		p.press("button", "Try again")
		p.expectText("1–40 of 40")
	})
}

// TestFormKeptAfterVendorError: when the vendor fails during a review, the page links back to the form with its ticks.
func TestFormKeptAfterVendorError(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		const login = "inigo_munoz"
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Editor, subuserPath(t, site, login, "/roles"))
		p.expectHeading("Roles of " + login)
		p.press("checkbox", "Payer")
		site.Sim.AddFault(voxsim.Fault{Kind: voxsim.Refuse, Code: 100, Count: -1})
		p.press("button", "Review changes")
		p.expectHeading("Voximplant refuses the console key")
		p.expectText("Nothing was changed.")
		site.Sim.ClearFaults()
		p.press("link", "Back to the form with your selection")
		p.expectHeading("Roles of " + login)
		if !p.find("checkbox", "Payer").is("checked") {
			t.Error("Payer is no longer ticked")
		}
		p.expectWrites(0)
	})
}
