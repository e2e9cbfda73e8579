package handlers

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestLocalPath(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"/":                                      "/",
		"/subusers":                              "/subusers",
		"/subusers?q=anna&role=Owner":            "/subusers?q=anna&role=Owner",
		"/subusers#top":                          "/subusers",
		"/subusers?q=https://evil.example":       "/subusers?q=https://evil.example",
		"":                                       "/",
		"subusers":                               "/",
		"//evil.example":                         "/",
		"///evil.example":                        "/",
		"//":                                     "/",
		"//?q=a":                                 "/",
		`/\evil.example`:                         "/",
		`\/evil.example`:                         "/",
		"/%5Cevil.example":                       "/",
		"/%2Fevil.example":                       "/",
		"/%2f%2fevil.example":                    "/",
		"https://evil.example/":                  "/",
		"http:evil.example":                      "/",
		"javascript:alert(1)":                    "/",
		"/\tevil":                                "/",
		"/\r\nSet-Cookie: a=b":                   "/",
		"/a%0d%0ab":                              "/",
		"/%zz":                                   "/",
		" /subusers":                             "/",
		"/..":                                    "/",
		"/../neighbour":                          "/",
		"/subusers/../../neighbour":              "/",
		"/%2e%2e/neighbour":                      "/",
		"/.%2E/neighbour":                        "/",
		"/..%2fneighbour":                        "/",
		"/./subusers":                            "/",
		"/subusers?q=../..":                      "/subusers?q=../..",
		"/subusers/..hidden":                     "/subusers/..hidden",
		"/" + strings.Repeat("x", maxReturnPath): "/",
	} {
		if got := localPath(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func FuzzLocalPath(f *testing.F) {
	for _, seed := range []string{
		"/subusers?q=a", "//evil.example", `/\evil`, "/%2Fevil", "/..//evil.example", "/../neighbour",
		"/%2e%2e/neighbour", "/;@evil", "/:80",
	} {
		f.Add(seed)
	}
	base, err := url.Parse("https://voxwarden.example.com/somewhere/else")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, in string) {
		w := httptest.NewRecorder()
		if err := redirect(
			w,
			withState(httptest.NewRequest("POST", "/refresh", nil), &requestState{basePath: "/phones"}),
			in,
		); err != nil {
			t.Fatal(err)
		}
		if under, err := base.Parse(w.Header().Get("Location")); err != nil || !strings.HasPrefix(under.Path, "/phones/") {
			t.Fatalf("%q leads out of the console, to %q", in, w.Header().Get("Location"))
		}
		w = httptest.NewRecorder()
		if err := redirect(w, withState(httptest.NewRequest("POST", "/refresh", nil), &requestState{}), in); err != nil {
			t.Fatal(err)
		}
		location := w.Header().Get("Location")
		to, err := base.Parse(location)
		if err != nil || to.Host != base.Host || to.Scheme != base.Scheme {
			t.Fatalf("%q leads to %q", in, location)
		}
		if !strings.HasPrefix(location, "/") || strings.HasPrefix(location, "//") ||
			strings.ContainsAny(location, "\\\r\n\t") {
			t.Fatalf("%q leads to %q", in, location)
		}
	})
}

func FuzzPathIDs(f *testing.F) {
	for _, seed := range []string{"7", "007", "+7", "-1", "0", "9223372036854775808", "7/roles", "%37", "7%00", "٧"} {
		f.Add(seed)
	}
	s := newSite(&testing.T{})
	f.Fuzz(func(t *testing.T, in string) {
		s.t = t
		for _, before := range []string{"/subusers/", "/roles/", "/audit/"} {
			r := httptest.NewRequest("GET", "/", nil)
			r.URL.Path = before + in
			if got := s.do("admin", r); got.Code >= 500 {
				t.Fatalf("%s%q: status %d", before, in, got.Code)
			}
		}
	})
}

func TestPathIDs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("viewer", "/subusers/7").hasStatus(t, 200)
	for _, id := range []string{"0", "-7", "+7", "007", "7.0", "abc", "9223372036854775808", "%37", "7%20", "999"} {
		s.get("viewer", "/subusers/"+id).hasStatus(t, 404)
		s.get("viewer", "/roles/"+id).hasStatus(t, 404)
	}
	for _, id := range []string{
		"x",
		strings.Repeat("A", 26),
		strings.Repeat("a", 25),
		strings.Repeat("1", 26),
		"..%2f" + strings.Repeat("a", 21),
	} {
		s.get("admin", "/audit/"+id).hasStatus(t, 404)
	}
}
