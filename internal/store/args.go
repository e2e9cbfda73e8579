package store

import (
	"strconv"
	"strings"
)

// Args collects the arguments of a query that is composed at run time. Queries of a fixed text write $1, $2 and so on
// themselves, which both engines understand.
type Args []any

// Add appends a value and returns its placeholder, such as "$3".
func (a *Args) Add(value any) string {
	*a = append(*a, value)
	return "$" + strconv.Itoa(len(*a))
}

// AddList appends values, of which there must be at least one, and returns the right side of IN: "($3, $4)".
func AddList[T any](a *Args, values []T) string {
	placeholders := make([]string, 0, len(values))
	for _, value := range values {
		placeholders = append(placeholders, a.Add(value))
	}
	return "(" + strings.Join(placeholders, ", ") + ")"
}
