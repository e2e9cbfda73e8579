package voxsim

import "slices"

// Page sizes of GetKeys and GetSubUsers, which are not published: 20 is the default of other listings of this API, and
// 1000 the maximum of GetChildrenAccounts.
const (
	defaultPage = 20
	largestPage = 1000
)

// page returns the ids that offset and count select.
func page[ID any](x *invocation, all []ID) ([]ID, *Refusal) {
	limit := largestPage
	if x.variants.PageCap > 0 {
		limit = x.variants.PageCap
	}
	from, to, refusal := x.window(len(all), defaultPage, limit)
	if refusal != nil {
		return nil, refusal
	}
	return ordered(x, all)[from:to], nil
}

// list returns a page of all rows, or the row of the id in a parameter when that is given. one reads the parameter.
func list[ID, View any](
	x *invocation,
	ids []ID,
	parameter string,
	one func() (ID, *Refusal),
	view func(id ID, withRoles bool) View,
) (successBody, *Refusal) {
	withRoles, refusal := x.flag("with_roles", false)
	if refusal != nil {
		return successBody{}, refusal
	}
	if _, given := x.params[parameter]; given {
		id, refusal := one()
		switch {
		case refusal == nil:
			ids = []ID{id}
		case x.emptyForUnknownID(refusal):
			ids = nil
		default:
			return successBody{}, refusal
		}
	}
	pageIDs, refusal := page(x, ids)
	if refusal != nil {
		return successBody{}, refusal
	}
	rows := make([]View, len(pageIDs))
	for i, id := range pageIDs {
		rows[i] = view(id, withRoles)
	}
	return listing(x, rows, len(ids)), nil
}

// window returns the first row of the page and the one after the last, among a number of rows.
func (x *invocation) window(rows, defaultCount, limit int) (from, to int, refusal *Refusal) {
	offset, refusal := x.number("offset", 0, 0)
	if refusal != nil {
		return 0, 0, refusal
	}
	count, refusal := x.count(defaultCount)
	if refusal != nil {
		return 0, 0, refusal
	}
	if x.variants.OffsetIgnored {
		offset = 0
	}
	from = min(offset, rows)
	return from, min(from+min(count, limit), rows), nil
}

// count parses how many rows are requested. A variant refuses large numbers.
func (x *invocation) count(defaultValue int) (int, *Refusal) {
	n, refusal := x.number("count", defaultValue, 1)
	if _, given := x.params["count"]; refusal == nil && given && x.variants.CountLimit > 0 && n > x.variants.CountLimit {
		refusal = refuse(codeInvalidParameter, "count")
	}
	return n, refusal
}

// ordered returns a list in the order of the response: unchanged, or shuffled by a variant.
func ordered[T any](x *invocation, rows []T) []T {
	if !x.variants.OrderUnstable {
		return rows
	}
	shuffled := slices.Clone(rows)
	x.sim.random.Shuffle(len(rows), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	return shuffled
}

// listing returns a page of rows, with the totals that a variant adds.
func listing[Row any](x *invocation, rows []Row, total int) successBody {
	a := x.success(rows)
	if x.variants.TotalCount {
		count := len(rows)
		a.TotalCount, a.Count = &total, &count
	}
	return a
}
