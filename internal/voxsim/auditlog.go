package voxsim

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// vendorTimeLayout is the API's time format, which has no time zone.
const vendorTimeLayout = "2006-01-02 15:04:05"

// Addresses of callers, from the ranges reserved for documentation.
const (
	panelAddress   = "203.0.113.7" // the vendor's panel, for external changes
	unknownAddress = "192.0.2.1"   // a call without a network
)

// defaultAuditPage is the published default of count for GetAuditLog.
const defaultAuditPage = 100

// auditEntry is one entry of the vendor's audit log. Entries are in the order of the ledger.
type auditEntry struct {
	id          int64
	accountID   int64
	at          time.Time
	ip          string
	command     string
	arguments   map[string]any // secrets are masked
	result      any            // nil if the method returns only 1
	subuserID   int64          // of the calling key; 0 for none
	subuserName string
}

// auditEntryView is AuditLogInfo. Its arguments and result are objects in the published example, any value in the types
// of some clients, and a string in those of the newest one.
type auditEntryView struct {
	ID          int64  `json:"audit_log_id"`
	AccountID   int64  `json:"account_id"`
	Requested   string `json:"requested"`
	IP          string `json:"ip"`
	Command     string `json:"cmd_name"`
	Arguments   any    `json:"cmd_args"`
	Result      any    `json:"cmd_result,omitempty"`
	SubuserID   int64  `json:"subuser_id,omitempty"`
	SubuserName string `json:"subuser_name,omitempty"`
	Extra       *extra `json:"x_sim_extra,omitempty"`
}

// appendAuditEntry adds a committed call to the audit log, unless a variant excludes the role system from it. It is not
// published which calls are logged; the examples show only calls that change something. The lock must be held.
func (s *Sim) appendAuditEntry(x *invocation, result any) {
	if s.variants.AuditSilent {
		return
	}
	entry := auditEntry{
		id:          int64(len(s.auditEntries) + 1),
		accountID:   x.account.id,
		at:          s.now().Add(s.variants.ClockOffset),
		ip:          cmp.Or(x.ip, unknownAddress),
		command:     x.ledgerEntry.Method,
		arguments:   x.auditArguments(),
		result:      auditResult(result),
		subuserID:   x.callerSubuserID,
		subuserName: x.callerLogin,
	}
	s.auditEntries = append(s.auditEntries, entry)
}

// auditArguments returns the parameters with the types of the published example and with masked passwords.
func (x *invocation) auditArguments() map[string]any {
	arguments := map[string]any{}
	for name, value := range x.params {
		switch {
		case name == "cmd":
		case strings.Contains(name, "password"), name == "api_key", name == "session_id":
			arguments[name] = "***"
		case name == "role_id":
			ids := []int64{}
			for item := range strings.SplitSeq(value, ";") {
				if id, err := strconv.ParseInt(item, 10, 64); err == nil {
					ids = append(ids, id)
				}
			}
			arguments[name] = ids
		case name == "role_name":
			arguments[name] = strings.Split(value, ";")
		case name == "force":
			arguments[name] = strings.EqualFold(value, "true") || value == "1"
		default:
			if id, err := strconv.ParseInt(value, 10, 64); err == nil && strings.HasSuffix(name, "_id") {
				arguments[name] = id
			} else {
				arguments[name] = value
			}
		}
	}
	return arguments
}

// auditResult returns the id of what a call created, without the private key; nil for a call that returns 1.
func auditResult(result any) any {
	switch made := result.(type) {
	case keyInfo:
		return map[string]any{"key_id": made.KeyID}
	case subuserIDResult:
		return map[string]any{"subuser_id": made.SubuserID}
	}
	return nil
}

// getAuditLog handles GetAuditLog with JSON output. CSV output is not simulated.
func getAuditLog(x *invocation) (successBody, *Refusal) {
	q, refusal := x.auditQuery()
	if refusal != nil {
		return successBody{}, refusal
	}
	rows := slices.DeleteFunc(slices.Clone(x.sim.auditEntries), func(l auditEntry) bool {
		return l.accountID != x.account.id || !q.matches(l)
	})
	if q.newestFirst {
		slices.Reverse(rows)
	}
	total := len(rows)
	from := min(q.offset, total)
	rows = rows[from:min(from+q.count, total)]
	views := make([]auditEntryView, len(rows))
	for i, l := range rows {
		views[i] = x.auditEntryView(l, q.zone)
	}
	a := x.success(views)
	a.Count, a.Timezone = new(len(views)), q.zone.String()
	if q.withTotal {
		a.TotalCount = &total
	}
	return a, nil
}

// getAuditLogAsync handles GetAuditLogAsync, which starts a report in CSV and returns its id. The methods that list and
// download reports are not simulated.
func getAuditLogAsync(x *invocation) (successBody, *Refusal) {
	if _, refusal := x.auditQuery(); refusal != nil {
		return successBody{}, refusal
	}
	if _, refusal := x.flag("with_header", false); refusal != nil {
		return successBody{}, refusal
	}
	x.sim.lastReport++
	a := x.done()
	a.HistoryReportID = x.sim.lastReport
	return a, nil
}

func (x *invocation) auditEntryView(l auditEntry, zone *time.Location) auditEntryView {
	view := auditEntryView{
		ID:          l.id,
		AccountID:   x.account.id,
		Requested:   l.at.In(zone).Format(vendorTimeLayout),
		IP:          l.ip,
		Command:     l.command,
		Arguments:   maps.Clone(l.arguments),
		Result:      l.result,
		SubuserID:   l.subuserID,
		SubuserName: l.subuserName,
		Extra:       x.variants.extra(),
	}
	if x.variants.AuditText {
		view.Arguments = jsonText(view.Arguments)
		if view.Result != nil {
			view.Result = jsonText(view.Result)
		}
	}
	return view
}

// jsonText encodes a value as a JSON string.
func jsonText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // maps of strings and numbers can always be encoded
	}
	return string(text)
}
