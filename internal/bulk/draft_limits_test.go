package bulk_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operator"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// draftEach drafts an import a second after another, and returns the ids.
func (d fixture) draftEach(o operator.Operator, files ...string) []string {
	d.t.Helper()
	var ids []string
	for _, file := range files {
		time.Sleep(time.Second) // of the bubble
		ids = append(ids, d.draftImport(o, file).ID)
	}
	return ids
}

// wantDrafts fails the test unless exactly the drafts that want marks with an x are stored.
func (d fixture) wantDrafts(ids []string, want string) {
	d.t.Helper()
	got := ""
	for _, id := range ids {
		_, err := d.Bulk.Show(d.t.Context(), admin(), id)
		switch {
		case err == nil:
			got += "x"
		case errors.Is(err, bulk.ErrNotFound):
			got += "-"
		default:
			d.t.Fatal(err)
		}
	}
	if got != want {
		d.t.Errorf("the stored drafts are %s, want %s", got, want)
	}
}

// A new draft replaces the oldest of its operator, and never a started change or one of another operator.
func TestDraftsOfAnOperatorAreLimited(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		d.Bulk.SetDraftLimits(3, 4000, 6000, 100_000)
		other := d.draftEach(admin(), "login\nanna_k\n")
		ids := d.draftEach(editor(), "login\nanna_1\n", "login\nanna_2\n", "login\nanna_3\n")
		d.wantDrafts(ids, "xxx")
		d.start(d.show(ids[0]))
		ids = append(ids, d.draftEach(editor(), "login\nanna_4\n")...)
		d.wantDrafts(ids, "xxxx")
		ids = append(ids, d.draftEach(editor(), "login\nanna_5\n")...)
		d.wantDrafts(ids, "x-xxx")

		large := "login,description\nanna_6," + strings.Repeat("x", 999) + "\nanna_7," + strings.Repeat("x", 999) +
			"\nanna_8," + strings.Repeat("x", 999) + "\n"
		ids = append(ids, d.draftEach(editor(), large)...)
		d.wantDrafts(ids, "x--xxx")
		ids = append(ids, d.draftEach(editor(), large)...)
		d.wantDrafts(ids, "x-----x")
		d.wantDrafts(other, "x")
	})
}

// A draft above the limit is refused and replaces nothing, and all operators together have a limit of their own.
func TestDraftsThatDoNotFitAreRefused(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		d.Bulk.SetDraftLimits(20, 2000, 4000, 3000)
		large := "login,description\nanna_1," + strings.Repeat("x", 999) + "\n"
		own := d.draftEach(editor(), large)
		others := d.draftEach(admin(), large)
		larger := bulk.ImportFile{Content: []byte(large + "anna_2," + strings.Repeat("x", 999) + "\n")}
		_, err := d.Bulk.PlanImport(t.Context(), d.request(editor()), larger)
		if !errors.Is(err, bulk.ErrDraftTooLarge) {
			t.Errorf("a large draft: %v", err)
		}
		d.wantDrafts(own, "x")
		third := editor()
		third.Subject = "third"
		_, err = d.Bulk.PlanImport(t.Context(), d.request(third), bulk.ImportFile{Content: []byte(large)})
		if !errors.Is(err, bulk.ErrTooManyDrafts) {
			t.Errorf("a draft beside those of others: %v", err)
		}
		own = append(own, d.draftEach(editor(), large)...) // in the place of the first one
		d.wantDrafts(own, "-x")
		d.wantDrafts(others, "x")
	})
}
