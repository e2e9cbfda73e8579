package static

import (
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

func get(t *testing.T, method, path, encoding string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

// TestServe checks the headers of assets, above all for caching.
func TestServe(t *testing.T) {
	t.Parallel()
	hashed := URL("app.css")
	tests := []struct {
		name, method, path, encoding string
		status                       int
		cache, contentEncoding, kind string
	}{
		{"hashed", "GET", hashed, "", 200, immutable, "", "text/css; charset=utf-8"},
		{"hashed, compressed", "GET", hashed, "br, gzip", 200, immutable, "gzip", "text/css; charset=utf-8"},
		{"gzip refused", "GET", hashed, "gzip;q=0", 200, immutable, "", "text/css; charset=utf-8"},
		{"gzip refused, all accepted", "GET", hashed, "*, gzip;q=0", 200, immutable, "", "text/css; charset=utf-8"},
		{"all accepted", "GET", hashed, "*", 200, immutable, "gzip", "text/css; charset=utf-8"},
		{"all weighed", "GET", hashed, "identity;q=0, *; q=0.5", 200, immutable, "gzip", "text/css; charset=utf-8"},
		{"all refused", "GET", hashed, "identity, *;q=0", 200, immutable, "", "text/css; charset=utf-8"},
		{"upper case weight", "GET", hashed, "gzip;Q=0", 200, immutable, "", "text/css; charset=utf-8"},
		{"another coding", "GET", hashed, "bgzip, deflate", 200, immutable, "", "text/css; charset=utf-8"},
		{"gzip weighed", "GET", hashed, "gzip; q=0.5", 200, immutable, "gzip", "text/css; charset=utf-8"},
		{"head", "HEAD", hashed, "", 200, immutable, "", "text/css; charset=utf-8"},
		{"plain name", "GET", "/static/app.js", "", 200, "no-cache", "", "text/javascript; charset=utf-8"},
		{"outdated hash", "GET", "/static/app.000000000000.js", "", 200, "no-cache", "", "text/javascript; charset=utf-8"},
		{"icon", "GET", URL("favicon.svg"), "", 200, immutable, "", "image/svg+xml"},
		{"unknown", "GET", "/static/other.css", "", 404, "", "", "text/plain; charset=utf-8"},
		{"the source", "GET", "/static/static.go", "", 404, "", "", "text/plain; charset=utf-8"},
		{"a folder", "GET", "/static/lib/", "", 404, "", "", "text/plain; charset=utf-8"},
		{"the placeholder", "GET", "/static/lib/.gitkeep", "", 404, "", "", "text/plain; charset=utf-8"},
		{"upwards", "GET", "/static/../static.go", "", 404, "", "", "text/plain; charset=utf-8"},
		{"elsewhere", "GET", "/app.css", "", 404, "", "", "text/plain; charset=utf-8"},
		{"post", "POST", hashed, "", 405, "", "", "text/plain; charset=utf-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			res := get(t, tt.method, tt.path, tt.encoding)
			if res.StatusCode != tt.status {
				t.Fatalf("status %d, want %d", res.StatusCode, tt.status)
			}
			for header, want := range map[string]string{
				"Cache-Control":    tt.cache,
				"Content-Encoding": tt.contentEncoding,
				"Content-Type":     tt.kind,
			} {
				if got := res.Header.Get(header); got != want {
					t.Errorf("%s is %q, want %q", header, got, want)
				}
			}
		})
	}
}

// TestCompressedIsTheSame compares the content with and without gzip, and checks that HEAD has no body.
func TestCompressedIsTheSame(t *testing.T) {
	t.Parallel()
	plain, err := io.ReadAll(get(t, "GET", URL("app.js"), "").Body)
	if err != nil {
		t.Fatal(err)
	}
	zipped, err := gzip.NewReader(get(t, "GET", URL("app.js"), "gzip").Body)
	if err != nil {
		t.Fatal(err)
	}
	unzipped, err := io.ReadAll(zipped)
	if err != nil || string(unzipped) != string(plain) || len(plain) == 0 {
		t.Errorf("compressed and plain differ: %d and %d bytes, %v", len(unzipped), len(plain), err)
	}
	if body, err := io.ReadAll(get(t, "HEAD", URL("app.js"), "").Body); err != nil || len(body) != 0 {
		t.Errorf("HEAD returned %d bytes, %v", len(body), err)
	}
}

// TestAddressFollowsContent checks that other content leads to another address.
func TestAddressFollowsContent(t *testing.T) {
	t.Parallel()
	address := func(content string) string {
		assets, err := load(fstest.MapFS{"lib/a.min.js": {Data: []byte(content)}})
		if err != nil {
			t.Fatal(err)
		}
		return assets.byName["lib/a.min.js"].hashed
	}
	one, two := address("1"), address("2")
	if one == two || one != address("1") || !strings.HasPrefix(one, "lib/a.min.") || !strings.HasSuffix(one, ".js") {
		t.Errorf("addresses %q and %q", one, two)
	}
}

// TestStylesAreOneFile checks that style sheets are served as one file, in the order of their names.
func TestStylesAreOneFile(t *testing.T) {
	t.Parallel()
	assets, err := load(fstest.MapFS{"css/2-b.css": {Data: []byte("b{}")}, "css/1-a.css": {Data: []byte("a{}")}})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(assets.byName["app.css"].plain); got != "a{}b{}" || len(assets.byName) != 1 {
		t.Errorf("%q among %d assets", got, len(assets.byName))
	}
}

// TestStylesNameTheCurrentImages checks that an image that the style sheet loads can be cached as the style sheet is.
func TestStylesNameTheCurrentImages(t *testing.T) {
	t.Parallel()
	sheet := string(assets().byName["app.css"].plain)
	found := regexp.MustCompile(`url\(([^)]*)\)`).FindAllStringSubmatch(sheet, -1)
	for _, reference := range found {
		if _, current, ok := find(reference[1]); !ok || !current {
			t.Errorf("%s is not the address of the current content", reference[0])
		}
	}
	if len(found) == 0 {
		t.Error("the style sheet loads no image")
	}
}

// TestIconsAreWhereTheStylesSay compares the places of the icons in the style sheet with those in their image.
func TestIconsAreWhereTheStylesSay(t *testing.T) {
	t.Parallel()
	places := map[string]string{}
	image := string(assets().byName["icons.svg"].plain)
	drawn := regexp.MustCompile(`<g id="(.*?)" transform="translate\(0 (\d+)\)">`)
	for _, icon := range drawn.FindAllStringSubmatch(image, -1) {
		places[icon[1]] = icon[2]
	}
	sheet := string(assets().byName["app.css"].plain)
	named := regexp.MustCompile(`\[data-icon="(.*?)"\] \{ --icon: (\d+); \}`)
	for _, icon := range named.FindAllStringSubmatch(sheet, -1) {
		place, err := strconv.Atoi(icon[2])
		if err != nil {
			t.Fatal(err)
		}
		if got, want := places[icon[1]], strconv.Itoa(16*place); got != want {
			t.Errorf("%s is at %q in the image, the style sheet wants %s", icon[1], got, want)
		}
		delete(places, icon[1])
	}
	if want := fmt.Sprintf(`viewBox="0 0 16 %d"`, 16*strings.Count(image, "<g ")); !strings.Contains(image, want) {
		t.Errorf("the image has no %s", want)
	}
	if len(places) != 0 {
		t.Errorf("the style sheet lacks %v", places)
	}
}

// TestMissing checks Has and URL for a missing asset.
func TestMissing(t *testing.T) {
	t.Parallel()
	if Has("lib/nothing.js") || !Has("app.css") {
		t.Error("Has is wrong")
	}
	if got := URL("lib/nothing.js"); got != "/static/lib/nothing.js" {
		t.Errorf("URL of a missing asset is %q", got)
	}
}

// TestScriptIsServedWithoutComments checks that only lines with nothing but a comment are removed.
func TestScriptIsServedWithoutComments(t *testing.T) {
	t.Parallel()
	for _, script := range []string{"app.js", "palette.js"} {
		source, err := files.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		var code []string
		for line := range strings.Lines(string(source)) {
			if !strings.HasPrefix(strings.TrimSpace(line), "//") {
				code = append(code, line)
			}
		}
		served, err := io.ReadAll(get(t, "GET", URL(script), "").Body)
		if err != nil {
			t.Fatal(err)
		}
		if string(served) != strings.Join(code, "") || len(served) == len(source) {
			t.Errorf("the served %s differs from the code without comments", script)
		}
	}
}

// TestStylesAreServedWithoutComments compares the tokens of the style sheet with those of its sources. A text in quotes
// is no comment, whatever it contains.
func TestStylesAreServedWithoutComments(t *testing.T) {
	t.Parallel()
	sources, err := fs.Glob(files, styles+"/*.css")
	if err != nil {
		t.Fatal(err)
	}
	token := regexp.MustCompile(`(?s)/\*.*?\*/|"[^"]*"|[\w-]+|\S`)
	var want []string
	for _, name := range sources {
		source, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range token.FindAllString(string(source), -1) {
			if !strings.HasPrefix(found, "/*") {
				want = append(want, found)
			}
		}
	}
	hash := regexp.MustCompile(`url\(icons\.\w+\.svg\)`)
	served := hash.ReplaceAllString(string(assets().byName["app.css"].plain), "url(icons.svg)")
	if got := token.FindAllString(served, -1); !slices.Equal(got, want) {
		t.Errorf("%d tokens are served of %d", len(got), len(want))
	}
}

// TestBudget checks the promised sizes for a first visit, and of the script that the search for everything loads when
// it opens, compressed.
func TestBudget(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]int{
		"app.css": 10 << 10, "app.js": 5 << 10, "favicon.svg": 1 << 10, "icons.svg": 2 << 10, "palette.js": 3 << 10,
	} {
		if size := len(assets().byName[name].gzipped); size > limit {
			t.Errorf("%s has %d bytes compressed, want at most %d", name, size, limit)
		}
	}
}
