// Package browser walks the console in a real browser as the people who use it: whole jobs, from signing in to
// the page that shows what came of it, with JavaScript and without. Whatever is pressed or filled is found by what
// a screen reader would say of it, never by how the page is built.
package browser

import (
	"context"
	"flag"
	"os"
	"sync"
	"testing"

	"github.com/voxwarden/voxwarden/internal/testkit/chromium"
)

// shared is one browser for all walks, started when the first one asks.
var shared struct {
	once sync.Once
	ctx  context.Context
	end  context.CancelFunc
	err  error
}

// parallelTests is how many walks go on at the same time. Walks mostly wait, for the browser or for a vendor that is
// slow on purpose, so that there may be more of them than processors.
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

// sharedBrowser answers the context from which walks open tabs. Where there is no browser the walk is skipped, except
// in the build that must run everything.
func sharedBrowser(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes its time: left out of short runs")
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
