package idp

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
)

// NewBrowser answers a client that keeps cookies and follows redirects, as a browser does.
func NewBrowser(t testing.TB) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, Timeout: 20 * time.Second}
}

// SignIn goes to an address that begins a sign-in, fills in the login form if one is shown, and answers what came
// at the end of all redirects, and whether the form was shown. The caller closes the body.
func SignIn(
	t testing.TB,
	browser *http.Client,
	address, username, password string,
) (response *http.Response, formShown bool) {
	t.Helper()
	response, err := browser.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	if response.Request.URL.Path != "/login" {
		return response, false
	}
	return SubmitLogin(t, browser, response, username, password), true
}

// SubmitLogin fills in the login form that a response shows, and answers what came of it.
func SubmitLogin(
	t testing.TB,
	browser *http.Client,
	loginPage *http.Response,
	username, password string,
) *http.Response {
	t.Helper()
	page, err := goquery.NewDocumentFromReader(loginPage.Body)
	if err != nil {
		t.Fatal(err)
	}
	_ = loginPage.Body.Close()
	id, _ := page.Find(`input[name="id"]`).Attr("value")
	action, err := loginPage.Request.URL.Parse("/login")
	if err != nil {
		t.Fatal(err)
	}
	values := url.Values{"id": {id}, "username": {username}, "password": {password}}
	response, err := browser.Post(action.String(), "application/x-www-form-urlencoded", strings.NewReader(values.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	return response
}
