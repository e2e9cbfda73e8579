package app_test

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// TestNoSecretOfAnyOperationIsLeftAnywhere changes passwords and creates keys with every outcome. The secrets that were
// typed or shown once must be in no other page, in no log and in no file of the database.
func TestNoSecretOfAnyOperationIsLeftAnywhere(t *testing.T) {
	t.Parallel()
	log, folder := &lockedBuffer{}, t.TempDir()
	site := apptest.NewSite(t, apptest.Options{
		Logger:   slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Database: filepath.Join(folder, "voxwarden.db"),
	})
	v := site.Visit(t, policy.Admin)
	// None of these is the subusers' current password, voxsim.SeedPassword.
	secrets := []string{"Planted-Current-1!", "Planted-New-1!", "Planted-Again-1!"}
	var pages []apptest.Page
	for i, fault := range []voxsim.FaultKind{
		"", voxsim.Refuse, voxsim.CommitThenReset, voxsim.HTTP500, voxsim.TruncatedJSON,
	} {
		submit := func(path, method string, fill map[string]string) {
			form := v.Get(path).FormValues(t, strings.Split(path, "?")[0])
			for name, value := range fill {
				form.Set(name, value)
			}
			if fault != "" {
				site.Sim.AddFault(voxsim.Fault{Method: method, Kind: fault, Code: 340})
			}
			page := v.Post(strings.Split(path, "?")[0], form)
			site.Sim.ClearFaults()
			shown := page.Find("#f-secret").AttrOr("value", "") + page.Find("#f-secret-file").Text()
			if shown == "" {
				pages = append(pages, page)
				return
			}
			if !strings.Contains(page.Header.Get("Cache-Control"), "no-store") {
				t.Errorf("%s: a page with a secret may be stored", path)
			}
			secrets = append(secrets, secretOf(shown))
		}
		subusers := site.Sim.State().Subusers
		first, second, third := subusers[3*i], subusers[3*i+1], subusers[3*i+2]
		submit(
			fmt.Sprintf("/subusers/%d/password", first.ID),
			"SetSubUserInfo",
			map[string]string{"current": "Planted-Current-1!", "password": "Planted-New-1!"},
		)
		submit(
			fmt.Sprintf("/subusers/%d/password", second.ID),
			"SetSubUserInfo",
			map[string]string{"current": voxsim.SeedPassword},
		)
		submit(
			fmt.Sprintf("/subusers/%d/re-issue", third.ID),
			"AddSubUser",
			map[string]string{"confirm": third.Login, "password": []string{"", "Planted-Again-1!"}[i%2]},
		)
		submit("/keys/new", "CreateKey", map[string]string{"name": "planted " + string(rune('a'+i))})
	}
	if len(secrets) < 6 {
		t.Fatalf("only %d secrets were planted", len(secrets))
	}
	for _, path := range []string{"/", "/subusers", "/keys", "/keys.csv", "/roles/matrix", "/bulk"} {
		pages = append(pages, v.Get(path))
	}
	searchEverywhere(t, secrets, pages, log.String(), folder)
}

// secretOf returns the secret part of what a page shows: the password, or a piece of the private key.
func secretOf(shown string) string {
	if at := strings.Index(shown, "BEGIN"); at >= 0 {
		return shown[at+60:][:40]
	}
	for _, line := range strings.Split(shown, "\n") {
		if password, found := strings.CutPrefix(line, "Password: "); found {
			return password
		}
	}
	return shown
}
