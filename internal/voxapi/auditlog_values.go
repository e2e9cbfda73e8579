package voxapi

import (
	"encoding/json"
	"slices"
	"strings"
)

// visibleArguments returns the arguments that AuditEntry keeps: ids and names. The vendor documents that arguments "may
// be masked", which is no guarantee. A description is not among them, because people write passwords into it.
func visibleArguments() []string {
	return []string{"subuser_id", "new_subuser_name", "key_id", "key_name", "role_id", "role_name", "force"}
}

// visibleResults returns the result fields that AuditEntry keeps.
func visibleResults() []string { return []string{"subuser_id", "key_id"} }

// namedValues decodes the named values of an object, or of a string that contains one: the vendor's example has the
// former, the types of the newest client the latter. It returns nil if there are none. Values of another shape are
// skipped, since an entry without its arguments is still useful.
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

// flatValue returns a string, number or boolean as it is written, and a list of these joined by semicolons, which is
// how the API takes lists.
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
