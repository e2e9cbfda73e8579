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
	signIn := ui.Link{Text: "Try again", Href: "/sign-in?return=/subusers/2214"}
	again := ui.Link{Text: "Try again", Href: "/subusers"}
	home := ui.Link{Text: "Go to the overview", Href: "/"}
	return []State{
		state(
			"401",
			signedOutFrame(""),
			page.Problem{
				Status:    401,
				Title:     "Sign in again",
				Sentences: []string{"Your session has ended. Nothing was changed."},
				Actions:   []ui.Link{{Text: "Sign in", Href: "/sign-in", NewTab: true}},
			},
		),
		state(
			"403",
			asOperator(frame("", page.NoSection), "Vera Viewer", "viewer"),
			page.Problem{
				Status:    403,
				Title:     "You may not do this",
				Sentences: []string{"Creating subusers needs the dashboard role editor or admin. Ask an admin if you need it."},
				Actions:   []ui.Link{home},
			},
		),
		state(
			"404",
			frame("", page.NoSection),
			page.Problem{
				Status:    404,
				Title:     "There is no such page",
				Sentences: []string{"The subuser may have been deleted, or the address has a typing error."},
				Actions:   []ui.Link{{Text: "Go to the list of subusers", Href: "/subusers"}, home},
			},
		),
		state("409", frame("", page.Subusers), page.Problem{
			Status: 409,
			Title:  "This form was already sent",
			Sentences: []string{
				"This form was already sent once, for zofia_wojcik. Nothing was sent again.",
				"Look at what became of it. For anything else, open a new form.",
			},
			Actions: []ui.Link{
				{Text: "See that operation", Href: "/audit/" + operationID},
				{Text: "Open a new form", Href: "/subusers/new"},
			},
		}),
		state("429", frame("", page.Subusers), page.Problem{
			Status: 429,
			Title:  "Voximplant wants fewer requests",
			Sentences: []string{
				"The Management API takes no more requests from this account for the moment.",
				"Wait a moment, then try again.",
			},
			Vendor:  page.VendorQuote("GetSubUsers", 340, "Rate limit exceed"),
			Refresh: "/subusers",
			Actions: []ui.Link{home},
		}),
		state(
			"500",
			frame("", page.NoSection),
			page.Problem{
				Status: 500,
				Title:  "Something went wrong in the console",
				Sentences: []string{
					"This is a fault of Voxwarden, not yours. If you were changing something, look at the history of its target " +
						"before you try again.",
				},
				Actions: []ui.Link{again, home},
			},
		),
		state("502", frame("", page.Subusers), page.Problem{
			Status: 502,
			Title:  "Voximplant does not accept the console's key",
			Sentences: []string{
				"The key may have been deleted, or it lacks the role Owner.",
				"Whoever runs this console must put a valid credentials file in place.",
			},
			Vendor: page.VendorQuote(
				"GetSubUsers",
				100,
				"Authorization failed",
			),
			Refresh: "/subusers?q=anna",
			Actions: []ui.Link{home},
		}),
		state(
			"504",
			frame("", page.Subusers),
			page.Problem{
				Status:    504,
				Title:     "Voximplant takes too long",
				Sentences: []string{"It did not answer within 5 seconds."},
				Refresh:   "/subusers",
				Actions:   []ui.Link{home},
			},
		),
		state(
			"sign-in-away",
			signedOutFrame(""),
			page.Problem{
				Status: 503,
				Title:  "The sign-in service cannot be reached",
				Sentences: []string{
					"Your company's sign-in service does not answer, so nobody can be signed in for now.",
					"Try again in a moment. If it stays like this, tell the people who run this console.",
				},
				Actions: []ui.Link{signIn},
			},
		),
		state(
			"keys-away",
			signedOutFrame(""),
			page.Problem{
				Status: 503,
				Title:  "Your sign-in cannot be checked",
				Sentences: []string{
					"The proxy told who you are, but the keys that prove it cannot be fetched right now.",
					"Try again in a moment. If it stays like this, tell the people who run this console.",
				},
				Actions: []ui.Link{again},
			},
		),
		state(
			"sign-in-refused",
			signedOutFrame(""),
			page.Problem{
				Status: 403,
				Title:  "You could not be signed in",
				Sentences: []string{
					"What came back from the sign-in service does not prove who you are: it may be too old, or it was opened a " +
						"second time. Nobody was signed in.",
					"Try again. If it happens again, tell the people who run this console the request id below.",
				},
				Actions: []ui.Link{signIn},
			},
		),
		state(
			"assertion-refused",
			signedOutFrame(""),
			page.Problem{
				Status: 401,
				Title:  "Your sign-in was not accepted",
				Sentences: []string{
					"What the proxy in front of this console sent along does not prove who you are.",
					"Open the console through your company's address. If that is what you did, tell the people who run this " +
						"console the request id below.",
				},
			},
		),
		state(
			"no-assertion",
			signedOutFrame(""),
			page.Problem{
				Status: 401,
				Title:  "Open the console through your company's address",
				Sentences: []string{
					"This request came without word of who you are. That is added on the way, by the proxy that your company put " +
						"in front of this console.",
					"Use the address that you were given. If that is what you did, tell the people who run this console the " +
						"request id below.",
				},
			},
		),
		state(
			"confirm",
			frame("", page.Subusers),
			page.Problem{
				Status: 401,
				Title:  "Confirm that it is you",
				Sentences: []string{
					"This asks for a sign-in within the last 5 minutes. Nothing was changed.",
					"Confirm in a new tab, then come back here and send your form again: what you typed is still on the page you " +
						"came from.",
				},
				Actions: []ui.Link{{Text: "Confirm", Href: "/sign-in?again=1", NewTab: true}},
			},
		),
		state(
			"no-role",
			noRoleFrame(""),
			page.Problem{
				Status: 403,
				Title:  "You have no role here yet",
				Sentences: []string{
					"You are signed in, but nobody has given you a role in this console, so there is nothing to see yet.",
					"Open your sign-in: it says what to send the people who run this console.",
				},
				Actions: []ui.Link{{Text: "Your sign-in", Href: "/me"}},
			},
		),
	}
}
