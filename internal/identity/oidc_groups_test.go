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
		told         bool
		problem      string
	}{
		"a list": {
			`{"groups": ["ops", "vox admins"]}`,
			"groups",
			[]string{"ops", "vox admins"},
			true,
			"",
		},
		"an empty list":      {`{"groups": []}`, "groups", nil, true, ""},
		"a text":             {`{"groups": "ops"}`, "groups", []string{"ops"}, true, ""},
		"a text with commas": {`{"groups": "CN=ops,OU=it"}`, "groups", []string{"CN=ops,OU=it"}, true, ""},
		"an empty text":      {`{"groups": ""}`, "groups", nil, true, ""},
		"empty names":        {`{"groups": ["", "ops", ""]}`, "groups", []string{"ops"}, true, ""},
		"nothing":            {`{}`, "groups", nil, false, ""},
		"null":               {`{"groups": null}`, "groups", nil, false, ""},
		"a number":           {`{"groups": 7}`, "groups", nil, true, "neither a text nor a list"},
		"true":               {`{"groups": true}`, "groups", nil, true, "neither a text nor a list"},
		"an object":          {`{"groups": {"ops": true}}`, "groups", nil, true, "neither a text nor a list"},
		"a list of objects": {
			`{"groups": ["ops", {"name": "admins"}]}`, "groups", nil, true, "something else than texts",
		},
		"a list in a list": {`{"groups": [["ops"]]}`, "groups", nil, true, "something else than texts"},
		"too many":         {many, "groups", slices.Repeat([]string{"g"}, 1000), true, "more than 1000"},
		"too long": {
			`{"groups": ["` + strings.Repeat("a", 257) + `", "ops"]}`,
			"groups",
			[]string{"ops"},
			true,
			"too long",
		},
		"below a path": {
			`{"realm_access": {"roles": ["ops"]}}`,
			"realm_access.roles",
			[]string{"ops"},
			true,
			"",
		},
		"below a longer path": {`{"a": {"b": {"c": ["ops"]}}}`, "a.b.c", []string{"ops"}, true, ""},
		"a name with dots": {
			`{"https://acme.example/groups": ["ops"]}`,
			"https://acme.example/groups",
			[]string{"ops"},
			true,
			"",
		},
		"a name with dots below": {`{"a": {"b.c": ["ops"]}}`, "a.b.c", []string{"ops"}, true, ""},
		"a path through a text":  {`{"realm_access": "x"}`, "realm_access.roles", nil, false, ""},
		"a path that ends early": {`{"realm_access": {}}`, "realm_access.roles", nil, false, ""},
		"another claim":          {`{"groups": ["admins"]}`, "roles", nil, false, ""},
		"too many for Entra": {
			`{"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://graph"}}}`, "groups",
			nil, true, "more groups than the provider puts in a token",
		},
		"too many, otherwise said": {
			`{"hasgroups": true}`, "groups", nil, true, "more groups than the provider puts in a token",
		},
		"too many, as a text": {
			`{"hasgroups": "true"}`, "groups", nil, true, "more groups than the provider puts in a token",
		},
		"too many of another":               {`{"hasgroups": true, "roles": ["ops"]}`, "roles", []string{"ops"}, true, ""},
		"too many of another, none of this": {`{"hasgroups": true}`, "roles", nil, false, ""},
	} {
		var claims map[string]any
		if err := json.Unmarshal([]byte(c.claims), &claims); err != nil {
			t.Fatal(name, err)
		}
		got := parseGroups(claims, c.path)
		if !slices.Equal(got.names, c.groups) || got.present != c.told || c.problem == "" != (got.problem == "") ||
			!strings.Contains(got.problem, c.problem) {
			t.Errorf("%s: got %.5q, told %t, problem %q", name, got.names, got.present, got.problem)
		}
	}
}

// FuzzParseGroups wants that no claim makes more groups, longer ones or other ones than are written in it.
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
			t.Errorf("%d groups, told %t", len(got.names), got.present)
		}
		written := texts(claims)
		for _, name := range got.names {
			if name == "" || len(name) > maxGroup || !written[name] {
				t.Errorf("%q is no group of %s", name, text)
			}
		}
	})
}

// texts are all texts anywhere in a value.
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
