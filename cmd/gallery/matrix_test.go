package main

import (
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/voxwarden/voxwarden/views/gallery"
)

// misplaced lists the cells of the matrix that are not below the head of their column.
const misplaced = `(() => {
	const middle = (cell) => { const r = cell.getBoundingClientRect(); return r.width && (r.left + r.right) / 2; };
	const heads = [...document.querySelectorAll(".matrix thead th")].map(middle);
	return [...document.querySelectorAll(".matrix tbody tr")].flatMap((row) =>
		[...row.children].map((cell, i) => Math.abs(middle(cell) - heads[i]) > 1 ? row.children[0].textContent + ", ` +
	`column " + i : ""))
		.filter((text) => text);
})()`

// TestMatrixCellAlignment: a mark in the wrong column would show a role that the principal does not have.
func TestMatrixCellAlignment(t *testing.T) {
	t.Parallel()
	tab, cancel := chromedp.NewContext(openBrowser(t))
	defer cancel()
	if err := chromedp.Do(tab, chromedp.Navigate(serveGallery(t)+gallery.StatePrefix+"roles.matrix.many")); err != nil {
		t.Fatal(err)
	}
	for _, s := range screens() {
		if err := s.apply(tab); err != nil {
			t.Fatal(err)
		}
		rows, err := chromedp.Run(tab, chromedp.Evaluate[int64](`document.querySelectorAll(".matrix tbody tr").length`))
		if err != nil || rows == 0 {
			t.Fatalf("%s: %d rows, %v", s.name(), rows, err)
		}
		if cells, err := chromedp.Run(tab, chromedp.Evaluate[[]string](misplaced)); err != nil || len(cells) > 0 {
			t.Errorf("%s: %d cells are not in their columns, %v: %.200q", s.name(), len(cells), err, cells)
		}
	}
}
