package audit_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// logWithBulkChanges returns a log with the operations a to j, one a minute. The bulk change x has b, c, e and f, the
// bulk change y has g and i; the others are in none.
func logWithBulkChanges(t *testing.T, url string) *audit.Log {
	t.Helper()
	r := openLog(t, storetest.Open(t, url), audit.Options{})
	bulkIDs := map[rune]string{'b': "x", 'c': "x", 'e': "x", 'f': "x", 'g': "y", 'i': "y"}
	for i, id := range "abcdefghij" {
		op := audit.Operation{
			ID:        string(id),
			Account:   7,
			Action:    audit.ChangeSubuserRoles,
			Actor:     bob,
			Target:    audit.Target{Ref: access.SubuserRef(int64(20 + i)), Name: "login_" + string(id)},
			Intent:    []byte(`{}`),
			CreatedAt: noon.Add(time.Duration(i) * time.Minute),
		}
		if bulkIDs[id] != "" {
			op.Actor, op.Reason = anna, "bulk "+bulkIDs[id]
			op.Intent = fmt.Appendf(nil, `{"run":%q}`, bulkIDs[id])
		}
		result := audit.Applied
		if strings.ContainsRune("cf", id) {
			result = audit.Refused
			op.Roles = []audit.RoleChange{{ID: 1, Name: "Owner", Effect: audit.RoleGranted}}
		}
		begun, err := r.Begin(t.Context(), op, audit.Guard{})
		if err != nil {
			t.Fatal(err)
		}
		if id == 'i' {
			continue
		}
		outcome := audit.Event{Kind: audit.OutcomeEvent, At: op.CreatedAt, Result: result}
		if _, err := r.Append(t.Context(), begun, false, outcome); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// entriesText returns the entries of a page: an id, or the bulk change with its operations.
func entriesText(p audit.Page) string {
	var entries []string
	for _, op := range p.Operations {
		if op.BulkID == "" || p.Bulk == nil {
			entries = append(entries, op.ID)
			continue
		}
		entry := p.Bulk[op.BulkID]
		text := fmt.Sprintf("%s=%s:%d", op.BulkID, joinIDs(entry.Operations), entry.Count)
		for _, result := range append([]audit.Result{""}, audit.Results()...) {
			if n := entry.Results[result]; n > 0 {
				text += fmt.Sprintf(" %d %s", n, result)
			}
		}
		entries = append(entries, text)
	}
	return strings.Join(entries, ", ")
}

// A bulk change is one entry, at its oldest operation that matches, with exactly the operations that match.
func TestBulkChangeIsOneEntry(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		r := logWithBulkChanges(t, url)
		for about, c := range map[string]struct {
			search audit.Search
			want   string
		}{
			"everything":       {audit.Search{}, "j, h, y=ig:2 1  1 applied, d, x=fecb:4 2 applied 2 refused, a"},
			"an actor":         {audit.Search{Actor: "nov"}, "y=ig:2 1  1 applied, x=fecb:4 2 applied 2 refused"},
			"own operations":   {audit.Search{OnlyActor: bob.ID()}, "j, h, d, a"},
			"a result":         {audit.Search{Result: audit.Refused}, "x=fc:2 2 refused"},
			"open operations":  {audit.Search{Result: audit.OnlyOpen}, "y=i:1 1 "},
			"a role":           {audit.Search{Role: 1}, "x=fc:2 2 refused"},
			"a target by id":   {audit.Search{Target: "24"}, "e"},
			"a target by name": {audit.Search{Target: "LOGIN_F"}, "f"},
			"a text of one":    {audit.Search{Text: "login_e"}, "x=e:1 1 applied"},
			"a text of all":    {audit.Search{Text: "bulk x"}, "x=fecb:4 2 applied 2 refused"},
			"from its middle on": {
				audit.Search{From: noon.Add(4 * time.Minute)},
				"j, h, y=ig:2 1  1 applied, x=fe:2 1 applied 1 refused",
			},
			"up to its middle": {audit.Search{To: noon.Add(3 * time.Minute)}, "x=cb:2 1 applied 1 refused, a"},
			"one bulk change":  {audit.Search{BulkID: "y"}, "i, g"},
		} {
			c.search.Account, c.search.Entries = 7, true
			page, err := r.Before(t.Context(), c.search, audit.Cursor{}, 50)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, entriesText(page)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", about, diff)
			}
		}
		latest, err := r.Latest(t.Context(), 7, 3)
		if want := "j, h, y=ig:2 1  1 applied"; err != nil || entriesText(latest) != want {
			t.Errorf("latest: %s, %v", entriesText(latest), err)
		}
	})
}

// Going through the pages in either direction finds every entry once, whatever the size of a page.
func TestPagesOfEntries(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		r := logWithBulkChanges(t, url)
		for about, c := range map[string]struct {
			search audit.Search
			want   string
		}{
			"everything": {audit.Search{}, "jhgdba"},
			"a result":   {audit.Search{Result: audit.Applied}, "jhgdba"},
			"a text":     {audit.Search{Text: "login"}, "jhgdba"},
			"a time":     {audit.Search{From: noon.Add(2 * time.Minute)}, "jhgdc"},
		} {
			c.search.Account, c.search.Entries = 7, true
			for limit := 1; limit <= 4; limit++ {
				older, at := "", audit.Cursor{}
				for {
					page, err := r.Before(t.Context(), c.search, at, limit)
					if err != nil {
						t.Fatal(err)
					}
					older += joinIDs(page.Operations)
					if !page.Older {
						break
					}
					at = audit.CursorOf(page.Operations[len(page.Operations)-1])
				}
				if older != c.want {
					t.Errorf("%s, %d on a page: %s, want %s", about, limit, older, c.want)
				}
				page, err := r.After(t.Context(), c.search, audit.Cursor{At: noon.Add(-time.Minute), ID: "a"}, limit)
				if want := c.want[len(c.want)-limit:]; err != nil || joinIDs(page.Operations) != want {
					t.Errorf("%s, %d after the oldest: %s, %v, want %s", about, limit, joinIDs(page.Operations), err, want)
				}
			}
		}
	})
}

// The filter by bulk change finds its operations one by one, with the other filters.
func TestSearchForBulkChange(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		r := logWithBulkChanges(t, url)
		for about, c := range map[string]struct {
			search audit.Search
			want   string
		}{
			"a bulk change":   {audit.Search{BulkID: "x"}, "fecb"},
			"another one":     {audit.Search{BulkID: "y"}, "ig"},
			"an unknown one":  {audit.Search{BulkID: "z"}, ""},
			"another account": {audit.Search{BulkID: "x", Account: 8}, ""},
			"with an actor":   {audit.Search{BulkID: "x", Actor: "bob"}, ""},
			"own operations":  {audit.Search{BulkID: "x", OnlyActor: anna.ID()}, "fecb"},
			"with a result":   {audit.Search{BulkID: "x", Result: audit.Refused}, "fc"},
			"open ones":       {audit.Search{BulkID: "y", Result: audit.OnlyOpen}, "i"},
			"with a role":     {audit.Search{BulkID: "x", Role: 1}, "fc"},
			"with a target":   {audit.Search{BulkID: "x", Target: "24"}, "e"},
			"with an action":  {audit.Search{BulkID: "x", Action: audit.ChangeSubuserRoles}, "fecb"},
			"with a text":     {audit.Search{BulkID: "x", Text: "_b"}, "b"},
			"with a time":     {audit.Search{BulkID: "x", From: noon.Add(2 * time.Minute), To: noon.Add(5 * time.Minute)}, "ec"},
		} {
			if c.search.Account == 0 {
				c.search.Account = 7
			}
			page, err := r.Before(t.Context(), c.search, audit.Cursor{}, 50)
			if err != nil || joinIDs(page.Operations) != c.want || page.Bulk != nil {
				t.Errorf("%s: %s, %v, %v, want %s", about, joinIDs(page.Operations), page.Bulk, err, c.want)
			}
		}
		found, err := r.Operations(t.Context(), audit.Filter{Account: 7, BulkID: "x"})
		if err != nil || joinIDs(found) != "fecb" {
			t.Errorf("operations: %s, %v", joinIDs(found), err)
		}
	})
}

// Operations are read in several ways, and each may be compared with its events.
func TestBulkChangeAgreesWithItsEvents(t *testing.T) {
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		r := logWithBulkChanges(t, fresh(t))
		list, err := r.Operations(t.Context(), audit.Filter{Account: 7, Limit: 20})
		if err != nil || len(list) != 10 {
			t.Fatalf("read %d operations, %v", len(list), err)
		}
		active, err := r.ListActiveSince(t.Context(), 7, 0, noon)
		if err != nil || len(active) != 10 {
			t.Fatalf("read %d active operations, %v", len(active), err)
		}
		for _, op := range append(list, active...) {
			if err := r.CheckOperation(t.Context(), op); err != nil {
				t.Errorf("operation %s of bulk change %q: %v", op.ID, op.BulkID, err)
			}
		}
	})
}
