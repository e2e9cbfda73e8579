package voxapi

import (
	"encoding/json"
	"slices"
	"strings"
)

// visibleArguments are the arguments of a logged call that may be shown: ids and
// names. The vendor says that arguments "may be masked", which is no promise.
// A description is free text, into which people write passwords, so it is not
// among them.
func visibleArguments() []string {
	return []string{"subuser_id", "new_subuser_name", "key_id", "key_name", "role_id", "role_name", "force"}
}

// visibleResults are likewise what a logged call may be shown to have made.
func visibleResults() []string { return []string{"subuser_id", "key_id"} }

// namedValues reads the named values out of an object, or out of a string that
// holds one: the vendor's example has the former, the newest client's types the
// latter. It returns nil when there are none. What is of another shape is passed
// over, since a row without its arguments is still a row.
func namedValues(raw json.RawMessage, names []string) map[string]string {
	var embedded string
	if json.Unmarshal(raw, &embedded) == nil {
		raw = json.RawMessage(embedded)
	}
	var all map[string]json.RawMessage
	if json.Unmarshal(raw, &all) != nil {
		return nil
	}
	var values map[string]string
	for name, rawValue := range all {
		if !slices.Contains(names, name) {
			continue
		}
		if value, readable := flatValue(rawValue); readable {
			if values == nil {
				values = map[string]string{}
			}
			values[name] = value
		}
	}
	return values
}

// flatValue is a text, number or truth as it is written, and a list of these
// joined by semicolons, as the API takes lists.
func flatValue(raw json.RawMessage) (string, bool) {
	var list oneOrMany[json.RawMessage]
	if json.Unmarshal(raw, &list) != nil {
		return "", false
	}
	items := make([]string, len(list))
	for i, item := range list {
		var truth bool
		var plain text
		switch {
		case json.Unmarshal(item, &truth) == nil && !isNull(item):
			items[i] = string(item)
		case json.Unmarshal(item, &plain) == nil:
			items[i] = string(plain)
		default:
			return "", false
		}
	}
	return strings.Join(items, ";"), true
}
