package audit

import (
	"strings"

	"github.com/voxwarden/voxwarden/internal/store"
)

// maxBranches is how many people a search may name before their operations are looked for in order of time instead of
// person by person.
const maxBranches = 20

// query turns a search into a query and its arguments.
//
// Where a search can be met in several ways, by one of several people or of the two ways in which a target is named,
// each way is a query of its own, found by its own index, and the database merges them. As one query with OR it would
// have to collect and sort everything that somebody ever did.
//
// SQLite keeps no statistics and would often take the index by time, and walk years of it, for a search that another
// index answers at once. A column that is written as an expression ("account + 0") leads to no index, in either engine:
// so each search has one index left that can be used, or one that is clearly the best.
func (s Search) query(actors actorFilter, at Cursor, newer bool, limit int) (string, []any) {
	var args store.Args
	common := s.conditions(&args, actors, at, newer)
	var branches []string
	for _, branch := range s.branchConditions(&args, actors) {
		conditions := append([]string{branch}, common...)
		branches = append(branches, `SELECT `+operationColumns+` FROM operations WHERE `+strings.Join(conditions, " AND "))
	}
	text := strings.Join(branches, " UNION ALL ")
	if s.Target != "" {
		text = `SELECT ` + operationColumns + ` FROM (` + text + `) AS found`
	}
	order := ` ORDER BY ` + s.timeColumn() + ` DESC, id DESC LIMIT `
	if newer {
		order = ` ORDER BY ` + s.timeColumn() + `, id LIMIT `
	}
	return text + order + args.Add(limit), args
}

// timeColumn is the column of time, as an expression where a target or what is open is asked for: those are few, and
// sorted sooner than found in order of time.
func (s Search) timeColumn() string {
	if s.Target != "" || s.Result == OnlyOpen {
		return "created_at + 0"
	}
	return "created_at"
}

// branchConditions returns conditions of which each matching operation meets exactly one. Each begins with the columns
// that an index begins with.
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
	// The actors that branchConditions leaves out.
	if n := len(actors.actorIDs); n > maxBranches || n > 0 && (s.Target != "" || s.Result == OnlyOpen) {
		add("(actor_id || '') IN " + store.AddList(args, actors.actorIDs))
	}
	// The index of an action or of a result is used when nothing leaves fewer rows.
	narrowed := s.Target != "" || s.Result == OnlyOpen || len(actors.actorIDs) > 0
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
	case s.Result == OnlyOpen:
		add("open = " + args.Add(true))
	case s.Result != "":
		add(column("result", narrowed || s.Action != "") + " = " + args.Add(s.Result))
	}
	if !s.From.IsZero() {
		add(s.timeColumn() + " >= " + args.Add(s.From.UnixMicro()))
	}
	if !s.To.IsZero() {
		add(s.timeColumn() + " < " + args.Add(s.To.UnixMicro()))
	}
	if !at.IsZero() {
		side := "<"
		if newer {
			side = ">"
		}
		add("(" + s.timeColumn() + ", id) " + side + " (" + args.Add(at.At.UnixMicro()) + ", " + args.Add(at.ID) + ")")
	}
	if s.Text != "" {
		add(s.textCondition(args, actors.textActorIDs))
	}
	return all
}

// textCondition returns the condition of the free text.
func (s Search) textCondition(args *store.Args, actorIDs []string) string {
	part := args.Add("%" + escapeLike(s.Text) + "%")
	condition := "(id = " + args.Add(s.Text) +
		" OR LOWER(reason) LIKE LOWER(" + part + ") ESCAPE '!'" +
		" OR LOWER(target_name) LIKE LOWER(" + part + ") ESCAPE '!'"
	if len(actorIDs) > 0 {
		condition += " OR (actor_id || '') IN " + store.AddList(args, actorIDs)
	}
	return condition + ")"
}

// escapeLike is a text in which LIKE takes no character for a pattern, with ! as its escape.
func escapeLike(text string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text)
}
