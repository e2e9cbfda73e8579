package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// A running console stops writing when a newer version upgrades its database.
func TestSchemaIsUpgraded(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, address string) {
		d := startDemoIn(t, []string{"VOXWARDEN_DATABASE_URL=" + address})
		doc, _ := d.send("/sign-in", url.Values{"role": {"admin"}, "return": {"/subusers/new"}})
		form := filled(doc, "/subusers/new")
		form.Set("login", "upgraded")
		newer := storetest.Open(t, address)
		storetest.Exec(t, newer, `UPDATE schema_checksum SET sha256 = 'newer'`)
		for range 2 {
			doc, answer := d.send("/subusers/new", form)
			if text := doc.Text(); answer.StatusCode != http.StatusServiceUnavailable ||
				!strings.Contains(text, "A newer version of this console has taken over the database") {
				t.Errorf("a change: status %d: %s", answer.StatusCode, text)
			}
		}
		doc, answer := d.open("/readyz")
		if answer.StatusCode != http.StatusServiceUnavailable || !strings.Contains(doc.Text(), "another version") {
			t.Errorf("/readyz: status %d: %s", answer.StatusCode, doc.Text())
		}
		var begun int
		if err := newer.SQL().QueryRowContext(
			t.Context(),
			`SELECT COUNT(*) FROM operations WHERE target_name = 'upgraded'`,
		).Scan(&begun); err != nil || begun != 0 {
			t.Errorf("%d operations began, %v", begun, err)
		}
	})
}
