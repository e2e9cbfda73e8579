package main

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/voxwarden/voxwarden/views/gallery"
)

// TestPrint checks that a printed page contains the account, the operator and all roles, and no hidden text.
func TestPrint(t *testing.T) {
	t.Parallel()
	tab, cancel := chromedp.NewContext(browser(t))
	defer cancel()
	url := serveGallery(t)
	for state, want := range map[string]struct{ on, off []string }{
		"subusers.list.one-page": {
			[]string{"Nordlys Kundeservice", "Ada Admin", "7 inherited", "UserManager"},
			[]string{"Sign out", "New subuser"},
		},
		"keys.created.applied":     {[]string{"Ada Admin", "Key id"}, []string{"private_key", "openssl dgst", "Sign out"}},
		"subusers.created.unknown": {[]string{"Ada Admin", "Sign-in data"}, []string{"not-a-real-Passw0rd!"}},
	} {
		if err := chromedp.Do(tab, chromedp.Navigate(url+gallery.StatePrefix+state)); err != nil {
			t.Fatal(err)
		}
		if _, err := chromedp.Call(
			tab,
			emulation.SetEmulatedMedia,
			emulation.SetEmulatedMediaParams{Media: "print"},
		); err != nil {
			t.Fatal(err)
		}
		// The visible text, and the values of visible fields.
		seen, err := chromedp.Run(tab, chromedp.Evaluate[string](`document.body.innerText +
			[...document.querySelectorAll("input, textarea")].filter((f) => f.checkVisibility()).map((f) => f.value).join(" ")`))
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range want.on {
			if !strings.Contains(seen, text) {
				t.Errorf("%s: print lacks %q", state, text)
			}
		}
		for _, text := range want.off {
			if strings.Contains(seen, text) {
				t.Errorf("%s: print contains %q", state, text)
			}
		}
	}
}
