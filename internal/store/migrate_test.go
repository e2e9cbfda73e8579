package store_test

import (
	"fmt"
	"testing"

	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// A comparison of drift from before goes on where it was: what was closed up to a minute before its reading began was
// looked at, and nothing later.
func TestMigrateDriftChecks(t *testing.T) {
	t.Parallel()
	const minute = 60_000_000
	storetest.Each(t, func(t *testing.T, url string) {
		old, err := store.OpenAt(t.Context(), url, 8)
		if err != nil {
			t.Fatal(err)
		}
		for account, asOf := range map[int]int{1: 10 * minute, 2: 12 * minute, 3: 20 * minute} {
			storetest.Exec(
				t,
				old,
				fmt.Sprintf(`INSERT INTO drift_checks (account, kind, as_of, turn) VALUES (%d, 'key', %d, 5)`, account, asOf),
			)
		}
		operation := func(id string, account int, open bool, closed, last int) {
			storetest.Exec(
				t,
				old,
				fmt.Sprintf(
					`INSERT INTO operations (id, account, action, target_kind, target_id, target_name, former_id, actor_id, `+
						`actor, reason, request_id,
				mark, intent, created_at, result, confirmed, open, closed_at, last_seq)
					VALUES ('%s', %d, '', '', '', '', '', '', '', '', '', '', '', 0, '', TRUE, %t, %d, %d)`,
					id,
					account,
					open,
					closed,
					last,
				),
			)
		}
		operation("compared", 1, false, 9*minute, 2)
		operation("a moment before", 1, false, 9*minute+1, 4)
		operation("after", 1, false, 11*minute, 6)
		operation("of another account", 2, false, 11*minute, 8)
		operation("under way", 2, true, 0, 9)
		blob := map[bool]string{false: "x''", true: `'\x'`}[old.Postgres()]
		storetest.Exec(
			t,
			old,
			`INSERT INTO events (seq, operation_id, kind, at, result, confirmed, body, key_id, mac)
				VALUES (9, '', '', 0, '', FALSE, '', '', `+blob+`)`,
		)
		if err := old.Close(); err != nil {
			t.Fatal(err)
		}
		db := storetest.Open(t, url)
		for account, want := range map[int]int64{1: 3, 2: 9, 3: 9} {
			var seq, turn, readings int64
			err := db.SQL().
				QueryRowContext(t.Context(), `SELECT seq, turn, readings FROM drift_checks WHERE account = ?`, account).
				Scan(&seq, &turn, &readings)
			if err != nil || seq != want || turn != 5 || readings != 0 {
				t.Errorf("account %d: up to event %d, want %d; turn %d, readings %d, %v", account, seq, want, turn, readings, err)
			}
		}
	})
}
