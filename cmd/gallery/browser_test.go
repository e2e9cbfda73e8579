package main

import (
	"context"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"

	"github.com/voxwarden/voxwarden/internal/testkit/chromium"
)

// requireFile skips the test if a file that it needs is missing. With CI=true it fails the test.
func requireFile(t *testing.T, path, how string) {
	t.Helper()
	if _, err := os.Stat(path); err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing: %s", path, how)
	}
	t.Skipf("%s is missing: %s", path, how)
}

// sharedBrowser starts the browser of all tests.
var sharedBrowser = sync.OnceValues(func() (context.Context, error) {
	ctx, end, err := chromium.Open(context.Background(), chromium.Path)
	if err == nil {
		endBrowser = end
	}
	return ctx, err
})

var endBrowser = func() {}

func TestMain(m *testing.M) {
	code := m.Run()
	endBrowser()
	os.Exit(code)
}

// openBrowser returns the context from which a test opens tabs. It ends after 10 minutes, which no test reaches.
func openBrowser(t *testing.T) context.Context {
	t.Helper()
	requireFile(t, chromium.Path, "install Debian's package "+chromium.Package)
	ctx, err := sharedBrowser()
	if err != nil {
		t.Fatal(err)
	}
	limited, cancel := context.WithTimeout(ctx, 10*time.Minute)
	t.Cleanup(cancel)
	return limited
}

// serveGallery serves the gallery until the test ends and returns its URL.
func serveGallery(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(handler())
	t.Cleanup(server.Close)
	return server.URL
}

// awaitPromise makes an evaluation return the result of a promise.
func awaitPromise(p *runtime.EvaluateParams) { p.AwaitPromise = new(true) }
