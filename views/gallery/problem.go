package gallery

import (
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

func problemStates() []State {
	state := func(name string, f page.Frame, p page.Problem) State {
		f.Heading = p.Title
		p.RequestID = requestID
		return State{Area: "page", Page: "problem", Name: name, Component: page.ProblemPage(f, p)}
	}
	again := ui.Link{Text: "Try again", Href: "/subusers"}
	home := ui.Link{Text: "Go to the overview", Href: "/"}
	return []State{
		state("401", stranger(""), page.Problem{Status: 401, Title: "Sign in again", Sentences: []string{"Your session has ended. Nothing was changed."}, Actions: []ui.Link{{Text: "Sign in", Href: "/sign-in", NewTab: true}}}),
		state("403", as(frame("", page.NoSection), "Vera Viewer", "viewer"), page.Problem{Status: 403, Title: "You may not do this", Sentences: []string{"Creating subusers needs the dashboard role editor or admin. Ask an admin if you need it."}, Actions: []ui.Link{home}}),
		state("404", frame("", page.NoSection), page.Problem{Status: 404, Title: "There is no such page", Sentences: []string{"The subuser may have been deleted, or the address has a typing error."}, Actions: []ui.Link{{Text: "Go to the list of subusers", Href: "/subusers"}, home}}),
		state("409", frame("", page.Subusers), page.Problem{
			Status: 409, Title: "This form was already sent", Sentences: []string{"This form was already sent once, for zofia_wojcik. Nothing was sent again.", "Look at what became of it. For anything else, open a new form."},
			Actions: []ui.Link{{Text: "See that operation", Href: "/audit/" + operationID}, {Text: "Open a new form", Href: "/subusers/new"}},
		}),
		state("429", frame("", page.Subusers), page.Problem{
			Status: 429, Title: "Voximplant wants fewer requests", Sentences: []string{"The Management API takes no more requests from this account for the moment.", "Wait a moment, then try again."},
			Vendor: &ui.VendorQuote{Method: "GetSubUsers", Code: 340, Text: "Rate limit exceed"}, Refresh: "/subusers", Actions: []ui.Link{home},
		}),
		state("500", frame("", page.NoSection), page.Problem{Status: 500, Title: "Something went wrong in the console", Sentences: []string{"This is a fault of Voxwarden, not yours. If you were changing something, look at the history of its target before you try again."}, Actions: []ui.Link{again, home}}),
		state("502", frame("", page.Subusers), page.Problem{
			Status: 502, Title: "Voximplant does not accept the console's key", Sentences: []string{"The key may have been deleted, or it lacks the role Owner.", "Whoever runs this console must put a valid credentials file in place."},
			Vendor: &ui.VendorQuote{Method: "GetSubUsers", Code: 100, Text: "Authorization failed"}, Refresh: "/subusers?q=anna", Actions: []ui.Link{home},
		}),
		state("504", frame("", page.Subusers), page.Problem{Status: 504, Title: "Voximplant takes too long", Sentences: []string{"It did not answer within 5 seconds."}, Refresh: "/subusers", Actions: []ui.Link{home}}),
	}
}
