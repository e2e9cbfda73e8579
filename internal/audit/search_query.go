package audit

import "strings"

// maxBranches is how many people a search may name before their operations are looked for in order of time instead of
// person by person.
const maxBranches = 20

// condition is a part of a query's WHERE and its arguments.
type condition struct {
	text string
	args []any
}

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
	common := s.conditions(actors, at, newer)
	var (
		branches []string
		args     []any
	)
	for _, branch := range s.branchConditions(actors) {
		texts := make([]string, 0, len(common)+1)
		for _, c := range append([]condition{branch}, common...) {
			texts, args = append(texts, c.text), append(args, c.args...)
		}
		branches = append(branches, `SELECT `+operationColumns+` FROM operations WHERE `+strings.Join(texts, " AND "))
	}
	text := strings.Join(branches, " UNION ALL ")
	if s.Target != "" {
		text = `SELECT ` + operationColumns + ` FROM (` + text + `) AS found`
	}
	order := ` ORDER BY ` + s.timeColumn() + ` DESC, id DESC LIMIT ?`
	if newer {
		order = ` ORDER BY ` + s.timeColumn() + `, id LIMIT ?`
	}
	return text + order, append(args, limit)
}

// timeColumn is the column of time, as an expression where a target or what is open is asked for: those are few, and
// sorted sooner than found in order of time.
func (s Search) timeColumn() string {
	if s.Target != "" || s.Result == OnlyOpen {
		return "created_at + 0"
	}
	return "created_at"
}

// branchConditions are the conditions of which a found operation meets just one: each begins with what an index
// begins with.
func (s Search) branchConditions(actors actorFilter) []condition {
	switch {
	case s.Target != "":
		return []condition{
			{
				"account + 0 = ? AND id IN (SELECT operation_id FROM operation_targets WHERE id = ? AND part <> 'affected')",
				[]any{s.Account, s.Target},
			},
			{
				"account = ? AND LOWER(target_name) = LOWER(?) AND target_id <> ? AND former_id <> ?",
				[]any{s.Account, s.Target, s.Target, s.Target},
			},
		}
	case s.Result == OnlyOpen || s.Action != "" && len(actors.actorIDs) == 0 ||
		s.Result != "" && len(actors.actorIDs) == 0:
		return []condition{{"account + 0 = ?", []any{s.Account}}}
	case len(actors.actorIDs) > 0 && len(actors.actorIDs) <= maxBranches:
		branches := make([]condition, 0, len(actors.actorIDs))
		for _, id := range actors.actorIDs {
			branches = append(branches, condition{"actor_id = ? AND account + 0 = ?", []any{id, s.Account}})
		}
		return branches
	default:
		return []condition{{"account = ?", []any{s.Account}}}
	}
}

// conditions are what every found operation meets, in whichever way it was found.
func (s Search) conditions(actors actorFilter, at Cursor, newer bool) []condition {
	var all []condition
	add := func(text string, args ...any) { all = append(all, condition{text, args}) }
	// Change ways has not asked for yet.
	if n := len(actors.actorIDs); n > maxBranches || n > 0 && (s.Target != "" || s.Result == OnlyOpen) {
		text, args := inCondition("actor_id || ''", actors.actorIDs)
		add(text, args...)
	}
	// The index of an action or of a result is used when nothing leaves fewer rows.
	narrowed := s.Target != "" || s.Result == OnlyOpen || len(actors.actorIDs) > 0
	column := func(name string, narrowed bool) string {
		if narrowed {
			return "(" + name + " || '') = ?"
		}
		return name + " = ?"
	}
	if s.Action != "" {
		add(column("action", narrowed), s.Action)
	}
	switch {
	case s.Result == OnlyOpen:
		add("open = ?", true)
	case s.Result != "":
		add(column("result", narrowed || s.Action != ""), s.Result)
	}
	if !s.From.IsZero() {
		add(s.timeColumn()+" >= ?", s.From.UnixMicro())
	}
	if !s.To.IsZero() {
		add(s.timeColumn()+" < ?", s.To.UnixMicro())
	}
	if !at.IsZero() {
		side := "<"
		if newer {
			side = ">"
		}
		add("("+s.timeColumn()+", id) "+side+" (?, ?)", at.At.UnixMicro(), at.ID)
	}
	if s.Text != "" {
		all = append(all, s.textCondition(actors.textActorIDs))
	}
	return all
}

// textCondition is the condition of the free text.
func (s Search) textCondition(actorIDs []string) condition {
	part := "%" + escapeLike(s.Text) + "%"
	c := condition{
		"(id = ? OR LOWER(reason) LIKE LOWER(?) ESCAPE '!' OR LOWER(target_name) LIKE LOWER(?) ESCAPE '!'",
		[]any{s.Text, part, part},
	}
	if len(actorIDs) > 0 {
		text, args := inCondition("actor_id || ''", actorIDs)
		c.text, c.args = c.text+" OR "+text, append(c.args, args...)
	}
	c.text += ")"
	return c
}

// escapeLike is a text in which LIKE takes no character for a pattern, with ! as its escape.
func escapeLike(text string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text)
}

// inCondition is the condition that an expression is one of several texts.
func inCondition(expression string, values []string) (string, []any) {
	args := make([]any, 0, len(values))
	for _, v := range values {
		args = append(args, v)
	}
	return "(" + expression + ") IN (?" + strings.Repeat(", ?", len(values)-1) + ")", args
}
