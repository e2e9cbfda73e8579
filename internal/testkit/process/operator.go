package process

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"
)

// FormType is the type of a form's content without files.
const FormType = "application/x-www-form-urlencoded"

// Operator is an admin with a browser. Its requests have the headers of a proxy that signs in.
type Operator struct {
	Name   string
	client http.Client
}

// NewOperator returns an admin with this name. A request ends with an error after the timeout.
func NewOperator(name string, timeout time.Duration) *Operator {
	jar, _ := cookiejar.New(nil) // never fails without options
	return &Operator{
		Name: name,
		client: http.Client{
			// Without keep-alive, because http.Client sends a request again when a kept connection of a killed console fails.
			Transport:     &http.Transport{DisableKeepAlives: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Jar:           jar,
			Timeout:       timeout,
		},
	}
}

// Submit sends a form, or gets a page with an empty one, and returns the page that it leads to. It follows no redirect.
func (o *Operator) Submit(method, address, path string, form url.Values) (*goquery.Document, *http.Response, error) {
	return o.Send(method, address, path, FormType, strings.NewReader(form.Encode()))
}

// Send is Submit with content of any type.
func (o *Operator) Send(
	method, address, path, contentType string,
	body io.Reader,
) (*goquery.Document, *http.Response, error) {
	request, err := http.NewRequest(method, "http://"+address+path, body)
	if err != nil {
		return nil, nil, err
	}
	request.Header.Set("Remote-User", o.Name)
	request.Header.Set("Remote-Groups", "admins")
	if method == http.MethodPost {
		request.Header.Set("Content-Type", contentType)
		request.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	response, err := o.client.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	page, err := goquery.NewDocumentFromReader(response.Body)
	return page, response, err
}

// FormValues returns what a browser sends of a form as the page shows it.
func FormValues(page *goquery.Document, action string) url.Values {
	values := url.Values{}
	form := page.Find(`form[method=post]`).FilterFunction(func(_ int, form *goquery.Selection) bool {
		return strings.TrimSuffix(form.AttrOr("action", ""), "?sent") == action
	}).First()
	form.Find("input[name], textarea[name]").Each(func(_ int, field *goquery.Selection) {
		kind := field.AttrOr("type", "")
		_, checked := field.Attr("checked")
		if kind == "file" || (kind == "checkbox" || kind == "radio") && !checked {
			return
		}
		values.Add(field.AttrOr("name", ""), field.AttrOr("value", field.Text()))
	})
	return values
}
