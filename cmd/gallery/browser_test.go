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

// requireFile skips a test if a program for it is not installed, and fails it in CI.
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

// sharedBrowser starts one Chromium for all tests of the package when it is first needed.
var sharedBrowser = sync.OnceValues(func() (context.Context, error) {
	browser, end, err := chromium.Open(context.Background(), chromium.Path)
	if err == nil {
		endBrowser = end
	}
	return browser, err
})

var endBrowser = func() {}

func TestMain(m *testing.M) {
	code := m.Run()
	endBrowser()
	os.Exit(code)
}

// browser returns a context for opening tabs. Its time limit is long enough for a busy machine.
func browser(t *testing.T) context.Context {
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

// serveGallery serves the gallery on a loopback address until the end of the test.
func serveGallery(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(handler())
	t.Cleanup(server.Close)
	return server.URL
}

// awaitPromise makes an evaluation return the result of a promise.
func awaitPromise(p *runtime.EvaluateParams) { p.AwaitPromise = new(true) }
