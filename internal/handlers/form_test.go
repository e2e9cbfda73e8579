package handlers

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func readTestForm(body, contentType string) (form, error) {
	r := httptest.NewRequest(http.MethodPost, "/x?role=9&reason=address", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	return readForm(httptest.NewRecorder(), r)
}

const urlencoded = "application/x-www-form-urlencoded; charset=utf-8"

func TestReadForm(t *testing.T) {
	t.Parallel()
	f, err := readTestForm("role=3&role=7&reason=+because+&login=a&login=b&password=+x+", urlencoded)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := f.ids("role")
	if err != nil || !slices.Equal(ids, []int64{3, 7}) {
		t.Errorf("ids: %v, %v", ids, err)
	}
	if f.text("reason") != "because" || f.text("login") != "a" || f.exact("password") != " x " || f.text("none") != "" {
		t.Errorf("got %+v", f)
	}
}

func TestReadFormRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ body, kind string }{
		"json":        {`{"login":"a"}`, "application/json"},
		"no type":     {"login=a", ""},
		"multipart":   {"--x--", "multipart/form-data; boundary=x"},
		"percent":     {"login=%zz", urlencoded},
		"semicolon":   {"login=a;b", urlencoded},
		"not utf-8":   {"login=%ff%fe", urlencoded},
		"zero byte":   {"login=a%00b", urlencoded},
		"many fields": {strings.Repeat("a&", 20000), urlencoded},
	} {
		if _, err := readTestForm(tc.body, tc.kind); !errors.Is(err, errInvalidForm) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := readTestForm(
		"a="+strings.Repeat("x", maxFormBytes),
		urlencoded,
	); err == nil || errors.Is(err, errInvalidForm) {
		t.Errorf("too large: got %v", err)
	}
	f, _ := readTestForm("role=3&role=x", urlencoded)
	if _, err := f.ids("role"); !errors.Is(err, errInvalidForm) {
		t.Errorf("ids that are none: got %v", err)
	}
}

func FuzzReadForm(f *testing.F) {
	for _, seed := range []string{"login=a&role=1", "a=%zz", "%00=%00", "a;b", "=&=", "role=9223372036854775808"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		got, err := readTestForm(body, urlencoded)
		if err != nil {
			return
		}
		ids, err := got.ids("role")
		if err == nil && slices.ContainsFunc(ids, func(id int64) bool { return id < 1 }) {
			t.Fatalf("%q: ids %v", body, ids)
		}
		for _, values := range got.values {
			for _, value := range values {
				if !utf8.ValidString(value) || strings.Contains(value, "\x00") {
					t.Fatalf("%q: kept %q", body, value)
				}
			}
		}
	})
}
