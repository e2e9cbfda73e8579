package app_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// TestForgedForms sends the form that creates a subuser as another site can make a browser send it: with an admin's
// cookie, and without the token or the headers that only a page of the console has.
func TestForgedForms(t *testing.T) {
	t.Parallel()
	site := apptest.NewSite(t, apptest.Options{})
	visitor, other := site.Visit(t, policy.Admin), site.Visit(t, policy.Admin)
	form := visitor.Get("/subusers/new").FormValues(t, "/subusers/new")
	form.Set("login", "forged_one")
	foreign := other.Get("/subusers/new").FormValues(t, "/subusers/new").Get("token")
	invented := "an_unmasked_token"
	for name, test := range map[string]struct {
		headers []string
		token   string
	}{
		"another site":                              {[]string{"Sec-Fetch-Site", "cross-site"}, form.Get("token")},
		"another site, no token":                    {[]string{"Sec-Fetch-Site", "cross-site"}, ""},
		"another host of the same site":             {[]string{"Sec-Fetch-Site", "same-site"}, form.Get("token")},
		"an old browser, from another site":         {[]string{"Origin", "https://evil.example"}, form.Get("token")},
		"a sandboxed frame":                         {[]string{"Origin", "null"}, form.Get("token")},
		"the console's host on another port":        {[]string{"Origin", "http://127.0.0.1:1"}, form.Get("token")},
		"no headers, no token":                      {nil, ""},
		"no headers, a token of another session":    {nil, foreign},
		"no headers, an invented token":             {nil, invented},
		"same origin, no token":                     {[]string{"Sec-Fetch-Site", "same-origin"}, ""},
		"same origin, a token of another session":   {[]string{"Sec-Fetch-Site", "same-origin"}, foreign},
		"typed in the address bar, without a token": {[]string{"Sec-Fetch-Site", "none"}, ""},
	} {
		sent := url.Values{}
		for field, values := range form {
			sent[field] = values
		}
		sent.Set("token", test.token)
		address := site.URL + "/subusers/new?token=" + url.QueryEscape(form.Get("token"))
		request, err := http.NewRequest(http.MethodPost, address, strings.NewReader(sent.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		request.Header = visitor.Cookie()
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for i := 0; i+1 < len(test.headers); i += 2 {
			request.Header.Set(test.headers[i], test.headers[i+1])
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusForbidden || !strings.Contains(string(body), "Nothing was changed") {
			t.Errorf("%s: status %d", name, answer.StatusCode)
		}
	}
	if ledger := site.Sim.Ledger(); len(ledger) != 0 {
		t.Errorf("%d changes were made", len(ledger))
	}
	if page := visitor.Post("/subusers/new", form); page.Status != http.StatusOK || len(site.Sim.Ledger()) != 1 {
		t.Errorf("the form with its own token: status %d", page.Status)
	}
}
