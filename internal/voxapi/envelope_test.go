package voxapi

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// A response to a write, the kind of its error, and the reported code.
func TestWriteResponses(t *testing.T) {
	t.Parallel()
	page := newHTTPResponse
	tests := map[string]struct {
		response *http.Response
		kind     Kind
		code     int
	}{
		"error":                      {newJSONResponse(`{"error":{"code":434,"msg":"m"}}`), Refused, 434},
		"error without a message":    {newJSONResponse(`{"error":{"code":434}}`), Refused, 434},
		"code as a string":           {newJSONResponse(`{"error":{"code":"434","msg":null}}`), Refused, 434},
		"errors":                     {newJSONResponse(`{"errors":[{"code":435,"msg":"m"}]}`), Refused, 435},
		"errors, one object":         {newJSONResponse(`{"errors":{"code":435,"msg":"m"}}`), Refused, 435},
		"errors, all refusals":       {newJSONResponse(`{"errors":[{"code":435},{"code":440}]}`), Refused, 435},
		"errors, one after a commit": {newJSONResponse(`{"errors":[{"code":435},{"code":2}]}`), Unknown, 2},
		"errors, one not listed":     {newJSONResponse(`{"errors":[{"code":777},{"code":435}]}`), Unknown, 777},
		"error and errors":           {newJSONResponse(`{"error":{"code":434},"errors":[{"code":4}]}`), Unknown, 4},
		"token refused, and more":    {newJSONResponse(`{"errors":[{"code":456},{"code":2}]}`), Unknown, 2},
		"error and result null":      {newJSONResponse(`{"error":{"code":434},"result":null}`), Refused, 434},
		"error and result 0":         {newJSONResponse(`{"error":{"code":434},"result":0}`), Refused, 434},
		"error and result 1":         {newJSONResponse(`{"result":1,"error":{"code":434}}`), Unknown, 434},
		"error with code 0":          {newJSONResponse(`{"error":{"code":0},"result":1}`), Unknown, 0},
		"error without code":         {newJSONResponse(`{"error":{"msg":"no"}}`), Unknown, 0},
		"error is a string":          {newJSONResponse(`{"error":"no"}`), Unknown, 0},
		"error is true":              {newJSONResponse(`{"error":true,"result":1}`), Unknown, 0},
		"errors holds null":          {newJSONResponse(`{"errors":[null],"result":1}`), Unknown, 0},
		"error twice, once null":     {newJSONResponse(`{"error":{"code":435},"error":null,"result":1}`), Unknown, 0},
		"result twice":               {newJSONResponse(`{"result":0,"result":1}`), Unknown, 0},
		"trailing comma":             {newJSONResponse(`{"result":1,}`), Unknown, 0},
		"trailing object":            {newJSONResponse(`{"result":1}{}`), Unknown, 0},
		"a list":                     {newJSONResponse(`[1]`), Unknown, 0},
		"null":                       {newJSONResponse(`null`), Unknown, 0},
		"almost 1":                   {newJSONResponse(`{"result":1.5}`), Unknown, 0},
		"cut off":                    {newJSONResponse(`{"result":`), Unknown, 0},
		"empty":                      {newJSONResponse(``), Unknown, 0},
		"HTML as HTML":               {page(200, "text/html", `<p>{"result":1}`), Unknown, 0},
		"JSON as HTML":               {page(200, "text/html", `{"result":1}`), Unknown, 0},
		"JSON without content type":  {page(200, "", `{"result":1}`), Unknown, 0},
		"error without content type": {page(200, "", `{"error":{"code":434}}`), Unknown, 0},
		"HTTP 201":                   {page(201, "application/json", `{"result":1}`), Unknown, 0},
		"HTTP 302":                   {page(302, "text/html", ``), Unknown, 0},
		"HTTP 400 with a refusal":    {page(400, "application/json", `{"error":{"code":434}}`), Refused, 434},
		"HTTP 401 with a refusal":    {page(401, "application/json", `{"error":{"code":100}}`), Refused, 100},
		"HTTP 400 after a commit":    {page(400, "application/json", `{"error":{"code":2}}`), Unknown, 2},
		"HTTP 403 of a gateway":      {page(403, "application/json", `{"error":{"code":403}}`), Unknown, 0},
		"HTTP 500 with a refusal":    {page(500, "application/json", `{"error":{"code":434}}`), Unknown, 0},
		"HTTP 401":                   {page(401, "application/json", `{}`), Unknown, 0},
		"HTTP 403":                   {page(403, "text/html", `no`), Unknown, 0},
		"HTTP 429":                   {page(429, "text/plain", `slow down`), Unknown, 0},
		"HTTP 500":                   {page(500, "application/json", `{"result":1}`), Unknown, 0},
		"HTTP 502":                   {page(502, "text/html", `<html>`), Unknown, 0},
		"larger than 8 MiB":          {newJSONResponse(`{"result":1,"x":"` + strings.Repeat("x", 8<<20) + `"}`), Unknown, 0},
		"larger than 8 MiB in space": {newJSONResponse(`{"result":1}` + strings.Repeat(" ", 8<<20)), Unknown, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status := test.response.StatusCode
			v := respondInOrder(func() (*http.Response, error) { return test.response, nil })
			err := newTestClient(t, v).Writer().DelSubUser(context.Background(), testAccount, 7)
			e := wantError(t, err, test.kind, test.code)
			if status == 200 {
				status = 0
			}
			if e.Status != status {
				t.Errorf("Status = %d, want %d", e.Status, status)
			}
			if len(v.received()) != 1 {
				t.Errorf("the write was sent %d times", len(v.received()))
			}
			if e.TokenExpires.IsZero() {
				t.Error("TokenExpires is not set")
			}
		})
	}
}

func TestSuccessfulWriteResponses(t *testing.T) {
	t.Parallel()
	for name, response := range map[string]*http.Response{
		"plain":              newJSONResponse(`{"result":1}`),
		"charset":            newHTTPResponse(200, "application/json; charset=utf-8", `{"result":1}`),
		"upper case":         newHTTPResponse(200, "Application/JSON", `{"result":1}`),
		"white space":        newJSONResponse(" \n{ \"result\" : 1 }\n"),
		"unknown fields":     newJSONResponse(`{"result":1,"count":1,"total_count":1,"x":{}}`),
		"error null":         newJSONResponse(`{"error":null,"errors":[],"result":1}`),
		"byte order mark":    newJSONResponse("\ufeff" + `{"result":1}`),
		"fraction of zeros":  newJSONResponse(`{"result":1.0}`),
		"exactly at 8 MiB":   newJSONResponse(`{"result":1}` + strings.Repeat(" ", 8<<20-len(`{"result":1}`))),
		"other letter cases": newJSONResponse(`{"ERROR":{"code":1},"result":1}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := respondInOrder(func() (*http.Response, error) { return response, nil })
			if err := newTestClient(t, v).Writer().DelSubUser(context.Background(), testAccount, 7); err != nil {
				t.Error(err)
			}
		})
	}
}

// An error code in a response with an undocumented status is used for reads too.
func TestReadResponsesWithErrorStatus(t *testing.T) {
	t.Parallel()
	page := newHTTPResponse
	tests := map[string]struct {
		response *http.Response
		kind     Kind
		code     int
	}{
		"401 with a code":    {page(401, "application/json", `{"error":{"code":100,"msg":"m"}}`), Refused, 100},
		"403 with a code":    {page(403, "application/json", `{"errors":[{"code":104}]}`), Refused, 104},
		"400 with a failure": {page(400, "application/json", `{"error":{"code":2}}`), Unavailable, 2},
		"404 with its own number": {
			page(404, "application/json", `{"error":{"code":404,"msg":"no route"}}`),
			Unavailable,
			0,
		},
		"401 with a code as a page": {page(401, "text/html", `{"error":{"code":100}}`), Unavailable, 0},
		"401 without a code":        {page(401, "application/json", `{"message":"no"}`), Unavailable, 0},
		"401 with a result":         {page(401, "application/json", `{"result":[]}`), Unavailable, 0},
		"302 with a code":           {page(302, "application/json", `{"error":{"code":100}}`), Unavailable, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := respondInOrder(func() (*http.Response, error) { return test.response, nil })
			_, err := newTestClient(t, v).Reader().GetRoles(context.Background(), testAccount, "")
			if e := wantError(t, err, test.kind, test.code); e.Status != test.response.StatusCode {
				t.Errorf("Status = %d, want %d", e.Status, test.response.StatusCode)
			}
		})
	}
}

// A token that is refused with status 401 is replaced, like one that is refused with status 200.
func TestReadIsSignedAgainAfterStatus401(t *testing.T) {
	t.Parallel()
	late := newHTTPResponse(401, "application/json", `{"error":{"code":456,"msg":"m"}}`)
	v := respondInOrder(func() (*http.Response, error) { return late, nil }, respondJSON(`{"result":[]}`))
	if _, err := newTestClient(t, v).Reader().GetRoles(context.Background(), testAccount, ""); err != nil {
		t.Error(err)
	}
}

// FuzzEnvelope feeds responses to every decoder. No decoder may panic or take a response with an error for a success.
func FuzzEnvelope(f *testing.F) {
	for _, seed := range []string{
		`{"result":1}`, `{"result":[{"subuser_id":"1","roles":[{"role_id":1,"inherited":null}]}]}`,
		`{"error":{"code":434,"msg":"x"},"result":1}`, `{"errors":[{"code":"2"}]}`, `{"result":{"subuser_id":109}}`,
		`{"result":[{"key_id":"k","subuser":{"subuser_id":1}}],"api_address":"h"}`, `null`, `[]`,
		`{"error":""}`, `{"result":"1"}`,
		`{"error":{"code":1},"error":null}`, "\ufeff{\"result\":1.0}", `{"result":1,}`, `{"result":1}x`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		a, failures, err := parseEnvelope(body)
		if err != nil {
			return
		}
		if !json.Valid(bytes.TrimPrefix(body, []byte("\ufeff"))) {
			t.Errorf("accepted, but not JSON: %q", body)
		}
		var list []any
		if raw := a["error"]; raw != nil && (json.Unmarshal(raw, &list) != nil || len(list) > 0) && len(failures) == 0 {
			t.Errorf("an error was missed: %q", body)
		}
		k := call{method: "M", write: true, params: newParams()}
		r := rawResponse{status: 200, header: http.Header{"Content-Type": {"application/json"}}, body: body}
		if len(failures) > 0 && k.classify(r, func(envelope) error { return nil }, "t") == nil {
			t.Errorf("a response with codes was taken for a success: %q", body)
		}
		checkRows(t, a)
		_, _ = decodeAccountInfo(a)
		_, _ = decodeKeyInfo(a.result(), 1)
		_ = decodeDone(a)
	})
}

// checkRows decodes the lists and checks that every row has an id.
func checkRows(t *testing.T, a envelope) {
	t.Helper()
	users, _ := decodeList(a.result(), wireSubUser.subUser)
	for _, u := range users {
		if u.ID <= 0 || !u.RolesKnown && u.Roles != nil {
			t.Errorf("bad subuser %+v", u)
		}
	}
	keys, _ := decodeList(a.result(), wireKey.key)
	for _, k := range keys {
		if k.ID == "" || k.OwnerKnown != (len(k.Owner) > 0) {
			t.Errorf("bad key %+v", k)
		}
	}
}
