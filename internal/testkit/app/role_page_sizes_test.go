package app_test

import (
	"bytes"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/voxwarden/voxwarden/internal/handlers"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// maxRolePageBytes is the budget of a page after the first visit, compressed.
const maxRolePageBytes = 6 << 10

// What is published about roles must not make their pages and forms large.
func TestRolePagesAreSmall(t *testing.T) {
	t.Parallel()
	site := apptest.NewSite(t, apptest.Options{})
	admin := site.Visit(t, policy.Admin)
	for _, path := range []string{
		"/roles", "/roles/1", "/roles/2", "/roles/101", "/roles/finder", "/roles/finder?q=list&method=AddUser",
		"/keys/new", "/subusers/new", "/bulk/new?all=1",
	} {
		page := []byte(admin.Get(path).Body)
		var compressed bytes.Buffer
		writer, err := gzip.NewWriterLevel(&compressed, handlers.CompressionLevel(len(page)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := writer.Write(page); err != nil {
			t.Fatal(err)
		}
		if err := writer.Close(); err != nil {
			t.Fatal(err)
		}
		if size := compressed.Len(); size > maxRolePageBytes || size < 1<<10 {
			t.Errorf("%s: %d bytes compressed, at most %d", path, size, maxRolePageBytes)
		}
	}
}
