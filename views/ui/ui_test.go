package ui

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
)

func render(t *testing.T, ctx context.Context, c templ.Component) string {
	t.Helper()
	var out bytes.Buffer
	if err := c.Render(ctx, &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestPath checks that every address is under the base path and that foreign addresses lead to the overview.
func TestPath(t *testing.T) {
	t.Parallel()
	tests := []struct{ base, path, want string }{
		{"", "/subusers?q=a", "/subusers?q=a"},
		{"/", "/subusers", "/subusers"},
		{"/voxwarden/", "/subusers", "/voxwarden/subusers"},
		{"/voxwarden", "/", "/voxwarden/"},
		{"", "//evil.example/", "/"},
		{"", `/\evil.example/`, "/"},
		{"", "https://evil.example/", "/"},
		{"/voxwarden", "javascript:alert(1)", "/voxwarden/"},
		{"", "", "/"},
	}
	for _, tt := range tests {
		if got := string(Path(WithBase(t.Context(), tt.base), tt.path)); got != tt.want {
			t.Errorf("Path(%q, %q) = %q, want %q", tt.base, tt.path, got, tt.want)
		}
	}
}

// TestLinksStayHarmless checks that a javascript: address is dropped and that texts are escaped.
func TestLinksStayHarmless(t *testing.T) {
	t.Parallel()
	got := render(t, t.Context(), Anchor(Link{Text: "<b>", Href: "javascript:alert(1)", External: true}))
	if strings.Contains(got, "javascript:") || strings.Contains(got, "<b>") {
		t.Error(got)
	}
	got = render(t, t.Context(), Field(FieldProps{Name: "x", Label: "X", Value: `"><script>`}))
	if strings.Contains(got, "<script>") {
		t.Error(got)
	}
}

// TestSignInLinksAreNotBoosted checks that htmx leaves links to the sign-in, which may redirect to another site, alone.
func TestSignInLinksAreNotBoosted(t *testing.T) {
	t.Parallel()
	tests := []struct {
		link Link
		want bool
	}{
		{Link{Href: "/sign-in"}, true},
		{Link{Href: "/sign-in?again=1&return=/me"}, true},
		{Link{Href: "/sign-in", NewTab: true}, true},
		{Link{Href: "/sign-in/callback"}, false},
		{Link{Href: "/subusers?q=/sign-in"}, false},
		{Link{Href: "/"}, false},
		{Link{Href: "https://sso.example/sign-in", External: true}, false},
	}
	for _, tt := range tests {
		for name, c := range map[string]templ.Component{"link": Anchor(tt.link), "button": LinkButton(tt.link.Button())} {
			if got := strings.Contains(render(t, t.Context(), c), `hx-boost="false"`); got != tt.want {
				t.Errorf("%s to %s: hx-boost=false is %v, want %v", name, tt.link.Href, got, tt.want)
			}
		}
	}
}

// TestFieldDescriptions checks that hint and error are connected with the field, and only when present.
func TestFieldDescriptions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		p    FieldProps
		has  []string
		not  []string
	}{
		{
			"plain",
			FieldProps{Name: "a", Label: "A"},
			[]string{`<label for="f-a">A</label>`},
			[]string{"aria-describedby", "aria-invalid", "required"},
		},
		{
			"rule",
			FieldProps{Name: "a", Label: "A", Hint: "h", Required: true},
			[]string{`aria-describedby="f-a-hint"`, " required"},
			[]string{"aria-invalid"},
		},
		{
			"error",
			FieldProps{Name: "a", Label: "A", Hint: "h", Error: "e"},
			[]string{`aria-describedby="f-a-error f-a-hint"`, `aria-invalid="true"`, `<span class="sr">Error: </span>e`},
			nil,
		},
		{
			"long",
			FieldProps{Name: "a", Label: "A", Rows: 3, Value: "v"},
			[]string{"<textarea", `rows="3"`, ">v</textarea>"},
			[]string{"<input"},
		},
	}
	for _, tt := range tests {
		got := render(t, t.Context(), Field(tt.p))
		for _, want := range tt.has {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q is missing in %s", tt.name, want, got)
			}
		}
		for _, unwanted := range tt.not {
			if strings.Contains(got, unwanted) {
				t.Errorf("%s: %q is in %s", tt.name, unwanted, got)
			}
		}
	}
}

func TestTextFormats(t *testing.T) {
	t.Parallel()
	moment := time.Date(2026, time.November, 23, 13, 3, 4, 0, time.FixedZone("CET", 3600))
	tests := []struct{ got, want string }{
		{Number(0), "0"},
		{Number(999), "999"},
		{Number(1000), "1,000"},
		{Number(1234567), "1,234,567"},
		{Number(-1000), "-1,000"},
		{Count(1, "key", "keys"), "1 key"},
		{Count(0, "key", "keys"), "0 keys"},
		{Count(10000, "key", "keys"), "10,000 keys"},
		{List(nil), ""},
		{List([]string{"A"}), "A"},
		{List([]string{"A", "B"}), "A and B"},
		{List([]string{"A", "B", "C"}), "A, B and C"},
		{Duration(83 * time.Millisecond), "83 ms"},
		{Duration(999 * time.Microsecond), "under 1 ms"},
		{Duration(2100 * time.Millisecond), "2.1 s"},
		{MachineTime(moment), "2026-11-23T12:03:04Z"},
		{UTC(moment), "2026-11-23 12:03:04 UTC"},
		{render(t, t.Context(), Time(time.Time{})), "never"},
		{ErrorFor([]FieldError{{"a", "1"}, {"a", "2"}}, "a"), "1"},
		{ErrorFor(nil, "a"), ""},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%q, want %q", tt.got, tt.want)
		}
	}
}
