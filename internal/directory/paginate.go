package directory

import ()

// Everything is the number of rows on a page for all of them.
const Everything = -1

// Paginate returns the page to show, the number of pages, and the range of rows on it. perPage 0 means standard. For a
// page behind the last it returns the last: rows may have been deleted since the link was made.
func Paginate(matches, page, perPage, standard int) (shown, pages, from, to int) {
	if perPage == Everything {
		return 1, 1, 0, matches
	}
	if perPage <= 0 {
		perPage = standard
	}
	pages = max(1, (matches+perPage-1)/perPage)
	shown = min(max(page, 1), pages)
	from = (shown - 1) * perPage
	return shown, pages, from, min(from+perPage, matches)
}
