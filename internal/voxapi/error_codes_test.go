package voxapi

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/voxwarden/voxwarden/internal/access"
)

// The codes after which a write may have been carried out. Every other code of the table is checked before anything is
// changed.
var codesAfterCommit = [...]int{1, 2, 4, 162, 314, 416, 484, 512, 515}

func TestCodeTable(t *testing.T) {
	t.Parallel()
	last := 0
	for _, info := range errorCodes() {
		if info.Code <= last {
			t.Errorf("code %d is listed after %d", info.Code, last)
		}
		last = info.Code
		if want := slices.Contains(codesAfterCommit[:], info.Code); info.MayFollowCommit != want {
			t.Errorf("code %d may follow a commit: %t, want %t", info.Code, info.MayFollowCommit, want)
		}
		if info.Name == "" || strings.ToUpper(info.Name) != info.Name {
			t.Errorf("code %d has the name %q", info.Code, info.Name)
		}
		if !isSentence(info.Meaning) || !isSentence(info.Advice) {
			t.Errorf("code %d: not sentences: %q, %q", info.Code, info.Meaning, info.Advice)
		}
	}
}

// What callers ask of a code, with lists that do not come from the table.
func TestCodeProperties(t *testing.T) {
	t.Parallel()
	causes := map[Cause][]int{
		CauseVendorFault:   {1, 2, 4},
		CauseThrottle:      {162, 314, 340, 416, 512, 515},
		CauseConsoleKey:    {100, 104, 115, 131, 135, 137, 161, 447},
		CauseClock:         {454, 455, 456},
		CauseConfiguration: {102, 103, 177, 194, 198, 199},
	}
	scopes := map[Scope][]int{
		ScopeTarget: {433, 434, 435, 439, 512, 515},
		ScopeEveryRequest: {
			1, 2, 4, 100, 102, 103, 104, 115, 131, 135, 137, 161, 162, 177, 194, 198, 199, 314, 340, 416, 437, 438, 447,
			454, 455, 456,
		},
	}
	for code := range 700 {
		info := InfoOf(code)
		for cause, codes := range causes {
			if want := slices.Contains(codes, code); want != (info.Cause == cause) {
				t.Errorf("code %d has cause %d: %t, want %t", code, cause, !want, want)
			}
		}
		for scope, codes := range scopes {
			if want := slices.Contains(codes, code); want != (info.Scope == scope) {
				t.Errorf("code %d has scope %d: %t, want %t", code, scope, !want, want)
			}
		}
		for name, property := range map[string]struct {
			got  bool
			want bool
		}{
			"retried with a new token": {info.RetryWithNewToken, code == 455 || code == 456},
			"no such key":              {info.NotFound == access.Key, code == 433},
			"no such subuser":          {info.NotFound == access.Subuser, code == 434},
			"rate limit":               {info.IsRateLimit(), code == 340},
			"forbidden":                {info.IsForbidden(), code == 104},
			"invalid role set":         {info.IsInvalidRoleSet(), code == 435},
			"keys have roles":          {info.IsKeysHaveRoles(), code == 439},
		} {
			if property.got != property.want {
				t.Errorf("code %d, %s: %t, want %t", code, name, property.got, property.want)
			}
		}
	}
}

// Every code that is documented for the role system is in the table.
func TestCodeTableIsComplete(t *testing.T) {
	t.Parallel()
	documented := []int{
		1, 2, 4, 12, 100, 101, 102, 103, 104, 105, 111, 115, 123, 131, 134, 135, 137, 161, 162, 177, 194, 198, 199,
		314, 340, 401, 416, 433, 434, 435, 436, 437, 438, 439, 440, 441, 447, 448, 449, 452, 453, 454, 455, 456, 458,
		463, 464, 477, 484, 485, 492, 493, 496, 499, 512, 515, 523, 524, 535, 536, 569,
	}
	for _, code := range documented {
		if !InfoOf(code).IsListed() {
			t.Errorf("code %d is missing", code)
		}
	}
	if got := len(errorCodes()); got != len(documented) {
		t.Errorf("the table has %d codes, want %d", got, len(documented))
	}
}

func isSentence(s string) bool {
	return s != "" && unicode.IsUpper([]rune(s)[0]) && strings.HasSuffix(s, ".") && !strings.Contains(s, "  ")
}

// For every code: a write is Refused or Unknown according to the table, a read is Refused or Unavailable, and only a
// write with a refused token is sent again.
func TestEveryCode(t *testing.T) {
	t.Parallel()
	codes := []int{3, 9999, 2147483647}
	for _, info := range errorCodes() {
		codes = append(codes, info.Code)
	}
	for _, code := range codes {
		t.Run(strconv.Itoa(code), func(t *testing.T) {
			t.Parallel()
			v := alwaysRespond(fmt.Sprintf(`{"error":{"code":%d,"msg":"Some words."}}`, code))
			c := newTestClient(t, v)

			err := c.Writer().DelSubUser(context.Background(), testAccount, 7)
			want := Refused
			if InfoOf(code).MayFollowCommit {
				want = Unknown
			}
			e := wantError(t, err, want, code)
			if e.VendorMessage != "Some words." {
				t.Errorf("vendor message is %q", e.VendorMessage)
			}
			sent := 1
			if code == 455 || code == 456 {
				sent = 2
			}
			if n := len(v.received()); n != sent {
				t.Errorf("the write was sent %d times, want %d", n, sent)
			}
			if !isSentence(e.Advice()) {
				t.Errorf("advice is not a sentence: %q", e.Advice())
			}
			if hint := strings.Contains(e.Advice(), "may have been made"); hint != (want == Unknown) {
				t.Errorf("advice for %s: %q", want, e.Advice())
			}
		})
	}
}

func TestReadCodes(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]Kind{434: Refused, 104: Refused, 2: Unavailable, 484: Unavailable, 9999: Unavailable} {
		t.Run(strconv.Itoa(code), func(t *testing.T) {
			t.Parallel()
			v := alwaysRespond(fmt.Sprintf(`{"error":{"code":%d,"msg":"x"}}`, code))
			_, err := newTestClient(t, v).Reader().GetSubUserRoles(context.Background(), testAccount, 7, false)
			e := wantError(t, err, want, code)
			if strings.Contains(e.Advice(), "may have been made") {
				t.Errorf("a read changes nothing, but the advice is %q", e.Advice())
			}
			if len(v.received()) != 1 {
				t.Errorf("sent %d times, want once", len(v.received()))
			}
		})
	}
}

// An error code beside a result is not a refusal, and the advice does not claim what the code would mean alone.
func TestAdviceForErrorWithResult(t *testing.T) {
	t.Parallel()
	c := newTestClient(t, alwaysRespond(`{"error":{"code":434,"msg":"x"},"result":1}`))
	for kind, err := range map[Kind]error{
		Unknown:     c.Writer().DelSubUser(t.Context(), testAccount, 7),
		Unavailable: func() error { _, err := c.Reader().GetSubUserRoles(t.Context(), testAccount, 7, false); return err }(),
	} {
		e := wantError(t, err, kind, 434)
		if advice := e.Advice(); !isSentence(advice) || !strings.Contains(advice, "an error and a result at once") ||
			strings.Contains(advice, "no longer exists") {
			t.Errorf("%s: %q", kind, advice)
		}
	}
}

func TestAdviceWithoutCode(t *testing.T) {
	t.Parallel()
	for _, kind := range []Kind{Unknown, NotSent, Refused, Unavailable} {
		for _, status := range []int{0, 204, 302, 401, 403, 404, 429, 500, 503} {
			e := &Error{Kind: kind, Status: status}
			if !isSentence(e.Advice()) {
				t.Errorf("%s, status %d: %q", kind, status, e.Advice())
			}
		}
	}
}
