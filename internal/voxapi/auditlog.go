package voxapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"time"
)

// AuditEntry is one line of the vendor's own history of an account. See
// https://voximplant.com/docs/references/httpapi/auditloginfo.
type AuditEntry struct {
	// ID is the row's id, a positive number.
	ID int64
	// At is when the call was made, to the second; zero when the answer names a
	// zone that is not known here, or a time in another form than the documented.
	At time.Time
	// IP is the address that the call came from; empty when it is none.
	IP string
	// Command is the method that was called, such as SetSubUserRoles.
	Command string
	// Arguments are the ids and names among the arguments, by the vendor's names for
	// them, lists joined by semicolons. The others never leave this package, since
	// they may be passwords.
	Arguments map[string]string
	// Result are the ids among what the call made, likewise.
	Result map[string]string
	// SubuserID is the subuser who called; 0 when the row names none.
	SubuserID int64
	// SubuserName is their login.
	SubuserName string
}

// AuditQuery chooses which rows of the history to list.
type AuditQuery struct {
	// From and To bound the time, both included, to the second. Both must be given,
	// and To not before From: the vendor's pages require them. How wide a range may
	// be is not documented; one that is too wide gives code 569.
	From, To time.Time
	// Commands are the methods to list; none for all.
	Commands []string
	// NewestFirst asks for the newest first.
	NewestFirst bool
	// Offset skips so many rows.
	Offset int
	// Count is the wanted page size; 0 leaves it to the vendor, who documents 100 in
	// one place and "a limit of its own" in another.
	Count int
}

// AuditLog lists the vendor's history of the account. Whether calls of the role
// system are in it is not documented, so an absent row proves nothing. It needs
// the role Owner, else code 104.
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

// vendorTimeLayout is how the API writes a moment, without a zone.
const vendorTimeLayout = "2006-01-02 15:04:05"

// responseZone is the zone in which an answer tells times, which stands beside the
// result: the one that was asked for when it says nothing, and nil when it is one
// that this machine does not know.
func responseZone(a envelope) *time.Location {
	var name text
	if raw := a["timezone"]; raw != nil && json.Unmarshal(raw, &name) != nil {
		return nil
	}
	// "Local" would be this machine's.
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
	id, err := requiredID(w.ID, "a row of the history without audit_log_id")
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
