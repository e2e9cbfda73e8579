package voxsim

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestRequestFormats covers every form in which official clients and published examples send a call.
func TestRequestFormats(t *testing.T) {
	t.Parallel()
	const encoded = "application/x-www-form-urlencoded"
	ids := "role_id=3;7"
	tests := map[string]struct {
		verb, path, contentType string
		body                    func(subuser string) io.Reader
		query                   string
	}{
		"query, raw semicolons, JSON body": {"POST", "/platform_api/SetSubUserRoles", "application/json",
			constantBody("{}"), "subuser_id=%s&" + ids},
		"query, GET, slash":   {"GET", "/platform_api/SetSubUserRoles/", "", nil, "subuser_id=%s&" + ids},
		"query, escaped list": {"GET", "/platform_api/SetSubUserRoles", "", nil, "subuser_id=%s&role_id=3%%3B7"},
		"query, cmd":          {"GET", "/platform_api", "", nil, "cmd=SetSubUserRoles&subuser_id=%s&" + ids},
		"query, cmd, slash":   {"GET", "/platform_api/", "", nil, "cmd=SetSubUserRoles&subuser_id=%s&" + ids},
		"urlencoded": {
			"POST",
			"/platform_api/SetSubUserRoles",
			encoded,
			subuserFormBody("subuser_id=%s&" + ids),
			"",
		},
		"urlencoded with cmd": {
			"POST",
			"/platform_api",
			encoded,
			subuserFormBody("cmd=SetSubUserRoles&subuser_id=%s&role_name=Support;Accountant"),
			"",
		},
		"urlencoded, charset": {
			"POST",
			"/platform_api/SetSubUserRoles",
			encoded + "; charset=utf-8",
			subuserFormBody("subuser_id=%s&" + ids),
			"",
		},
		"method in path and cmd": {
			"POST",
			"/platform_api/SetSubUserRoles",
			encoded,
			subuserFormBody("cmd=SetSubUserRoles&subuser_id=%s&" + ids),
			"",
		},
		"query and body mixed": {"POST", "/platform_api/SetSubUserRoles", encoded, subuserFormBody(ids), "subuser_id=%s"},
		"multipart":            {"POST", "/platform_api/SetSubUserRoles", "multipart", nil, ""},
		"multipart with cmd":   {"POST", "/platform_api", "multipart with cmd", nil, ""},
		"plus and percent signs": {
			"POST",
			"/platform_api/SetSubUserRoles",
			encoded,
			subuserFormBody("subuser%%5Fid=%s&" + ids),
			"",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSim(t, Options{})
			u := subuserNamed(t, s, "trainee_01")
			id := fmt.Sprint(u.ID)
			var content io.Reader
			if strings.HasPrefix(tt.contentType, "multipart") {
				fields := [][2]string{{"subuser_id", id}, {"role_id", "3;7"}}
				if tt.contentType != "multipart" {
					fields = append([][2]string{{"cmd", "SetSubUserRoles"}}, fields...)
				}
				content, tt.contentType = multipartBody(t, fields)
			} else if tt.body != nil {
				content = tt.body(id)
			}
			target := tt.path
			if tt.query != "" {
				target += "?" + strings.ReplaceAll(fmt.Sprintf(tt.query, id), " ", "")
			}
			r := httptest.NewRequest(tt.verb, target, content)
			r.Header.Set("Content-Type", tt.contentType)
			r.Header.Set("Authorization", "Bearer "+ownerCaller(t, s).token(time.Now()))
			if got := serve(t, s, r); got.code() != 0 {
				t.Fatal(got.text)
			}
			if got := subuserNamed(t, s, "trainee_01").RoleIDs; fmt.Sprint(got) != "[3 7]" {
				t.Errorf("roles %v, want [3 7]", got)
			}
		})
	}
}

func constantBody(s string) func(string) io.Reader {
	return func(string) io.Reader { return strings.NewReader(s) }
}

func subuserFormBody(pattern string) func(string) io.Reader {
	return func(id string) io.Reader {
		if !strings.Contains(pattern, "%s") {
			return strings.NewReader(pattern)
		}
		return strings.NewReader(fmt.Sprintf(pattern, id))
	}
}

func multipartBody(t *testing.T, fields [][2]string) (io.Reader, string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, field := range fields {
		if err := w.WriteField(field[0], field[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &b, w.FormDataContentType()
}

// TestRequestFormatsOverNetwork sends chunked bodies of unknown length, which need a real connection.
func TestRequestFormatsOverNetwork(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	some, someType := multipartBody(t, [][2]string{{"cmd", "GetRoles"}, {"group_name", "API"}})
	none, noneType := multipartBody(t, nil)
	tests := map[string]struct {
		path, contentType string
		body              io.Reader
		rows              int
	}{
		"multipart in chunks":       {"/platform_api", someType, io.MultiReader(some), 3},
		"multipart without a field": {"/platform_api/GetRoles", noneType, io.MultiReader(none), len(sampleRoles())},
		"no body at all":            {"/platform_api/GetRoles", "", nil, len(sampleRoles())},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := http.NewRequestWithContext(t.Context(), "POST", server.URL+tt.path, tt.body)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", tt.contentType)
			r.Header.Set("Authorization", "Bearer "+ownerCaller(t, s).token(time.Now()))
			response, err := server.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			content, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			if rows := (body{t: t, text: string(content)}).rows(); len(rows) != tt.rows {
				t.Errorf("%d roles, want %d", len(rows), tt.rows)
			}
		})
	}
}

func TestInvalidRequests(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	tests := map[string]struct {
		target, contentType, body string
		want                      int
	}{
		"no method":             {"/platform_api", "", "", 102},
		"no method, with slash": {"/platform_api/", "", "", 102},
		"unknown method":        {"/platform_api/GetEverything", "", "", 103},
		"method in lower case":  {"/platform_api/getroles", "", "", 103},
		"unknown cmd":           {"/platform_api?cmd=GetEverything", "", "", 103},
		"broken escape":         {"/platform_api/GetRoles?group_name=%zz", "", "", 101},
		"broken escape in name": {"/platform_api/GetRoles?%zz=1", "", "", 101},
		"not UTF-8":             {"/platform_api/GetRoles?group_name=%ff", "", "", 101},
		"multipart cut off": {
			"/platform_api/GetRoles",
			"multipart/form-data; boundary=b",
			"--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx",
			101,
		},
		"multipart, no boundary": {"/platform_api/GetRoles", "multipart/form-data", "x", 101},
		"body too large": {
			"/platform_api/GetRoles",
			"application/x-www-form-urlencoded",
			"a=" + strings.Repeat("b", maxBody),
			101,
		},
		"other output":      {"/platform_api/GetRoles?output=csv", "", "", 105},
		"supported output":  {"/platform_api/GetRoles?output=json", "", "", 0},
		"other account":     {"/platform_api/GetRoles?account_id=1", "", "", 115},
		"own account":       {"/platform_api/GetRoles?account_id=3456750", "", "", 0},
		"unknown parameter": {"/platform_api/GetRoles?colour=blue", "", "", 492},
		"of another method": {"/platform_api/GetRoles?with_roles=true", "", "", 492},
		"empty pairs":       {"/platform_api/GetRoles?&&group_name=API&", "", "", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest("POST", tt.target, strings.NewReader(tt.body))
			r.Header.Set("Content-Type", tt.contentType)
			r.Header.Set("Authorization", "Bearer "+ownerCaller(t, s).token(time.Now()))
			if got := serve(t, s, r).code(); got != tt.want {
				t.Errorf("code %d, want %d", got, tt.want)
			}
		})
	}
}

func TestRepeatedParameterUsesFirstValue(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	u := subuserNamed(t, s, "trainee_01")
	r := httptest.NewRequest(
		"GET",
		fmt.Sprintf("/platform_api/SetSubUserRoles?subuser_id=%d&role_id=3&role_id=7", u.ID),
		nil,
	)
	r.Header.Set("Authorization", "Bearer "+ownerCaller(t, s).token(time.Now()))
	serve(t, s, r)
	if got := subuserNamed(t, s, "trainee_01").RoleIDs; fmt.Sprint(got) != "[3]" {
		t.Errorf("roles %v, want [3], the first value", got)
	}
}

func TestUnsupportedVerbsAndPaths(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	for target, want := range map[string]int{
		"PUT /platform_api/GetRoles": http.StatusMethodNotAllowed,
		"GET /platform_apis":         http.StatusNotFound,
		"GET /":                      http.StatusNotFound,
	} {
		verb, path, _ := strings.Cut(target, " ")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(verb, path, nil))
		if w.Code != want {
			t.Errorf("%s: %d, want %d", target, w.Code, want)
		}
	}
}

// TestMultipartCharsets sends a text as the vendor's Java client does: in a part that declares ISO-8859-1.
func TestMultipartCharsets(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		contentType, text, want string
		code                    int
	}{
		"no type":          {"", "Zo\u00eb", "Zo\u00eb", 0},
		"no charset":       {"text/plain", "Zo\u00eb", "Zo\u00eb", 0},
		"UTF-8":            {`text/plain; charset="UTF-8"`, "Zo\u00eb", "Zo\u00eb", 0},
		"ASCII":            {"text/plain; charset=US-ASCII", "Zoe", "Zoe", 0},
		"ASCII, not":       {"text/plain; charset=US-ASCII", "Zo\xeb", "", 101},
		"ISO-8859-1":       {"text/plain; charset=ISO-8859-1", "Ren\xe9, caf\xe9 \xa3", "Ren\u00e9, caf\u00e9 \u00a3", 0},
		"its lower case":   {"text/plain; charset=iso-8859-1", "\xe9", "\u00e9", 0},
		"latin1":           {"text/plain; charset=latin1", "\xe9", "\u00e9", 0},
		"bytes of no text": {"text/plain", "\xe9", "", 101},
		"unknown charset":  {"text/plain; charset=koi8-r", "x", "", 101},
		"broken type":      {"text/plain; charset", "x", "", 101},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSim(t, Options{})
			u := subuserNamed(t, s, "trainee_01")
			part := "--b\r\nContent-Disposition: form-data; name=\"%s\"\r\n"
			body := fmt.Sprintf(part, "subuser_id") + fmt.Sprintf("\r\n%d\r\n", u.ID) + fmt.Sprintf(part, "description")
			if tt.contentType != "" {
				body += "Content-Type: " + tt.contentType + "\r\nContent-Transfer-Encoding: 8bit\r\n"
			}
			body += "\r\n" + tt.text + "\r\n--b--\r\n"
			r := httptest.NewRequest("POST", "/platform_api/SetSubUserInfo", strings.NewReader(body))
			r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
			r.Header.Set("Authorization", "Bearer "+ownerCaller(t, s).token(time.Now()))
			if got := serve(t, s, r); got.code() != tt.code {
				t.Fatalf("%s, want code %d", got.text, tt.code)
			}
			if got := subuserNamed(t, s, "trainee_01").Description; tt.code == 0 && got != tt.want {
				t.Errorf("description %q, want %q", got, tt.want)
			}
		})
	}
}
