package audit

import (
	"strings"

	"github.com/voxwarden/voxwarden/internal/store"
)

// maxBranches is the largest number of actors that are searched actor by actor. With more, the operations are read in
// order of time.
const maxBranches = 20

// query returns the query of a search and its arguments.
//
// It sorts the rows that nearestQuery finds, so that the search is over before the first row: see store.DB.Scan. The
// search is materialized because PostgreSQL does not tell plans apart that differ by less than a hundredth of the cost:
// in a subquery, a search that it takes for expensive made it compare all operations with the few that were found.
func (s Search) query(actors actorFilter, at Cursor, newer bool, limit int) (string, []any) {
	nearest, args := s.nearestQuery(actors, at, newer, limit)
	return operationsQuery(nearest) + orderBy("created_at + 0", newer), args
}

// operationsQuery returns the query for the operations with the ids that another query finds.
func operationsQuery(ids string) string {
	return `WITH found AS MATERIALIZED (` + ids + `) SELECT ` + operationColumns +
		` FROM operations WHERE id IN (SELECT id FROM found)`
}

// nearestQuery returns the query for the ids of the operations that are nearest to a cursor.
//
// A search for one of several actors, or for a target by id or by name, is a UNION ALL of one query for each, so that
// each uses its own index and the database merges them in order. With OR the database would collect and sort all
// operations of the actors.
//
// SQLite has no statistics and would often read years of the index by time although another index fits better. A
// column within an expression ("account + 0") uses no index in either engine, so each search is left with one index,
// or one that is clearly the best.
func (s Search) nearestQuery(actors actorFilter, at Cursor, newer bool, limit int) (string, []any) {
	var args store.Args
	common := s.conditions(&args, actors, at, newer)
	var branches []string
	for _, branch := range s.branchConditions(&args, actors) {
		conditions := append([]string{branch}, common...)
		branches = append(branches, `SELECT id, created_at FROM operations WHERE `+strings.Join(conditions, " AND "))
	}
	text := strings.Join(branches, " UNION ALL ")
	if s.Target != "" {
		text = `SELECT id, created_at FROM (` + text + `) AS found`
	}
	return text + orderBy(s.timeColumn(), newer) + ` LIMIT ` + args.Add(limit), args
}

// orderBy returns the order of a search: by time and then by id, the nearest to the cursor first.
func orderBy(timeColumn string, newer bool) string {
	if newer {
		return ` ORDER BY ` + timeColumn + `, id`
	}
	return ` ORDER BY ` + timeColumn + ` DESC, id DESC`
}

// isNarrow reports whether the search is for a target, for a role or for open operations: they are few, and sorting
// them is faster than reading in order of time.
func (s Search) isNarrow() bool { return s.Target != "" || s.Role != 0 || s.Result == OnlyOpen }

// timeColumn returns the column of time. It is an expression when the search is narrow.
func (s Search) timeColumn() string {
	if s.isNarrow() {
		return "created_at + 0"
	}
	return "created_at"
}

// branchConditions returns conditions of which each matching operation meets exactly one. Each begins with the
// columns that an index begins with.
func (s Search) branchConditions(args *store.Args, actors actorFilter) []string {
	account := args.Add(s.Account)
	switch {
	case s.Target != "":
		target := args.Add(s.Target)
		return []string{
			"account + 0 = " + account +
				" AND id IN (SELECT operation_id FROM operation_targets WHERE id = " + target + " AND part <> 'affected')",
			"account = " + account + " AND LOWER(target_name) = LOWER(" + target + ")" +
				" AND target_id <> " + target + " AND former_id <> " + target,
		}
	case s.Role != 0:
		return []string{"account + 0 = " + account + " AND " + s.roleCondition(args)}
	case s.BulkID != "":
		return []string{"bulk_id = " + args.Add(s.BulkID) + " AND bulk_id <> '' AND account + 0 = " + account}
	case s.Result == OnlyOpen || s.Action != "" && len(actors.actorIDs) == 0 ||
		s.Result != "" && len(actors.actorIDs) == 0:
		return []string{"account + 0 = " + account}
	case len(actors.actorIDs) > 0 && len(actors.actorIDs) <= maxBranches:
		branches := make([]string, 0, len(actors.actorIDs))
		for _, id := range actors.actorIDs {
			branches = append(branches, "actor_id = "+args.Add(id)+" AND account + 0 = "+account)
		}
		return branches
	default:
		return []string{"account = " + account}
	}
}

// conditions returns the conditions that every matching operation meets, in whichever branch.
func (s Search) conditions(args *store.Args, actors actorFilter, at Cursor, newer bool) []string {
	var all []string
	add := func(condition string) { all = append(all, condition) }
	// What branchConditions leaves out.
	inBranch := s.isNarrow() || s.BulkID != ""
	if n := len(actors.actorIDs); n > maxBranches || n > 0 && inBranch {
		add(s.actorCondition(args, actors))
	}
	if s.Target != "" && s.Role != 0 {
		add(s.roleCondition(args))
	}
	if s.isNarrow() && s.BulkID != "" {
		add("(bulk_id || '') = " + args.Add(s.BulkID))
	}
	// The index of an action or of a result is used when nothing leaves fewer rows.
	all = append(all, s.commonConditions(args, actors, inBranch || len(actors.actorIDs) > 0, s.timeColumn())...)
	if !at.IsZero() {
		side := "<"
		if newer {
			side = ">"
		}
		add("(" + s.timeColumn() + ", id) " + side + " (" + args.Add(at.At.UnixMicro()) + ", " + args.Add(at.ID) + ")")
	}
	if s.hasEntries() {
		add(s.entryCondition(args, actors))
	}
	return all
}

// commonConditions returns the conditions of the filters that no branch has. With narrowed, their indexes are left
// unused.
func (s Search) commonConditions(args *store.Args, actors actorFilter, narrowed bool, timeColumn string) []string {
	var all []string
	add := func(condition string) { all = append(all, condition) }
	column := func(name string, narrowed bool) string {
		if narrowed {
			return "(" + name + " || '')"
		}
		return name
	}
	if s.Action != "" {
		add(column("action", narrowed) + " = " + args.Add(s.Action))
	}
	switch {
	case s.Result == OnlyOpen && (s.Role != 0 || s.BulkID != "" || s.hasEntries()):
		add("(CASE WHEN open THEN 1 ELSE 0 END) = 1") // leaves the index of open operations unused
	case s.Result == OnlyOpen:
		add("open = " + args.Add(true))
	case s.Result != "":
		add(column("result", narrowed || s.Action != "") + " = " + args.Add(s.Result))
	}
	if !s.From.IsZero() {
		add(timeColumn + " >= " + args.Add(s.From.UnixMicro()))
	}
	if !s.To.IsZero() {
		add(timeColumn + " < " + args.Add(s.To.UnixMicro()))
	}
	if s.Text != "" {
		add(s.textCondition(args, actors))
	}
	return all
}

// entryCondition returns the condition that an operation is in no bulk change, or the oldest one of it that matches.
// Without a filter that tells the operations of a bulk change apart, the oldest one is the first one: they all have the
// actor that started it. Otherwise the operations of the bulk change are searched from each one back to the next that
// matches, so that each is looked at a few times only.
func (s Search) entryCondition(args *store.Args, actors actorFilter) string {
	if (s == Search{Account: s.Account, OnlyActor: s.OnlyActor, Actor: s.Actor, Entries: true}) {
		return "bulk_later = FALSE"
	}
	older := append(
		[]string{
			"older.bulk_id = operations.bulk_id AND older.bulk_id <> ''",
			"(older.created_at, older.id) < (operations.created_at, operations.id)",
		},
		s.inBulkConditions(args, actors)...,
	)
	return "(bulk_id = '' OR NOT EXISTS (SELECT 1 FROM operations AS older WHERE " + strings.Join(older, " AND ") +
		" ORDER BY older.created_at DESC, older.id DESC LIMIT 1))"
}

// inBulkConditions returns the conditions of all filters, for the operations of a bulk change. They use no index, so
// that the one by bulk change is used.
func (s Search) inBulkConditions(args *store.Args, actors actorFilter) []string {
	var all []string
	if len(actors.actorIDs) > 0 {
		all = append(all, s.actorCondition(args, actors))
	}
	if s.Role != 0 {
		all = append(all, s.roleCondition(args))
	}
	return append(all, s.commonConditions(args, actors, true, "created_at + 0")...)
}

// actorCondition returns the condition that an operation has one of the actors. It leaves their index unused.
func (s Search) actorCondition(args *store.Args, actors actorFilter) string {
	return "(actor_id || '') IN " + store.AddList(args, actors.actorIDs)
}

// roleCondition returns the condition that an operation intends to change a role.
func (s Search) roleCondition(args *store.Args) string {
	condition := "id IN (SELECT operation_id FROM operation_roles WHERE role_id = " + args.Add(s.Role)
	if s.Effect != "" {
		condition += " AND effect = " + args.Add(s.Effect)
	}
	return condition + ")"
}

// textCondition returns the condition of the free text. It is evaluated for each operation of the time, so that LOWER,
// which SQLite does not need, would take a third of the search.
func (s Search) textCondition(args *store.Args, actors actorFilter) string {
	part := args.Add("%" + escapeLike(s.Text) + "%")
	like := func(column string) string {
		if actors.foldsCase {
			return column + " LIKE " + part + " ESCAPE '!'"
		}
		return "LOWER(" + column + ") LIKE LOWER(" + part + ") ESCAPE '!'"
	}
	condition := "(id = " + args.Add(s.Text) + " OR " + like("reason") + " OR " + like("target_name")
	if len(actors.textActorIDs) > 0 {
		condition += " OR (actor_id || '') IN " + store.AddList(args, actors.textActorIDs)
	}
	return condition + ")"
}

// escapeLike escapes a text for LIKE with the escape character !.
func escapeLike(text string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text)
}
