package identity

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestParseGroups(t *testing.T) {
	t.Parallel()
	many := `{"groups": ["` + strings.Repeat(`g", "`, 1000) + `last"]}`
	for name, c := range map[string]struct {
		claims, path string
		groups       []string
		present      bool
		problem      string
	}{
		"a list": {
			`{"groups": ["ops", "vox admins"]}`,
			"groups",
			[]string{"ops", "vox admins"},
			true,
			"",
		},
		"an empty list":        {`{"groups": []}`, "groups", nil, true, ""},
		"a string":             {`{"groups": "ops"}`, "groups", []string{"ops"}, true, ""},
		"a string with commas": {`{"groups": "CN=ops,OU=it"}`, "groups", []string{"CN=ops,OU=it"}, true, ""},
		"an empty string":      {`{"groups": ""}`, "groups", nil, true, ""},
		"empty names":          {`{"groups": ["", "ops", ""]}`, "groups", []string{"ops"}, true, ""},
		"missing":              {`{}`, "groups", nil, false, ""},
		"null":                 {`{"groups": null}`, "groups", nil, false, ""},
		"a number":             {`{"groups": 7}`, "groups", nil, true, "neither a string nor a list"},
		"true":                 {`{"groups": true}`, "groups", nil, true, "neither a string nor a list"},
		"an object":            {`{"groups": {"ops": true}}`, "groups", nil, true, "neither a string nor a list"},
		"a list of objects": {
			`{"groups": ["ops", {"name": "admins"}]}`, "groups", nil, true, "a value that is not a string",
		},
		"a list in a list": {`{"groups": [["ops"]]}`, "groups", nil, true, "a value that is not a string"},
		"too many":         {many, "groups", slices.Repeat([]string{"g"}, 1000), true, "beyond the first 1000"},
		"too long": {
			`{"groups": ["` + strings.Repeat("a", 257) + `", "ops"]}`,
			"groups",
			[]string{"ops"},
			true,
			"over 256 bytes",
		},
		"path": {
			`{"realm_access": {"roles": ["ops"]}}`,
			"realm_access.roles",
			[]string{"ops"},
			true,
			"",
		},
		"longer path": {`{"a": {"b": {"c": ["ops"]}}}`, "a.b.c", []string{"ops"}, true, ""},
		"a name with dots": {
			`{"https://acme.example/groups": ["ops"]}`,
			"https://acme.example/groups",
			[]string{"ops"},
			true,
			"",
		},
		"path to a name with dots": {`{"a": {"b.c": ["ops"]}}`, "a.b.c", []string{"ops"}, true, ""},
		"path through a string":    {`{"realm_access": "x"}`, "realm_access.roles", nil, false, ""},
		"path to a missing claim":  {`{"realm_access": {}}`, "realm_access.roles", nil, false, ""},
		"another claim":            {`{"groups": ["admins"]}`, "roles", nil, false, ""},
		"omitted, _claim_names": {
			`{"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://graph"}}}`, "groups",
			nil, true, "omits the groups",
		},
		"omitted, hasgroups": {
			`{"hasgroups": true}`, "groups", nil, true, "omits the groups",
		},
		"omitted, hasgroups as a string": {
			`{"hasgroups": "true"}`, "groups", nil, true, "omits the groups",
		},
		"omitted, but another claim is used": {
			`{"hasgroups": true, "roles": ["ops"]}`,
			"roles",
			[]string{"ops"},
			true,
			"",
		},
		"omitted, and another claim is missing": {`{"hasgroups": true}`, "roles", nil, false, ""},
	} {
		var claims map[string]any
		if err := json.Unmarshal([]byte(c.claims), &claims); err != nil {
			t.Fatal(name, err)
		}
		got := parseGroups(claims, c.path)
		if !slices.Equal(got.names, c.groups) || got.present != c.present || c.problem == "" != (got.problem == "") ||
			!strings.Contains(got.problem, c.problem) {
			t.Errorf("%s: got %.5q, present %t, problem %q", name, got.names, got.present, got.problem)
		}
	}
}

// FuzzParseGroups checks that all groups are in the claim, and that their number and length are limited.
func FuzzParseGroups(f *testing.F) {
	for _, claims := range []string{
		`{"groups": ["ops"]}`, `{"groups": "ops"}`, `{"a": {"b": ["ops", 7]}}`,
		`{"_claim_names": {"groups": "x"}}`, `{"groups": {"groups": ["x"]}}`, `null`,
	} {
		for _, path := range []string{"groups", "a.b", "groups.groups", "", ".", "a..b"} {
			f.Add(claims, path)
		}
	}
	f.Fuzz(func(t *testing.T, text, path string) {
		var claims map[string]any
		if json.Unmarshal([]byte(text), &claims) != nil {
			return
		}
		got := parseGroups(claims, path)
		if len(got.names) > maxGroups || !got.present && len(got.names) > 0 {
			t.Errorf("%d groups, present %t", len(got.names), got.present)
		}
		written := texts(claims)
		for _, name := range got.names {
			if name == "" || len(name) > maxGroupBytes || !written[name] {
				t.Errorf("%q is not in %s", name, text)
			}
		}
	})
}

// texts returns all strings in a value.
func texts(value any) map[string]bool {
	found := map[string]bool{}
	var walk func(any)
	walk = func(value any) {
		switch v := value.(type) {
		case string:
			found[v] = true
		case []any:
			for _, each := range v {
				walk(each)
			}
		case map[string]any:
			for _, each := range v {
				walk(each)
			}
		}
	}
	walk(value)
	return found
}
