package session

import (
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// filledOperator returns an operator with a value in each field, so that a field that is not stored shows.
func filledOperator(t *testing.T) operator.Operator {
	t.Helper()
	var o operator.Operator
	fields := reflect.ValueOf(&o).Elem()
	for i := range fields.NumField() {
		switch field := fields.Field(i); field.Interface().(type) {
		case time.Time:
			field.Set(reflect.ValueOf(time.Date(2026, time.November, 23, 12, i, 4, 5_006, time.UTC)))
		case []string:
			field.Set(reflect.ValueOf([]string{"staff", "", "správci|\x00\xff"}))
		default:
			switch field.Kind() {
			case reflect.String:
				field.SetString(fields.Type().Field(i).Name + " of the operator")
			case reflect.Bool:
				field.SetBool(true)
			case reflect.Int:
				field.SetInt(math.MaxInt)
			default:
				t.Fatalf("%s has no value in this test", fields.Type().Field(i).Name)
			}
		}
	}
	return o
}

func TestOperatorIsKept(t *testing.T) {
	t.Parallel()
	for _, o := range []operator.Operator{filledOperator(t), {}, {Issuer: "demo", Subject: "admin"}} {
		values := map[any]any{}
		if err := setOperator(values, o, Tokens{}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(o, operatorIn(values), cmpEmptyGroups()); diff != "" {
			t.Errorf("(-stored +read):\n%s", diff)
		}
	}
}

// cmpEmptyGroups compares no groups and an empty list of groups as equal.
func cmpEmptyGroups() cmp.Option {
	return cmp.FilterValues(
		func(a, b []string) bool { return len(a) == 0 && len(b) == 0 },
		cmp.Ignore(),
	)
}

// TestDamagedOperatorIsNotSignedIn reads every beginning of a stored operator, and stored fields that are not what
// they should be.
func TestDamagedOperatorIsNotSignedIn(t *testing.T) {
	t.Parallel()
	whole := operatorText(operator.Operator{Issuer: "demo", Subject: "admin", GroupsAt: time.Unix(7, 0), Method: "demo"})
	damaged := []string{`{"Issuer":"demo","Subject":"admin"}`, "\xff" + whole}
	for end := range len(whole) {
		damaged = append(damaged, whole[:end])
	}
	fields := []string{"demo", "admin", "", "", "true", "7", "", "", "7", "demo", "7"}
	for _, wrong := range []int{4, 5, 8, 10} {
		var list []byte
		for i, text := range fields {
			if i == wrong {
				text = "damaged"
			}
			list = appendText(list, text)
		}
		damaged = append(damaged, string(list))
	}
	for _, text := range damaged {
		if o := operatorIn(map[any]any{operatorKey: text}); o.Authenticated() {
			t.Errorf("%q is read as %q", text, o.ID())
		}
	}
}
