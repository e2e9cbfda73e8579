// Package browser tests the console in Chromium: whole jobs of operators, from signing in to the page with the result,
// with JavaScript and without. Tests find controls by their role and accessible name, as a screen reader does, never by
// the structure of the page.
package browser

import (
	"context"
	"flag"
	"os"
	"sync"
	"testing"

	"github.com/voxwarden/voxwarden/internal/testkit/chromium"
)

// shared is the browser of all tests, started by the first one.
var shared struct {
	once sync.Once
	ctx  context.Context
	end  context.CancelFunc
	err  error
}

// parallelTests is the number of tests that run at the same time. Most of their time they wait for the browser or for a
// vendor that is slow on purpose, so there may be more of them than processors.
const parallelTests = "6"

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", parallelTests); err != nil {
		panic(err)
	}
	code := m.Run()
	if shared.end != nil {
		shared.end()
	}
	os.Exit(code)
}

// sharedBrowser returns the context from which tests open tabs. It skips the test with -short, and without Chromium
// unless CI=true is set, which fails it.
func sharedBrowser(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("-short leaves out the browser")
	}
	if _, err := os.Stat(chromium.Path); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is missing: install Debian's package %s", chromium.Path, chromium.Package)
		}
		t.Skipf("%s is missing: install Debian's package %s", chromium.Path, chromium.Package)
	}
	shared.once.Do(func() { shared.ctx, shared.end, shared.err = chromium.Open(context.Background(), chromium.Path) })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.ctx
}
