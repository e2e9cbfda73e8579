package identity

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/operator"
)

func TestParseGroups(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		claims, path string
		groups       []string
		status       operator.GroupsStatus
		problem      string
	}{
		"a list": {
			`{"groups": ["ops", "vox admins"]}`,
			"groups",
			[]string{"ops", "vox admins"},
			operator.GroupsSent,
			"",
		},
		"an empty list":        {`{"groups": []}`, "groups", nil, operator.GroupsSent, ""},
		"a string":             {`{"groups": "ops"}`, "groups", []string{"ops"}, operator.GroupsSent, ""},
		"a string with commas": {`{"groups": "CN=ops,OU=it"}`, "groups", []string{"CN=ops,OU=it"}, operator.GroupsSent, ""},
		"a list as text": {
			`{"groups": "[\"ops\", \"vox-admins\"]"}`, "groups", nil, operator.GroupsUnreadable, "JSON written as a string",
		},
		"an object as text": {
			`{"groups": " {\"vox-admins\": {}}"}`, "groups", nil, operator.GroupsUnreadable, "JSON written as a string",
		},
		"a name in brackets": {`{"groups": "[ops]"}`, "groups", []string{"[ops]"}, operator.GroupsSent, ""},
		"an empty string":    {`{"groups": ""}`, "groups", nil, operator.GroupsSent, ""},
		"empty names":        {`{"groups": ["", "ops", ""]}`, "groups", []string{"ops"}, operator.GroupsSent, ""},
		"missing":            {`{}`, "groups", nil, operator.GroupsMissing, ""},
		"null":               {`{"groups": null}`, "groups", nil, operator.GroupsMissing, ""},
		"a number":           {`{"groups": 7}`, "groups", nil, operator.GroupsUnreadable, "neither a list"},
		"true":               {`{"groups": true}`, "groups", nil, operator.GroupsUnreadable, "neither a list"},
		"an object of objects": {
			`{"groups": {"vox-admins": {"1001": "example.com"}, "ops": {}}}`,
			"groups",
			[]string{"ops", "vox-admins"},
			operator.GroupsSent,
			"",
		},
		"an empty object":    {`{"groups": {}}`, "groups", nil, operator.GroupsSent, ""},
		"an object of flags": {`{"groups": {"ops": true}}`, "groups", nil, operator.GroupsUnreadable, "not an object"},
		"an object of lists": {`{"groups": {"vox": ["ops"]}}`, "groups", nil, operator.GroupsUnreadable, "not an object"},
		"an object with one flag": {
			`{"groups": {"ops": {}, "vox-admins": true}}`, "groups", nil, operator.GroupsUnreadable, "not an object",
		},
		"an object at a path": {
			`{"a": {"urn:zitadel:iam:org:project:roles": {"ops": {"1": "x"}}}}`,
			"a.urn:zitadel:iam:org:project:roles",
			[]string{"ops"},
			operator.GroupsSent,
			"",
		},
		"a list of objects": {
			`{"groups": ["ops", {"name": "admins"}]}`, "groups", nil, operator.GroupsUnreadable, "not a string",
		},
		"a list in a list": {`{"groups": [["ops"]]}`, "groups", nil, operator.GroupsUnreadable, "not a string"},
		"path": {
			`{"realm_access": {"roles": ["ops"]}}`,
			"realm_access.roles",
			[]string{"ops"},
			operator.GroupsSent,
			"",
		},
		"longer path": {`{"a": {"b": {"c": ["ops"]}}}`, "a.b.c", []string{"ops"}, operator.GroupsSent, ""},
		"a name with dots": {
			`{"https://acme.example/groups": ["ops"]}`,
			"https://acme.example/groups",
			[]string{"ops"},
			operator.GroupsSent,
			"",
		},
		"path to a name with dots": {`{"a": {"b.c": ["ops"]}}`, "a.b.c", []string{"ops"}, operator.GroupsSent, ""},
		"a name with dots in the middle": {
			`{"resource_access": {"vox.example.com": {"roles": ["ops"]}}}`,
			"resource_access.vox.example.com.roles",
			[]string{"ops"},
			operator.GroupsSent,
			"",
		},
		"a name with dots first": {`{"a.b": {"c": ["ops"]}}`, "a.b.c", []string{"ops"}, operator.GroupsSent, ""},
		"names with dots at two levels": {
			`{"https://acme.example/claims": {"app.one": ["ops"]}}`,
			"https://acme.example/claims.app.one",
			[]string{"ops"},
			operator.GroupsSent,
			"",
		},
		"the longest name first": {
			`{"a": {"b.c": ["no"]}, "a.b": {"c": ["ops"]}}`, "a.b.c", []string{"ops"}, operator.GroupsSent, "",
		},
		"a longer name that leads nowhere": {
			`{"a": {"b": {"c": ["ops"]}}, "a.b": {"d": ["no"]}}`, "a.b.c", []string{"ops"}, operator.GroupsSent, "",
		},
		"a longer name that is a string": {
			`{"a": {"b": ["ops"]}, "a.b": null}`, "a.b", []string{"ops"}, operator.GroupsSent, "",
		},
		"an escaped dot": {
			`{"a": {"b": ["no"], "b.c": ["ops"]}, "a.b": {"c": ["no"]}}`, `a.b\.c`, []string{"ops"}, operator.GroupsSent, "",
		},
		"an escaped backslash":    {`{"a\\b": {"c": ["ops"]}}`, `a\\b.c`, []string{"ops"}, operator.GroupsSent, ""},
		"a name with a backslash": {`{"corp\\roles": ["ops"]}`, `corp\roles`, []string{"ops"}, operator.GroupsSent, ""},
		"an escaped dot only":     {`{"a": {"b": ["no"]}}`, `a\.b`, nil, operator.GroupsMissing, ""},
		"path through a string":   {`{"realm_access": "x"}`, "realm_access.roles", nil, operator.GroupsMissing, ""},
		"path to a missing claim": {`{"realm_access": {}}`, "realm_access.roles", nil, operator.GroupsMissing, ""},
		"another claim":           {`{"groups": ["admins"]}`, "roles", nil, operator.GroupsMissing, ""},
		"omitted, _claim_names": {
			`{"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://graph"}}}`, "groups",
			nil, operator.GroupsTooMany, "leaves the groups out",
		},
		"omitted, hasgroups": {
			`{"hasgroups": true}`, "groups", nil, operator.GroupsTooMany, "leaves the groups out",
		},
		"omitted, hasgroups as a string": {
			`{"hasgroups": "true"}`, "groups", nil, operator.GroupsTooMany, "leaves the groups out",
		},
		"omitted, but another claim is used": {
			`{"hasgroups": true, "roles": ["ops"]}`,
			"roles",
			[]string{"ops"},
			operator.GroupsSent,
			"",
		},
		"omitted, and another claim is missing": {`{"hasgroups": true}`, "roles", nil, operator.GroupsMissing, ""},
		"omitted, _claim_names without sources": {
			`{"_claim_names": {"groups": "src1"}}`, "groups", nil, operator.GroupsTooMany, "leaves the groups out",
		},
		"omitted, at a path": {
			`{"_claim_names": {"realm_access": "src1"}}`, "realm_access.roles", nil, operator.GroupsTooMany, "leaves",
		},
		"omitted, the source in place of the groups": {
			`{"groups": "src1", "_claim_sources": {"src1": {"endpoint": "https://graph"}}}`, "groups",
			nil, operator.GroupsTooMany, "leaves the groups out",
		},
		"omitted, the source in a claim of its own": {
			`{"groups:src1": "https://graph"}`, "groups", nil, operator.GroupsTooMany, "leaves the groups out",
		},
		"a group with the name of a source elsewhere": {
			`{"groups": "src1", "_claim_sources": {"src2": {}}}`, "groups", []string{"src1"}, operator.GroupsSent, "",
		},
		"_claim_names in an unknown form": {
			`{"_claim_names": ["groups"]}`, "groups", nil, operator.GroupsMissing, "",
		},
	} {
		var claims map[string]any
		if err := json.Unmarshal([]byte(c.claims), &claims); err != nil {
			t.Fatal(name, err)
		}
		got := parseGroups(claims, c.path)
		if !slices.Equal(got.names, c.groups) || got.status != c.status || c.problem == "" != (got.problem == "") ||
			!strings.Contains(string(got.problem), c.problem) {
			t.Errorf("%s: got %.5q, status %q, problem %q", name, got.names, got.status, got.problem)
		}
	}
}

// TestKeepGroups checks that the configured groups are kept whatever their place, and that the others are limited.
func TestKeepGroups(t *testing.T) {
	t.Parallel()
	many := make([]string, 1500)
	for i := range many {
		many[i] = "team-" + strconv.Itoa(i)
	}
	configured := []string{"vox-admins", "team-1400", "not-a-member"}
	kept, omitted := keepGroups(append(many, "vox-admins"), configured)
	if len(kept) != 1002 || omitted != 499 || !slices.Equal(kept[:3], []string{"team-1400", "vox-admins", "team-0"}) {
		t.Errorf("kept %d groups, %.40q first, left out %d", len(kept), kept, omitted)
	}
	long := strings.Repeat("a", 257)
	kept, omitted = keepGroups([]string{long, "ops", "ops", "ops"}, nil)
	if !slices.Equal(kept, []string{"ops"}) || omitted != 1 {
		t.Errorf("kept %.40q, left out %d", kept, omitted)
	}
	if kept, _ = keepGroups([]string{long}, []string{long}); len(kept) != 1 {
		t.Error("a configured group was left out because of its length")
	}
	for i := range many {
		many[i] = fmt.Sprintf("%0200d", i)
	}
	if kept, omitted = keepGroups(many, nil); len(kept) != 32<<10/200 || omitted != 1500-len(kept) {
		t.Errorf("kept %d groups of 200 bytes, left out %d", len(kept), omitted)
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
		if got.status != operator.GroupsSent && len(got.names) > 0 {
			t.Errorf("%d groups, status %q", len(got.names), got.status)
		}
		kept, _ := keepGroups(got.names, nil)
		if len(kept) > maxGroups {
			t.Errorf("%d groups are kept", len(kept))
		}
		written := texts(claims)
		for _, name := range kept {
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
			for name, each := range v {
				found[name] = true
				walk(each)
			}
		}
	}
	walk(value)
	return found
}
