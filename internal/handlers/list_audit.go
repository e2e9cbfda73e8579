package handlers

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/policy"
	auditview "github.com/voxwarden/voxwarden/views/audit"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// auditSearcher searches operations around a cursor, and lists all actors.
type auditSearcher interface {
	Before(ctx context.Context, s audit.Search, at audit.Cursor, limit int) (audit.Page, error)
	After(ctx context.Context, s audit.Search, at audit.Cursor, limit int) (audit.Page, error)
	Actors(ctx context.Context, account int64) ([]audit.Actor, error)
}

// maxSuggestions is the number of suggestions for an actor. Others can be typed.
const maxSuggestions = 200

// listAudit shows one page of the audit log, as far as the operator may see it.
func (a *App) listAudit(auditLog auditSearcher) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		q := r.URL.Query()
		search, problems, windowed := a.auditSearch(r)
		search.Entries = true
		m := auditview.List{
			Frame:   a.frame(r, page.AuditLog, page.AuditLog.Title()),
			Filter:  auditFilterValues(q),
			Errors:  searchErrors(problems),
			OwnOnly: search.OnlyActor != "",
			Actions: actionOptions(search.Action),
			Results: resultOptions(search.Result),
			Roles:   roleIDOptions(a.Directory.Catalogue(r.Context(), a.Account), search.Role),
			Changes: roleEffectOptions(search.Effect),
		}
		if !m.OwnOnly {
			actors, err := a.memories.actors.get(a.momentOf(r), func() ([]audit.Actor, error) {
				actors, err := auditLog.Actors(r.Context(), a.Account)
				return slices.Clone(actors[:min(len(actors), maxSuggestions)]), err
			})
			if err != nil {
				return err
			}
			m.Actors = actorOptions(actors)
		}
		if len(problems) > 0 {
			m.Frame.Failed = true
			return a.render(w, r, http.StatusUnprocessableEntity, auditview.ListPage(m))
		}
		found, err := findPage(r.Context(), auditLog, search, q)
		if errors.Is(err, audit.ErrSearchTimeout) {
			m.Frame.Failed, m.TimedOut = true, true
			m.Frame.Banners = append(m.Frame.Banners, auditview.SearchTimeoutBanner())
			return a.render(w, r, http.StatusServiceUnavailable, auditview.ListPage(m))
		}
		if err != nil {
			return err
		}
		m.Operations = a.entryViews(stateOf(r).operator, found, func(id string) string { return m.Filter.HrefOfBulk(id) })
		for i, operation := range m.Operations {
			if operation.Entry != nil {
				operation.Entry.Open = m.Filter.Text != ""
			} else if search.BulkID != "" {
				m.Operations[i].BulkHref, m.BulkHref = "", cmp.Or(m.BulkHref, operation.BulkHref)
			}
		}
		if windowed {
			m.TextSince = search.From
		}
		m.Newest, m.Newer, m.Older = auditPageLinks(m.Filter.Query(), found)
		if a.Policy.May(stateOf(r).operator, policy.AuditExport) {
			m.ExportCSV, m.ExportJSON = "/audit.csv"+m.Filter.Query(), "/audit.jsonl"+m.Filter.Query()
		}
		return a.render(w, r, http.StatusOK, auditview.ListPage(m))
	}
}

// auditSearch returns the search that a URL asks for, restricted to what the operator may see.
func (a *App) auditSearch(r *http.Request) (s audit.Search, problems map[string]string, windowed bool) {
	s, problems, windowed = audit.ParseSearch(r.URL.Query().Get, a.Now())
	s.Account = a.Account
	if o := stateOf(r).operator; !a.Policy.May(o, policy.AuditView) {
		s.OnlyActor, s.Actor = o.ID(), ""
		delete(problems, "actor") // the page has no such field
	}
	return s, problems, windowed
}

// findPage returns the page that a URL asks for: after or before a cursor, or the newest.
func findPage(ctx context.Context, auditLog auditSearcher, s audit.Search, q url.Values) (audit.Page, error) {
	if at, ok := parseCursor(q.Get("after")); ok {
		return auditLog.After(ctx, s, at, perPage)
	}
	at, _ := parseCursor(q.Get("before"))
	return auditLog.Before(ctx, s, at, perPage)
}

// auditPageLinks returns the paths of the pages around this one, "" for none.
func auditPageLinks(query string, found audit.Page) (newest, newer, older string) {
	if len(found.Operations) == 0 {
		if found.Newer {
			newest = "/audit" + query // the cursor is after the oldest operation
		}
		return newest, "", ""
	}
	path := func(side string, op audit.Operation) string {
		join := "?"
		if query != "" {
			join = "&"
		}
		return "/audit" + query + join + side + "=" + url.QueryEscape(formatCursor(audit.CursorOf(op)))
	}
	if found.Newer {
		newest, newer = "/audit"+query, path("after", found.Operations[0])
	}
	if found.Older {
		older = path("before", found.Operations[len(found.Operations)-1])
	}
	return newest, newer, older
}

// formatCursor returns a cursor for URLs: microseconds since 1970, a dot, and the id of an operation.
func formatCursor(c audit.Cursor) string {
	return strconv.FormatInt(c.At.UnixMicro(), 10) + "." + c.ID
}

// parseCursor parses the result of formatCursor.
func parseCursor(text string) (c audit.Cursor, ok bool) {
	moment, id, _ := strings.Cut(text, ".")
	at, err := strconv.ParseInt(moment, 10, 64)
	if err != nil || !isOperationID(id) {
		return audit.Cursor{}, false
	}
	return audit.Cursor{At: time.UnixMicro(at).UTC(), ID: id}, true
}

// auditFilterValues returns the filter in a URL as it was typed.
func auditFilterValues(q url.Values) auditview.Filter {
	return auditview.Filter{
		Actor:  searchText(q.Get("actor")),
		Target: searchText(q.Get("target")),
		From:   searchText(q.Get("from")),
		To:     searchText(q.Get("to")),
		Text:   searchText(q.Get("q")),
		Action: searchText(q.Get("action")),
		Result: searchText(q.Get("result")),
		Role:   searchText(q.Get("role")),
		Change: searchText(q.Get("change")),
		BulkID: searchText(q.Get("bulk")),
	}
}

// searchErrors returns the problems of a search in the order of the fields.
func searchErrors(problems map[string]string) []ui.FieldError {
	var errs []ui.FieldError
	for _, name := range []string{"actor", "target", "action", "role", "change", "result", "from", "to", "q", "bulk"} {
		if text, wrong := problems[name]; wrong {
			errs = append(errs, ui.FieldError{Field: name, Text: text})
		}
	}
	return errs
}

// actionOptions returns the choices of the filter by action.
func actionOptions(chosen audit.Action) []ui.Option {
	labels := map[string]int{} // number of actions by label
	for _, action := range audit.Actions() {
		labels[descriptorOf(audit.Operation{Action: action}).Label]++
	}
	var options []ui.Option
	for _, action := range audit.Actions() {
		d := descriptorOf(audit.Operation{Action: action})
		option := ui.Option{Value: string(action), Text: d.Label, Selected: action == chosen}
		if labels[d.Label] > 1 {
			option.Text = auditview.ActionOnKind(d.Label, d.Kind)
		}
		options = append(options, option)
	}
	return options
}

// resultOptions returns the choices of the filter by result. Open operations come first, since they may need attention.
func resultOptions(chosen audit.Result) []ui.Option {
	options := []ui.Option{{
		Value:    string(audit.OnlyOpen),
		Text:     auditview.UnresolvedChoice,
		Selected: chosen == audit.OnlyOpen,
	}}
	for _, result := range audit.Results() {
		options = append(
			options,
			ui.Option{Value: string(result), Text: page.Result(result).Text(), Selected: result == chosen},
		)
	}
	return options
}

// roleIDOptions returns the choices of the filter by role: the catalogue, and the chosen role when it is not in it.
func roleIDOptions(c directory.Catalogue, chosen int64) []ui.Option {
	var options []ui.Option
	listed := chosen == 0
	for _, role := range c.Roles {
		listed = listed || role.ID == chosen
		options = append(options, ui.Option{
			Value:    strconv.FormatInt(role.ID, 10),
			Text:     role.Name,
			Selected: role.ID == chosen,
		})
	}
	if !listed {
		id := strconv.FormatInt(chosen, 10)
		options = append(options, ui.Option{Value: id, Text: auditview.UnlistedRoleChoice(id), Selected: true})
	}
	return options
}

// roleEffectOptions returns the choices of the filter by what was done to the role.
func roleEffectOptions(chosen audit.RoleEffect) []ui.Option {
	var options []ui.Option
	for _, effect := range audit.RoleEffects() {
		text := auditview.RoleEffectText(string(effect))
		options = append(options, ui.Option{Value: string(effect), Text: text, Selected: effect == chosen})
	}
	return options
}

// actorOptions returns the choices of the filter by person: the e-mail, else the name, else the subject.
func actorOptions(actors []audit.Actor) []ui.Option {
	shown := make([]ui.Option, 0, len(actors))
	for _, p := range actors {
		value := p.Email
		if value == "" {
			value = p.Display()
		}
		shown = append(shown, ui.Option{Value: value, Text: auditview.ActorChoice(p.Display(), p.Subject)})
	}
	return shown
}
