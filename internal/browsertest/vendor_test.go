package browsertest

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// requestID is how a page tells its request's id.
var requestID = regexp.MustCompile(`request [a-z2-7]{16}\b`)

// TestVendorTrouble: every way in which the vendor fails has a page of its own words and a request id; the list that
// was read before is still there.
func TestVendorTrouble(t *testing.T) {
	t.Parallel()
	troubles := map[string]struct {
		fault  voxsim.Fault
		down   bool
		title  string
		status int
	}{
		"down": {down: true, title: "Voximplant cannot be reached", status: http.StatusBadGateway},
		"slow": {
			fault:  voxsim.Fault{Kind: voxsim.HangBeforeCommit},
			title:  "Voximplant does not answer",
			status: http.StatusGatewayTimeout,
		},
		"rate-limiting": {
			fault:  voxsim.Fault{Kind: voxsim.Refuse, Code: 340},
			title:  "Voximplant wants fewer requests",
			status: http.StatusTooManyRequests,
		},
		"HTML": {
			fault:  voxsim.Fault{Kind: voxsim.HTMLBody},
			title:  "Voximplant's answer cannot be read",
			status: http.StatusBadGateway,
		},
		"key refused": {
			fault:  voxsim.Fault{Kind: voxsim.Refuse, Code: 100},
			title:  "Voximplant refuses this console's key",
			status: http.StatusServiceUnavailable,
		},
	}
	for name, trouble := range troubles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bothWays(t, func(t *testing.T, js bool) {
				site := apptest.NewSite(t, apptest.Options{})
				p := newPerson(t, site, js).signedIn(policy.Editor, "/subusers?q=novakova")
				p.sees("anna_novakova")
				if trouble.down {
					site.VendorDown()
				}
				trouble.fault.Count = -1
				site.Sim.AddFault(trouble.fault)

				p.press("link", "anna_novakova")
				p.at(trouble.title)
				p.answered(trouble.status)
				if !requestID.MatchString(p.words()) {
					t.Errorf("the page tells no request id: %s", p.words())
				}
				p.find("button", "Try again")
				p.back()
				p.at("Subusers")
				p.sees("anna_novakova")
				if trouble.status == http.StatusGatewayTimeout {
					return // reading the list anew takes as long once more
				}
				p.press("button", "Refresh")
				p.sees(trouble.title, "What you see was read at", "anna_novakova")
			})
		})
	}
}

// TestVendorDownFromTheStart: with nothing read yet, the list says what happened and offers to try again.
func TestVendorDownFromTheStart(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		site.Sim.AddFault(voxsim.Fault{Kind: voxsim.Refuse, Code: 100, Count: -1})
		p := newPerson(t, site, js).signedIn(policy.Editor, "/subusers")
		p.at("Voximplant refuses this console's key")
		p.sees("code 100")
		site.Sim.ClearFaults()
		p.press("button", "Try again")
		p.sees("1–40 of 40")
	})
}

// TestFormSurvivesTrouble: the vendor fails while a change is reviewed; the way back leads to the form with its ticks.
func TestFormSurvivesTrouble(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		const login = "inigo_munoz"
		site := apptest.NewSite(t, apptest.Options{})
		p := newPerson(t, site, js).signedIn(policy.Editor, pathOf(t, site, login, "/roles"))
		p.at("Roles of " + login)
		p.press("checkbox", "Payer")
		site.Sim.AddFault(voxsim.Fault{Kind: voxsim.Refuse, Code: 100, Count: -1})
		p.press("button", "Review changes")
		p.at("Voximplant refuses this console's key")
		p.sees("Nothing was changed.")
		site.Sim.ClearFaults()
		p.press("link", "Back to the form, with your ticks")
		p.at("Roles of " + login)
		if !p.find("checkbox", "Payer").is("checked") {
			t.Error("the tick was lost")
		}
		p.wrote(0)
	})
}
