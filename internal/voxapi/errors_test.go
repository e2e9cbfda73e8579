package voxapi

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
)

func TestPredicates(t *testing.T) {
	t.Parallel()
	wrap := func(e Error) error { return fmt.Errorf("deleting the subuser: %w", &e) }
	type results struct{ refused, noSubuser, noKey bool }
	tests := map[string]struct {
		err  error
		want results
	}{
		"nil":                 {nil, results{}},
		"refused":             {wrap(Error{Kind: Refused, Code: 436}), results{refused: true}},
		"no such subuser":     {wrap(Error{Kind: Refused, Code: 434}), results{refused: true, noSubuser: true}},
		"no such key":         {wrap(Error{Kind: Refused, Code: 433}), results{refused: true, noKey: true}},
		"434 and more":        {wrap(Error{Kind: Unknown, Code: 434}), results{}},
		"not sent":            {wrap(Error{Kind: NotSent}), results{}},
		"unavailable":         {wrap(Error{Kind: Unavailable}), results{}},
		"the zero error":      {wrap(Error{}), results{}},
		"an error of another": {errors.New("x"), results{}},
	}
	for name, test := range tests {
		got := results{IsRefused(test.err), IsNotFound(test.err, access.Subuser), IsNotFound(test.err, access.Key)}
		if got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
	if Code(wrap(Error{Code: 436})) != 436 || Code(nil) != 0 || Code(errors.New("x")) != 0 {
		t.Error("Code does not find the code")
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	tests := map[string]Error{
		"voximplant AddSubUser: refused, code 436": {
			Kind:          Refused,
			Method:        "AddSubUser",
			Code:          436,
			VendorMessage: "not shown",
		},
		"voximplant GetRoles: unavailable, HTTP status 502: because": {
			Kind:   Unavailable,
			Method: "GetRoles",
			Status: 502,
			cause:  errors.New("because"),
		},
		"voximplant DelSubUser: unknown: the call timed out": {
			Method: "DelSubUser",
			cause:  newTransportError(context.DeadlineExceeded),
		},
		"voximplant DelSubUser: not sent: the call was cancelled": {
			Kind:   NotSent,
			Method: "DelSubUser",
			cause:  newTransportError(context.Canceled),
		},
		"voximplant X: unknown: the exchange failed (*errors.errorString)": {
			Method: "X",
			cause:  newTransportError(errors.New("quoted bytes")),
		},
	}
	for want, e := range tests {
		if e.Error() != want {
			t.Errorf("text is %q, want %q", e.Error(), want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "-7": 0, "soon": 0, "99999999999999999999": 0,
		"Mon, 23 Nov 2026 12:00:30 GMT": 30 * time.Second, "Mon, 23 Nov 2026 11:00:00 GMT": 0,
	} {
		v := respondInOrder(respondStatus(429, "Retry-After", header))
		c := newTestClient(t, v, func(o *Options) { o.Now = func() time.Time { return now } })
		e := wantError(t, c.Writer().DelSubUser(context.Background(), testAccount, 7), Unknown, 0)
		if e.RetryAfter != want {
			t.Errorf("Retry-After %q gives %v, want %v", header, e.RetryAfter, want)
		}
	}
}

func TestSanitizeMessage(t *testing.T) {
	t.Parallel()
	secrets := []string{"Pa ss&1", "Pa ss&12345", "", "tok.en", "two  spaces"}
	tests := map[string]string{
		"Invalid role set.":                        "Invalid role set.",
		"":                                         "",
		"a\x00b\r\nc\u202ed\u200be\tf":             "a b c d e f",
		"password Pa ss&1 is weak":                 "password [redacted] is weak",
		"password Pa ss&12345 is weak":             "password [redacted] is weak",
		"new_subuser_password=Pa+ss%261&x":         "new_subuser_password=[redacted]&x",
		"Pa%20ss&1":                                "[redacted]",
		"<b>Pa ss&amp;1</b>":                       "<b>[redacted]</b>",
		"Bearer tok.en":                            "Bearer [redacted]",
		"two  spaces":                              "[redacted]",
		"Pa\nss&1":                                 "[redacted]",
		"PA SS&1 or pa ss&1":                       "[redacted] or [redacted]",
		"-----BEGIN PRIVATE KEY----- MII":          "[redacted]",
		strings.Repeat("ж", 300):                   strings.Repeat("ж", 300),
		strings.Repeat("ж", 301):                   strings.Repeat("ж", 299) + "…",
		strings.Repeat("x", 296) + "Pa ss&12345zz": strings.Repeat("x", 296) + "[re…",
	}
	for message, want := range tests {
		if got := sanitizeMessage(message, secrets); got != want {
			t.Errorf("%q becomes %q, want %q", message, got, want)
		}
	}
	if got := sanitizeMessage("all of it", []string{"no \xff text"}); got != redacted {
		t.Errorf("beside a secret that is no text: %q", got)
	}
}
