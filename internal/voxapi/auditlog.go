package voxapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"time"
)

// AuditEntry is one entry of the audit log that the vendor keeps for an account. See
// https://voximplant.com/docs/references/httpapi/auditloginfo.
type AuditEntry struct {
	// ID is the entry's id, a positive number.
	ID int64
	// At is when the call was made, to the second; zero if the time zone or the time format of the response is not
	// known.
	At time.Time
	// IP is the address that the call came from; empty if the vendor gave no valid address.
	IP string
	// Command is the method that was called, such as SetSubUserRoles.
	Command string
	// Arguments holds the ids and names among the arguments, by the vendor's parameter names, lists joined by
	// semicolons. All other arguments are dropped, since they may be passwords.
	Arguments map[string]string
	// Result holds the ids of the objects that the call created, by the vendor's field names.
	Result map[string]string
	// SubuserID is the subuser that made the call; 0 if the entry names none.
	SubuserID int64
	// SubuserName is the login of that subuser.
	SubuserName string
}

// AuditQuery selects entries of the audit log.
type AuditQuery struct {
	// From and To bound the time, both included, to the second. The vendor requires both; To must not be before From.
	// The largest range is not documented; a range that is too wide gives code 569.
	From, To time.Time
	// Commands are the methods to list; empty for all.
	Commands []string
	// NewestFirst sorts by time, descending.
	NewestFirst bool
	// Offset is how many entries to skip.
	Offset int
	// Count is the page size; 0 leaves it to the vendor, which documents 100 in one place and "a limit of its own" in
	// another.
	Count int
}

// AuditLog lists the audit log that the vendor keeps for the account. It is not documented whether role system calls
// are in it, so a missing entry proves nothing. The console key needs the role Owner, else the code is 104.
//
// https://docs.voximplant.ai/api-reference/management-api/history/get-audit-log
func (r *Reader) AuditLog(ctx context.Context, account int64, q AuditQuery) ([]AuditEntry, error) {
	p := newParams()
	if q.From.IsZero() || q.To.IsZero() || q.To.Before(q.From) {
		p.fail(errors.New("from_date and to_date must be given in order"))
	}
	p.text("from_date", q.From.UTC().Format(vendorTimeLayout))
	p.text("to_date", q.To.UTC().Format(vendorTimeLayout))
	p.text("timezone", "UTC")
	p.optional("filtered_cmd", strings.Join(q.Commands, ";"))
	p.flag("desc_order", q.NewestFirst)
	p.count("offset", q.Offset)
	p.count("count", q.Count)
	var rows []AuditEntry
	err := r.read(ctx, account, "GetAuditLog", p, func(a envelope) (err error) {
		zone := responseZone(a)
		rows, err = decodeList(a.result(), func(w wireAuditEntry) (AuditEntry, error) { return w.entry(zone) })
		return err
	})
	return rows, err
}

// vendorTimeLayout is the API's time format, which has no time zone.
const vendorTimeLayout = "2006-01-02 15:04:05"

// responseZone returns the time zone of a response, which is beside the result: UTC, as requested, if the response
// names none, and nil if the zone is not known on this machine.
func responseZone(a envelope) *time.Location {
	var name text
	if raw := a["timezone"]; raw != nil && json.Unmarshal(raw, &name) != nil {
		return nil
	}
	// "Local" would be the time zone of this machine.
	zone, err := time.LoadLocation(string(name))
	if err != nil || name == "Local" {
		return nil
	}
	return zone
}

// wireAuditEntry is the vendor's AuditLogInfo.
type wireAuditEntry struct {
	ID          *number         `json:"audit_log_id"`
	Requested   text            `json:"requested"`
	IP          text            `json:"ip"`
	Command     text            `json:"cmd_name"`
	Arguments   json.RawMessage `json:"cmd_args"`
	Result      json.RawMessage `json:"cmd_result"`
	SubuserID   *number         `json:"subuser_id"`
	SubuserName text            `json:"subuser_name"`
}

func (w wireAuditEntry) entry(zone *time.Location) (AuditEntry, error) {
	id, err := requiredID(w.ID, "an audit log entry without audit_log_id")
	if err != nil {
		return AuditEntry{}, err
	}
	row := AuditEntry{
		ID:          id,
		Command:     string(w.Command),
		Arguments:   namedValues(w.Arguments, visibleArguments()),
		Result:      namedValues(w.Result, visibleResults()),
		SubuserName: string(w.SubuserName),
	}
	if ip, err := netip.ParseAddr(string(w.IP)); err == nil {
		row.IP = ip.String()
	}
	if w.SubuserID != nil && *w.SubuserID > 0 {
		row.SubuserID = int64(*w.SubuserID)
	}
	if zone != nil {
		if at, err := time.ParseInLocation(vendorTimeLayout, string(w.Requested), zone); err == nil {
			row.At = at.UTC()
		}
	}
	return row, nil
}
