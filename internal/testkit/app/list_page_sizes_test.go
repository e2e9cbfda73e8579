package app_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// A page of 50 rows is small for an admin, who sees the most of it.
func TestListPagesAreSmall(t *testing.T) {
	t.Parallel()
	company, err := voxsim.CompanyNamed("large", 10_000)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 120 {
		company.Keys = append(company.Keys, voxsim.Key{
			ID:          keyID(n),
			Name:        fmt.Sprintf("crm-export-%03d", n),
			Description: "Nightly export of calls to the CRM",
			Subuser:     company.Subusers[100+n].Login,
			Roles:       []string{"CallListManager"},
		})
	}
	site := apptest.NewSite(t, apptest.Options{Company: company})
	admin := site.Visit(t, policy.Admin)
	for _, list := range []struct {
		path              string
		maxBytes, maxSent int // of the HTML, and compressed
	}{
		{"/subusers?page=3", 20 << 10, 6 << 10},
		{"/subusers", 20 << 10, 6 << 10},
		// Each row has the UUID of its key three times, and three more columns.
		{"/keys?page=2", 44 << 10, 7 << 10},
		{"/keys", 44 << 10, 7 << 10},
	} {
		page := listPage(t, admin, list.path)
		rows, size, sent := page.Find("tbody tr").Length(), len(page.Body), admin.TransferSize(list.path)
		t.Logf("%s: %d bytes, %d compressed", list.path, size, sent)
		if rows != 50 || size > list.maxBytes || sent > list.maxSent {
			t.Errorf(
				"%s: %d rows in %d bytes, %d compressed; at most %d and %d",
				list.path, rows, size, sent, list.maxBytes, list.maxSent,
			)
		}
	}
}

// listPage returns a page of a list after the whole account was read.
func listPage(t *testing.T, v *apptest.Visitor, path string) apptest.Page {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		page := v.Get(path)
		if page.Find("tbody tr").Length() > 0 && !strings.Contains(page.Body, "Refreshing") {
			return page
		}
	}
	t.Fatalf("%s: no list after a minute", path)
	return apptest.Page{}
}

// keyID returns a version 4 UUID, which does not compress.
func keyID(n int) string {
	h := sha256.Sum256([]byte{byte(n)})
	x := hex.EncodeToString(h[:])
	return x[:8] + "-" + x[8:12] + "-4" + x[12:15] + "-8" + x[15:18] + "-" + x[18:30]
}
