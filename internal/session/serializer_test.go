package session

import (
	"bytes"
	"maps"
	"strings"
	"testing"
)

func TestSerializer(t *testing.T) {
	t.Parallel()
	for _, values := range []map[any]any{
		{},
		{"operator": `{"Issuer":"x"}`, "token": "\x00\xff|", "": "", "large": strings.Repeat("x", 1<<20)},
	} {
		list, err := serializer{}.Serialize(values)
		if err != nil {
			t.Fatal(err)
		}
		var read map[any]any
		if err := (serializer{}).Deserialize(list, &read); err != nil || !maps.Equal(read, values) {
			t.Errorf("got %d values, want %d: %v", len(read), len(values), err)
		}
	}
	for _, values := range []any{map[any]any{"operator": 1}, map[any]any{1: "x"}, 7, nil} {
		if list, err := (serializer{}).Serialize(values); err == nil {
			t.Errorf("%v is written as %q", values, list)
		}
	}
}

// FuzzDeserialize reads texts that Serialize has not written: they are refused, or have one meaning only.
func FuzzDeserialize(f *testing.F) {
	for _, list := range []string{
		"", "\x01", "\x01a", "\x01a\x01", "\x01a\x01b", "\x01a\x02b", "\x80", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
	} {
		f.Add([]byte(list))
	}
	f.Fuzz(func(t *testing.T, list []byte) {
		var values map[any]any
		if (serializer{}).Deserialize(list, &values) != nil {
			return
		}
		again, err := serializer{}.Serialize(values)
		if err != nil || len(again) > len(list) {
			t.Errorf("%q is read as %q and written as %q: %v", list, values, again, err)
		}
		if len(values) == 1 && len(again) == len(list) && !bytes.Equal(again, list) {
			t.Errorf("%q is written as %q", list, again)
		}
	})
}
