package main

import (
	"context"
	"encoding/json"
	"maps"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"

	"github.com/voxwarden/voxwarden/views/gallery"
)

// countTables counts the tables of a page and what is visible in them, by role.
const countTables = `(() => {
	const roles = {table: "table", row: "tr", cell: "td", columnheader: "thead th", rowheader: "tbody th"};
	const visible = (selector) => [...document.querySelectorAll(selector)].filter((e) => e.checkVisibility()).length;
	return Object.fromEntries(Object.entries(roles).map(([role, selector]) => [role, visible(selector)]));
})()`

// TestTablesKeepTheirRoles: on a narrow screen rows are drawn as blocks, and screen readers still find a table, its
// rows, cells and heads. Tables have no role attributes, which would be a fifth of the page.
func TestTablesKeepTheirRoles(t *testing.T) {
	t.Parallel()
	tab, cancel := chromedp.NewContext(openBrowser(t))
	defer cancel()
	url := serveGallery(t)
	for _, state := range []string{
		"subusers.list.many-pages", "subusers.list.viewer", "keys.list.ordinary", "roles.list.ordinary",
		"roles.matrix.ordinary", "audit.list.many", "bulk.list.ordinary",
		"bulk.show.draft-roles", "drift.list.many", "account.sessions.many",
	} {
		for _, s := range []screen{{1280, 800, "light"}, {390, 844, "light"}} {
			if err := s.apply(tab); err != nil {
				t.Fatal(err)
			}
			runActions(t, tab, chromedp.Navigate(url+gallery.StatePrefix+state))
			want, err := chromedp.Run(tab, chromedp.Evaluate[map[string]int](countTables))
			if err != nil {
				t.Fatal(err)
			}
			got := countRoles(t, tab)
			for role, count := range want {
				if got[role] != count {
					t.Errorf("%s, %s: %d of %d elements have the role %s", state, s.name(), got[role], count, role)
				}
			}
			if want["table"] == 0 || want["cell"] == 0 {
				t.Errorf("%s, %s: no table among %v", state, s.name(), maps.Clone(want))
			}
		}
	}
}

// countRoles counts the nodes of the accessibility tree by role.
func countRoles(t *testing.T, tab context.Context) map[string]int {
	t.Helper()
	tree, err := chromedp.Call(tab, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, node := range tree.Nodes {
		if node.Ignored || node.Role == nil {
			continue
		}
		var role string
		if err := json.Unmarshal(node.Role.Value, &role); err != nil {
			t.Fatal(err)
		}
		counts[role]++
	}
	return counts
}
