package handlers

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/session"
)

// hostile is a text that tries to break out of a page. Each part closes another context.
const hostile = `javascript:alert(1)//--></title></textarea></style></script>"'><img src=x onerror=alert(1) ` +
	`data-hostile><script data-hostile>alert(1)</script><a href="javascript:alert(1)" ` +
	`data-hostile>` + "\u202e\u0000`${alert(1)}{{7*7}}"

// poison replaces every text that people or the vendor write by this one, at any depth. Ids and enumerations stay.
func poison(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			poison(v.Elem(), text)
		}
	case reflect.Slice:
		for i := range v.Len() {
			poison(v.Index(i), text)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if field.IsExported() &&
				!slices.Contains(
					[]string{
						"ID",
						"OperationID",
						"BulkID",
						"Kind",
						"Tag",
						"RequestID",
						"FormerID",
						"KeyID",
						"RetryOf",
						"Hash",
						"Issuer",
						"Subject",
					},
					field.Name,
				) {
				poison(v.Field(i), text)
			}
		}
	case reflect.String:
		if v.CanSet() && v.Type() == reflect.TypeFor[string]() {
			v.SetString(text)
		}
	}
}

func poisoned[T any](value T, text string) T {
	poison(reflect.ValueOf(&value).Elem(), text)
	return value
}

// hostileIdentity identifies an admin with hostile texts.
type hostileIdentity struct{ text string }

func (i hostileIdentity) Identify(http.ResponseWriter, *http.Request) (operator.Operator, error) {
	o := poisoned(testOperator("admin"), i.text)
	o.Groups = []string{"demo-admin", i.text}
	return o, nil
}

// hostileSite is a site in which every text is hostile.
func hostileSite(t *testing.T) *site {
	t.Helper()
	return siteOfText(t, hostile)
}

// siteOfText is a site in which every text is this one.
func siteOfText(t *testing.T, text string) *site {
	t.Helper()
	s := newSite(t, func(o *Options) { o.Identity = hostileIdentity{text} })
	s.directory.page, s.directory.catalogue = poisoned(s.directory.page, text), poisoned(s.directory.catalogue, text)
	s.directory.keyText = text
	s.bulk.text = text
	for id, subuser := range s.directory.subusers {
		s.directory.subusers[id] = poisoned(subuser, text)
	}
	intent, err := json.Marshal(poisoned(operations.Intent{
		Login:       "x",
		Name:        "x",
		Description: "x",
		Before:      []operations.RoleRef{{ID: 3, Name: "x"}},
		Grant:       []operations.RoleRef{{ID: 2, Name: "x"}},
		Revoke:      []operations.RoleRef{{ID: 3, Name: "x"}},
		Keys:        []operations.KeyRef{{ID: fakeKeyID, Name: "x"}},
	}, text))
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range sampleOperations() {
		op = poisoned(op, text)
		op.Target.Kind, op.Intent = "subuser", intent
		s.auditLog.ops = append(s.auditLog.ops, op)
	}
	s.operations.op = s.auditLog.ops[1]
	s.operations.events = []audit.Event{
		{Kind: audit.IntentEvent, At: noon},
		{
			Kind:   audit.OutcomeEvent,
			At:     noon,
			Result: audit.Unknown,
			Note:   text,
			Source: text,
			Calls:  []audit.Call{{Method: text, Result: audit.Unknown, Code: 2, VendorMessage: text}},
		},
	}
	s.operations.diff = operations.Difference{
		Principal: s.directory.subusers[7],
		Catalogue: s.directory.catalogue,
		Grant:     []string{text},
		Revoke:    []string{text},
		Change:    access.Difference{Grant: []int64{2}, Revoke: []int64{3}},
	}
	s.operations.keys, s.operations.warnings = []access.Principal{
		s.directory.key(),
	}, []operations.Warning{
		operations.WarnKeys,
	}
	s.bulk.change = poisoned(s.bulk.change, text)
	s.sessions.list = []session.Session{
		{
			Hash:      "h",
			Operator:  poisoned(testOperator("admin"), text),
			Address:   text,
			Browser:   text,
			CreatedAt: noon,
			SeenAt:    noon,
		},
	}
	s.sessions.flash = &session.Flash{
		Tone:        "done",
		Text:        text,
		LinkText:    text,
		LinkHref:    text,
		DirectRoles: text,
		ReadAt:      noon,
	}
	return s
}

// hasNoInjection fails the test when an element or an address of the page comes from the hostile text.
func (a *response) hasNoInjection(t *testing.T, where string) {
	t.Helper()
	if !strings.HasPrefix(a.Header().Get("Content-Type"), "text/html") {
		return
	}
	if found := a.doc.Find("[data-hostile]").Length(); found > 0 {
		t.Errorf("%s: %d elements came out of a text: %.2000s", where, found, a.Body.String())
	}
	a.doc.Find("*").Each(func(_ int, element *goquery.Selection) {
		for _, attribute := range element.Nodes[0].Attr {
			value := strings.ToLower(strings.TrimSpace(attribute.Val))
			switch {
			case strings.HasPrefix(attribute.Key, "on") || attribute.Key == "style":
				t.Errorf("%s: the attribute %s", where, attribute.Key)
			case slices.Contains([]string{
				"href", "src", "action", "formaction", "hx-get",
			}, attribute.Key) && strings.HasPrefix(value, "javascript:"):
				t.Errorf("%s: %s leads to %.60s", where, attribute.Key, value)
			}
		}
		if goquery.NodeName(element) == "script" && element.AttrOr("src", "") == "" {
			t.Errorf("%s: a script of its own", where)
		}
	})
}

// TestHostileTexts renders every page with hostile logins, descriptions, role names, operators and reasons, and posts
// every form with such texts.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	shown := 0
	for _, route := range newSite(t).routes() {
		r := routeRequest(route)
		if r.Method == http.MethodPost {
			form := url.Values{"step": {"review"}, "role": {"3"}, "result": {hostile}}
			for _, name := range []string{
				"login", "name", "description", "password", "current", "reason", "confirm", "return", "session", "subject",
				"rows", "operation",
			} {
				form.Set(name, strings.ReplaceAll(hostile, "\u0000", ""))
			}
			r = newPost(r.URL.Path, form)
		} else {
			r.URL.RawQuery = url.Values{
				"q":      {hostile},
				"return": {hostile},
				"role":   {hostile},
				"sort":   {hostile},
				"copy":   {hostile},
				"a":      {"7"},
				"b":      {"8"},
			}.Encode()
		}
		s := hostileSite(t)
		got := s.do("admin", r)
		if got.Code >= 500 {
			t.Errorf("%s: status %d", route, got.Code)
		}
		if strings.Contains(got.Header().Get("Location"), "alert(1)") &&
			!strings.HasPrefix(got.Header().Get("Location"), "/") {
			t.Errorf("%s leads to %s", route, got.Header().Get("Location"))
		}
		got.hasNoInjection(t, route)
		if strings.Contains(got.text(), "onerror=alert(1)") {
			shown++
		}
	}
	if shown < 25 {
		t.Errorf("only %d pages showed the text at all", shown)
	}
}

// TestHostileVendorErrors checks that pages quote the vendor's words safely.
func TestHostileVendorErrors(t *testing.T) {
	t.Parallel()
	trouble := &directory.ReadError{
		Kind:          directory.Refused,
		Method:        hostile,
		Code:          9,
		VendorMessage: hostile,
		Advice:        hostile,
		At:            noon,
	}
	refused := operations.Outcome{
		Result: audit.Refused,
		Advice: hostile,
		Call:   audit.Call{Method: hostile, Code: 9, VendorMessage: hostile},
	}
	quoted := 0
	for _, route := range newSite(t).routes() {
		for name, change := range map[string]func(*site){
			"trouble": func(s *site) {
				s.directory.err, s.operations.formErr, s.operations.err = trouble, trouble, trouble
				s.directory.page.Status.LastError = trouble
			},
			"refused": func(s *site) { s.operations.outcome = poisoned(refused, hostile) },
		} {
			s := hostileSite(t)
			change(s)
			got := s.do("admin", routeRequest(route))
			got.hasNoInjection(t, route+" "+name)
			if strings.Contains(got.text(), "onerror=alert(1)") {
				quoted++
			}
		}
	}
	if quoted < 25 {
		t.Errorf("only %d pages quoted the vendor", quoted)
	}
}

// TestHostileURLs requests ambiguous URLs: each is a page of this console or not found, never an internal error or a
// redirect to another host.
func TestHostileURLs(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		"//evil.example",
		"//evil.example/subusers",
		"/\\evil.example",
		"/%2f%2fevil.example",
		"/%5cevil.example",
		"/subusers/../../etc/passwd",
		"/subusers/%2e%2e/keys",
		"/subusers/7%2f..%2f8",
		"/subusers/7/",
		"/subusers//7",
		"/subusers/07",
		"/subusers/+7",
		"/subusers/7.0",
		"/subusers/-7",
		"/subusers/9223372036854775808",
		"/subusers/7%00",
		"/subusers/７",
		"/keys/../subusers",
		"/keys/" + strings.Repeat("a", 5000),
		"/audit/" + strings.Repeat("%00", 26),
		"/static/../app.go",
		"/static/%2e%2e/go.mod",
		"/static/lib/",
		"/.git/config",
		"/;/subusers",
		"/subusers;a=b",
		"/SUBUSERS",
		"/sign-in/callback?code=x&state=y",
		"/sign-in?return=%00",
		"/subusers?q=%ff%fe&page=-1&page=99999999999999999999",
	} {
		for _, role := range []string{anonymous, "viewer", "admin"} {
			s := newSite(t)
			u, err := url.ParseRequestURI(path)
			if err != nil {
				continue // net/http responds with 400 itself
			}
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.URL, r.RequestURI = u, path
			got := s.do(role, r)
			if got.Code >= 500 {
				t.Errorf("%.60s as %q: status %d", path, role, got.Code)
			}
			location := got.Header().Get("Location")
			if strings.HasPrefix(location, "//") || strings.HasPrefix(location, `/\`) ||
				location != "" && !strings.HasPrefix(location, "/") {
				t.Errorf("%.60s as %q leads to %q", path, role, location)
			}
		}
	}
}
