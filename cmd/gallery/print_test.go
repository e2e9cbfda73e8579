package main

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/voxwarden/voxwarden/views/gallery"
)

// TestPrint: a printed page has the account, the operator and every role, and no secret and no control.
func TestPrint(t *testing.T) {
	t.Parallel()
	tab, cancel := chromedp.NewContext(openBrowser(t))
	defer cancel()
	url := serveGallery(t)
	for state, want := range map[string]struct{ on, off []string }{
		"subusers.list.one-page": {
			on:  []string{"Nordlys Kundeservice", "Ada Admin", "7 inherited", "UserManager"},
			off: []string{"Sign out", "New subuser", "Without description"},
		},
		"keys.list.ordinary": {
			on:  []string{"5f3a9c1e-7b42-4d8e-9a60-2c1d8e4f7b95", "Owner"},
			off: []string{"Copy id of", "Without description", "New key"},
		},
		"keys.created.applied": {
			on:  []string{"Ada Admin", "Key id"},
			off: []string{"private_key", "openssl dgst", "Sign out"},
		},
		"subusers.created.unknown": {
			on:  []string{"Ada Admin", "Sign-in data"},
			off: []string{"not-a-real-Passw0rd!"},
		},
	} {
		if err := chromedp.Do(tab, chromedp.Navigate(url+gallery.StatePrefix+state)); err != nil {
			t.Fatal(err)
		}
		media := emulation.SetEmulatedMediaParams{Media: "print"}
		if _, err := chromedp.Call(tab, emulation.SetEmulatedMedia, media); err != nil {
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
				t.Errorf("%s: the printed page lacks %q", state, text)
			}
		}
		for _, text := range want.off {
			if strings.Contains(seen, text) {
				t.Errorf("%s: the printed page shows %q", state, text)
			}
		}
	}
}

// TestForcedColors: the current page and tab, which differ by their colour otherwise, have an outline, all bars of the
// overview have the colour of text, and icons that of the text beside them.
func TestForcedColors(t *testing.T) {
	t.Parallel()
	tab, cancel := chromedp.NewContext(openBrowser(t))
	defer cancel()
	url := serveGallery(t)
	for state, expression := range map[string]string{
		"bulk.show.running": `[...document.querySelectorAll(".nav [aria-current], .tabs [aria-current]")]
			.map((link) => getComputedStyle(link).outlineStyle).join() === "solid,solid"`,
		"overview.overview.ordinary": `[...document.querySelectorAll(".bars svg, .strip path")]
			.every((shape) => getComputedStyle(shape).fill === getComputedStyle(document.body).color)`,
		"keys.list.ordinary": `[...document.querySelectorAll("[data-icon]")]
			.every((icon) => getComputedStyle(icon).backgroundColor === getComputedStyle(icon.parentElement).color)`,
	} {
		runActions(t, tab, chromedp.Navigate(url+gallery.StatePrefix+state))
		media := emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "forced-colors", Value: "active"}},
		}
		if _, err := chromedp.Call(tab, emulation.SetEmulatedMedia, media); err != nil {
			t.Fatal(err)
		}
		assertEval(t, tab, "String("+expression+")", "true")
	}
}
