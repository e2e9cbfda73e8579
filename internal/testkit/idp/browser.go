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

// NewBrowser returns a client with cookies that follows redirects.
func NewBrowser(t testing.TB) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, Timeout: 20 * time.Second}
}

// SignIn opens an address that begins a sign-in, and submits the login form if it is shown. It returns the response
// after all redirects, and whether the form was shown. The caller must close the body.
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

// SubmitLogin submits the login form on a page, and returns the response after all redirects.
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
