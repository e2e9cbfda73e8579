package directory

import ()

// Everything asks for all rows on one page.
const Everything = -1

// Paginate returns the page to show, how many there are, and which rows are on it; perPage 0 means standard. A page
// behind the last is the last one: somebody may have deleted a row since the link was drawn.
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
