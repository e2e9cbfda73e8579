package voxsim

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// auditQuery holds the parameters of GetAuditLog.
type auditQuery struct {
	from, to    time.Time // zero if a variant makes them optional and they are missing
	zone        *time.Location
	ids         []int64
	admins      []int64
	addresses   []string
	commands    []string
	related     string
	newestFirst bool
	withTotal   bool
	count       int
	offset      int
}

func (x *invocation) auditQuery() (q auditQuery, refusal *Refusal) {
	for _, read := range []func(*auditQuery) *Refusal{x.auditDates, x.auditZone, x.auditLists, x.auditPage} {
		if refusal := read(&q); refusal != nil {
			return auditQuery{}, refusal
		}
	}
	return q, nil
}

// auditDates parses from_date and to_date, which are in UTC whatever the time zone of the response. They are required
// in the vendor's pages and in most clients, and optional in the newest one.
func (x *invocation) auditDates(q *auditQuery) *Refusal {
	for _, bound := range []struct {
		name string
		at   *time.Time
	}{{"from_date", &q.from}, {"to_date", &q.to}} {
		text := x.params[bound.name]
		if text == "" {
			if x.variants.AuditDatesOptional {
				continue
			}
			return x.missing(bound.name)
		}
		at, err := time.Parse(vendorTimeLayout, text)
		if err != nil {
			return refuse(codeDateFormat)
		}
		*bound.at = at
	}
	if q.from.IsZero() || q.to.IsZero() {
		return nil
	}
	if q.to.Before(q.from) {
		return refuse(codeDateRange)
	}
	if days := x.variants.AuditDays; days > 0 && q.to.Sub(q.from) > time.Duration(days)*24*time.Hour {
		return refuse(codeDateRangeLimit, days)
	}
	return nil
}

// auditZone parses timezone: a name, or auto for the account's own. The default is not published; the simulator uses
// UTC.
func (x *invocation) auditZone(q *auditQuery) *Refusal {
	name := x.params["timezone"]
	if name == "auto" {
		name = accountLocation
	}
	zone, err := time.LoadLocation(name) // the empty name is UTC
	if err != nil || name == "Local" {
		return refuse(codeInvalidParameter, "timezone")
	}
	q.zone = zone
	return nil
}

func (x *invocation) auditLists(q *auditQuery) *Refusal {
	for name, list := range map[string]*[]int64{"audit_log_id": &q.ids, "filtered_admin_user_id": &q.admins} {
		if x.params[name] == "" {
			continue
		}
		for item := range strings.SplitSeq(x.params[name], ";") {
			id, err := strconv.ParseInt(item, 10, 64)
			if err != nil {
				return refuse(codeInvalidArguments)
			}
			*list = append(*list, id)
		}
	}
	for name, list := range map[string]*[]string{"filtered_ip": &q.addresses, "filtered_cmd": &q.commands} {
		if x.params[name] != "" {
			*list = strings.Split(x.params[name], ";")
		}
	}
	related, given := x.params["advanced_filters"]
	if given && strings.TrimSpace(related) == "" {
		return refuse(codeAdvancedFilters) // it is not published which filters are invalid
	}
	q.related = related
	return nil
}

func (x *invocation) auditPage(q *auditQuery) (refusal *Refusal) {
	if q.newestFirst, refusal = x.flag("desc_order", false); refusal != nil {
		return refusal
	}
	if q.withTotal, refusal = x.flag("with_total_count", false); refusal != nil {
		return refusal
	}
	if q.offset, refusal = x.number("offset", 0, 0); refusal != nil {
		return refusal
	}
	if q.count, refusal = x.count(defaultAuditPage); refusal != nil {
		return refusal
	}
	q.count = min(q.count, largestPage)
	if x.variants.PageCap > 0 {
		q.count = min(q.count, x.variants.PageCap)
	}
	if x.variants.OffsetIgnored {
		q.offset = 0
	}
	return nil
}

// matches reports whether an entry is requested. Both bounds of the range are included. No entry has an admin user.
func (q auditQuery) matches(entry auditEntry) bool {
	at := entry.at.Truncate(time.Second)
	return !(len(q.admins) > 0 ||
		!q.from.IsZero() && at.Before(q.from) ||
		!q.to.IsZero() && at.After(q.to) ||
		q.ids != nil && !slices.Contains(q.ids, entry.id) ||
		q.addresses != nil && !slices.Contains(q.addresses, entry.ip) ||
		q.commands != nil && !slices.Contains(q.commands, entry.command) ||
		q.related != "" && !entry.relatesTo(q.related))
}

// relatesTo reports whether an entry has an id among its arguments or its result.
func (l auditEntry) relatesTo(id string) bool {
	made, _ := l.result.(map[string]any)
	for _, values := range []map[string]any{l.arguments, made} {
		for _, name := range []string{"subuser_id", "key_id"} {
			switch value := values[name].(type) {
			case string:
				if value == id {
					return true
				}
			case int64:
				if strconv.FormatInt(value, 10) == id {
					return true
				}
			}
		}
	}
	return false
}
