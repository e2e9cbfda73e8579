package handlers

import (
	"maps"
	"net/http"
	"net/url"
	"strconv"

	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/views/ui"
)

// rowsPerPage is the number of rows of a list that is cut into pages after it was read.
const rowsPerPage = 50

// paginate returns the part of a list on the page that a parameter of the URL names, from 1, and the links to the
// others.
func paginate[T any](r *http.Request, parameter string, all []T) ([]T, ui.PagerProps) {
	wanted, _ := strconv.Atoi(r.URL.Query().Get(parameter)) // 0 for anything else
	shown, pages, from, to := directory.Paginate(len(all), wanted, rowsPerPage, rowsPerPage)
	return all[from:to], pager(localPath(r.URL.Path), r.URL.Query(), parameter, shown, pages)
}

// pager returns the links to the other pages of a list. The parameter of a query contains the number of the page.
func pager(path string, query url.Values, parameter string, page, pages int) ui.PagerProps {
	href := func(n int) string {
		q := maps.Clone(query)
		q.Del(parameter)
		if n > 1 {
			q.Set(parameter, strconv.Itoa(n))
		}
		if len(q) == 0 {
			return path
		}
		return path + "?" + q.Encode()
	}
	p := ui.PagerProps{Page: page, Pages: pages}
	if page > 1 {
		p.First, p.Prev = href(1), href(page-1)
	}
	if page < pages {
		p.Next, p.Last = href(page+1), href(pages)
	}
	return p
}
