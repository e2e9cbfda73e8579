package voxapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"time"
)

// AuditRow is one line of the vendor's own history of an account. See
// https://voximplant.com/docs/references/httpapi/auditloginfo.
type AuditRow struct {
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
	// Newest asks for the newest first.
	Newest bool
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
func (r *Reader) AuditLog(ctx context.Context, account int64, q AuditQuery) ([]AuditRow, error) {
	p := newParams()
	if q.From.IsZero() || q.To.IsZero() || q.To.Before(q.From) {
		p.fail(errors.New("from_date and to_date must be given in order"))
	}
	p.text("from_date", q.From.UTC().Format(vendorTime))
	p.text("to_date", q.To.UTC().Format(vendorTime))
	p.text("timezone", "UTC")
	p.optional("filtered_cmd", strings.Join(q.Commands, ";"))
	p.flag("desc_order", q.Newest)
	p.count("offset", q.Offset)
	p.count("count", q.Count)
	var rows []AuditRow
	err := r.read(ctx, account, "GetAuditLog", p, func(a answer) (err error) {
		zone := zoneOf(a)
		rows, err = decodeList(a.result(), func(w wireAuditRow) (AuditRow, error) { return w.row(zone) })
		return err
	})
	return rows, err
}

// vendorTime is how the API writes a moment, without a zone.
const vendorTime = "2006-01-02 15:04:05"

// zoneOf is the zone in which an answer tells times, which stands beside the
// result: the one that was asked for when it says nothing, and nil when it is one
// that this machine does not know.
func zoneOf(a answer) *time.Location {
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

// wireAuditRow is the vendor's AuditLogInfo.
type wireAuditRow struct {
	ID          *number         `json:"audit_log_id"`
	Requested   text            `json:"requested"`
	IP          text            `json:"ip"`
	Command     text            `json:"cmd_name"`
	Arguments   json.RawMessage `json:"cmd_args"`
	Result      json.RawMessage `json:"cmd_result"`
	SubuserID   *number         `json:"subuser_id"`
	SubuserName text            `json:"subuser_name"`
}

func (w wireAuditRow) row(zone *time.Location) (AuditRow, error) {
	id, err := positive(w.ID, "a row of the history without audit_log_id")
	if err != nil {
		return AuditRow{}, err
	}
	row := AuditRow{
		ID:          id,
		Command:     string(w.Command),
		Arguments:   namedValues(w.Arguments, openArguments()),
		Result:      namedValues(w.Result, openResults()),
		SubuserName: string(w.SubuserName),
	}
	if ip, err := netip.ParseAddr(string(w.IP)); err == nil {
		row.IP = ip.String()
	}
	if w.SubuserID != nil && *w.SubuserID > 0 {
		row.SubuserID = int64(*w.SubuserID)
	}
	if zone != nil {
		if at, err := time.ParseInLocation(vendorTime, string(w.Requested), zone); err == nil {
			row.At = at.UTC()
		}
	}
	return row, nil
}
