package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/drift"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/testkit/golden"
)

// TestStoredFieldsAreAsPinned compares the JSON field paths of the export and of the body of every kind of event with
// the golden file. Every field has a value, also those that TestTheAuditExportIsAsPinned leaves empty.
func TestStoredFieldsAreAsPinned(t *testing.T) {
	t.Parallel()
	op, event := filled[audit.Operation](), filled[audit.Event]()
	op.Intent, event.Facts = encoded(t, filled[operations.Intent]()), encoded(t, filled[operations.Facts]())
	fields := map[string]bool{}
	var export strings.Builder
	err := audit.Exporter{}.Export(t.Context(), stream{op, event}, audit.Search{}, audit.JSONLines, &export,
		func() error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(export.String()) {
		addFields(t, fields, "jsonl", []byte(line))
	}
	for _, line := range written(t, op, event) {
		var body struct {
			Kind string
			Body json.RawMessage
		}
		if err := json.Unmarshal([]byte(line), &body); err != nil {
			t.Fatal(err)
		}
		addFields(t, fields, body.Kind, body.Body)
	}
	for kind, notice := range notices() {
		addFields(t, fields, string(kind), encoded(t, notice))
	}
	golden.Equal(t, "testdata/stored_fields.txt", strings.Join(slices.Sorted(maps.Keys(fields)), "\n")+"\n")
}

// TestStoredValuesAreAsPinned compares the values of the enumerations that the database holds with the golden file.
func TestStoredValuesAreAsPinned(t *testing.T) {
	t.Parallel()
	permissions := []policy.Permission{}
	for _, d := range policy.Permissions() {
		permissions = append(permissions, d.Permission)
	}
	kinds := []audit.EventKind{
		audit.GenesisEvent, audit.IntentEvent, audit.OutcomeEvent, audit.ResolutionEvent, audit.ReopenedEvent,
	}
	var lines []string
	for _, enumeration := range []struct {
		name   string
		values any
	}{
		{"action", audit.Actions()},
		{"result", audit.Results()},
		{"event kind", append(kinds, slices.Sorted(maps.Keys(notices()))...)},
		{"target kind", []access.Kind{access.Subuser, access.Key}},
		{"source of an address", []string{audit.FromConnection, audit.FromForwarded}},
		{"sign-in method", []string{operator.Demo, operator.OIDC, operator.ProxyJWT, operator.ProxyHeader}},
		{"permission", permissions},
		{"drift", []drift.FindingType{
			drift.Appeared, drift.Gone, drift.Granted, drift.Revoked, drift.Renamed, drift.DescriptionChanged,
		}},
		{"end of a drift finding", []drift.Outcome{drift.Accepted, drift.Ended}},
		{"kind of a bulk change", []bulk.Kind{bulk.Roles, bulk.Delete, bulk.Create}},
		{"state of a bulk change", []bulk.State{bulk.Draft, bulk.Running, bulk.Stopped, bulk.Done}},
		{
			"state of a bulk item",
			[]bulk.ItemState{bulk.Waiting, bulk.InProgress, bulk.Finished, bulk.Unchanged, bulk.Skipped},
		},
		{"warning", []operations.Warning{
			operations.WarnLastOwner, operations.WarnConsoleKeyOwnerUnknown, operations.WarnKeys,
		}},
	} {
		for _, value := range reflect.ValueOf(enumeration.values).Seq2() {
			lines = append(lines, enumeration.name+": "+value.String()+"\n")
		}
	}
	slices.Sort(lines)
	golden.Equal(t, "testdata/stored_values.txt", strings.Join(lines, ""))
}

// notices returns a notice of every kind with every field filled in.
func notices() map[audit.EventKind]audit.Notice {
	return map[audit.EventKind]audit.Notice{
		audit.SignInEvent:        filled[audit.SignedIn](),
		audit.SignInRefusedEvent: filled[audit.SignInRefused](),
		audit.SignOutEvent:       filled[audit.SignedOut](),
		audit.SessionEndedEvent:  filled[audit.SessionsEnded](),

		audit.RenewalRefusedEvent: filled[audit.RenewalRefused](),
		audit.DeniedEvent:         filled[audit.Denied](),
		audit.ExportEvent:         filled[audit.Exported](),
		audit.StartEvent:          filled[audit.Started](),
		audit.DriftAcceptedEvent:  filled[audit.DriftAccepted](),
		audit.PruneEvent:          filled[audit.LogPruned](),
		audit.LossAcceptedEvent:   filled[audit.LossAccepted](),
		audit.BulkChangeEvent:     filled[audit.BulkChanged](),
		audit.BulkItemEvent:       filled[audit.BulkItemDone](),
		audit.MismatchEvent:       filled[audit.MismatchFound](),
		audit.DriftStateEvent:     filled[audit.DriftChanged](),
		audit.FactsEvent:          filled[audit.FactsChanged](),

		audit.RefusalsOmittedEvent: filled[audit.RefusalsOmitted](),
	}
}

// stream is an audit.Streamer of one operation with one event.
type stream struct {
	op    audit.Operation
	event audit.Event
}

// Stream implements audit.Streamer.
func (s stream) Stream(
	_ context.Context,
	_ audit.Search,
	each func(audit.Operation, []audit.Event) error,
	_ func() error,
) error {
	return each(s.op, []audit.Event{s.event})
}

// written writes an operation and an event that changes its target. It returns the copies of both events in the log.
func written(t *testing.T, op audit.Operation, event audit.Event) []string {
	t.Helper()
	log := &lockedBuffer{}
	w := apptest.NewWorld(t, apptest.Options{Logger: slog.New(slog.NewJSONHandler(log, nil))})
	t.Cleanup(w.Close)
	begun, err := w.AuditLog.Begin(t.Context(), op, audit.Guard{Locks: []string{"lock"}})
	if err != nil {
		t.Fatal(err)
	}
	begun.Target.Name, event.Kind = "changed", audit.OutcomeEvent
	if _, err := w.AuditLog.Append(t.Context(), begun, true, event); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(eventsIn(log.String())), "\n")
}

// filled returns a value of which every field is set.
func filled[T any]() T {
	var value T
	fill(reflect.ValueOf(&value).Elem())
	return value
}

// fill sets every field of v.
func fill(v reflect.Value) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)))
	case v.Type() == reflect.TypeFor[json.RawMessage]():
		v.SetBytes([]byte(`{}`))
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case v.Kind() == reflect.String:
		v.SetString("x")
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	default:
		v.SetInt(int64(time.Second))
	}
}

// encoded returns value as JSON.
func encoded(t *testing.T, value any) []byte {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// addFields adds the path of every field in a JSON text, with the type of its value.
func addFields(t *testing.T, fields map[string]bool, path string, data []byte) {
	t.Helper()
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		t.Fatal(err)
	}
	walkFields(fields, path, value)
}

// walkFields adds the paths of the fields of a decoded JSON value.
func walkFields(fields map[string]bool, path string, value any) {
	switch value := value.(type) {
	case map[string]any:
		for name, field := range value {
			walkFields(fields, path+"."+name, field)
		}
	case []any:
		for _, element := range value {
			walkFields(fields, path+"[]", element)
		}
	case float64:
		fields[path+": number"] = true
	default:
		fields[fmt.Sprintf("%s: %T", path, value)] = true
	}
}
