package store

import (
	"strconv"
	"strings"
	"testing"
)

func TestRebind(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		``:                               ``,
		`SELECT 1`:                       `SELECT 1`,
		`a = ? AND b = ?`:                `a = $1 AND b = $2`,
		`(?,?)`:                          `($1,$2)`,
		`?`:                              `$1`,
		`'a ? b' || ?`:                   `'a ? b' || $1`,
		`'it''s ?' || ?`:                 `'it''s ?' || $1`,
		`'back\' || ? || '?'`:            `'back\' || $1 || '?'`,
		`E'back\'?' || ?`:                `E'back\'?' || $1`,
		`e'\\' || ?`:                     `e'\\' || $1`,
		`nameE'\' || ?`:                  `nameE'\' || $1`,
		`"a ? ""column"" ?" = ?`:         `"a ? ""column"" ?" = $1`,
		"? -- what? 'and\n = ?":          "$1 -- what? 'and\n = $2",
		`a - ? - -?`:                     `a - $1 - -$2`,
		`? /* ? /* ? */ ' ? */ ?`:        `$1 /* ? /* ? */ ' ? */ $2`,
		`? /*/ ? */ ?`:                   `$1 /*/ ? */ $2`,
		`a / ? * ?`:                      `a / $1 * $2`,
		`$$ ? ' ? $$ || ?`:               `$$ ? ' ? $$ || $1`,
		`$tag$ ? $$ ? $tag$ || ?`:        `$tag$ ? $$ ? $tag$ || $1`,
		`$t1$?$t$?$t1$ ?`:                `$t1$?$t$?$t1$ $1`,
		`a$b ? c$b ?`:                    `a$b $1 c$b $2`,
		`$1$ ? $1$`:                      `$1$ $1 $1$`,
		`ž$$ ? c`:                        `ž$$ $1 c`,
		`a$$b$ ? $b$ ?`:                  `a$$b$ $1 $b$ ?`,
		`'never closed ?`:                `'never closed ?`,
		`$a$ never closed ?`:             `$a$ never closed ?`,
		`/* never closed ?`:              `/* never closed ?`,
		`? -- to the end ?`:              `$1 -- to the end ?`,
		`? = $`:                          `$1 = $`,
		strings.Repeat(`?,`, 11) + `'?'`: `$1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,'?'`,
	} {
		if got := rebind(query); got != want {
			t.Errorf("%s\n got %s\nwant %s", query, got, want)
		}
	}
}

// Whatever the query, nothing is lost or added but the numbers.
func FuzzRebind(f *testing.F) {
	for _, query := range []string{`'?' ? "?"`, `$a$?$a$ E'\'?`, "--?\n/*/*?*/?", `$$`, `/`} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		left, count := rebind(query), 0
		for i := range len(query) {
			next := query[i : i+1]
			if next == "?" && !strings.HasPrefix(left, "?") {
				count++
				next = "$" + strconv.Itoa(count)
			}
			rest, ok := strings.CutPrefix(left, next)
			if !ok {
				t.Fatalf("%q became %q", query, rebind(query))
			}
			left = rest
		}
		if left != "" {
			t.Fatalf("%q became %q", query, rebind(query))
		}
	})
}
