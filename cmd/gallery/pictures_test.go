package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/views/gallery"
)

// TestReadmeShowsItsPictures checks that the README shows every picture, and that the picture's state exists.
func TestReadmeShowsItsPictures(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pictures() {
		file := "docs/pictures/" + p.name + ".png"
		if !strings.Contains(string(readme), "]("+file+")") {
			t.Errorf("the README does not show %s", file)
		}
		if _, err := os.Stat("../../" + file); err != nil {
			t.Error(err)
		}
		if !slices.ContainsFunc(gallery.States(), func(s gallery.State) bool { return s.Key() == p.state }) {
			t.Errorf("the gallery has no state %s", p.state)
		}
	}
}
