package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// parseTickets reads the two settings on their own.
func parseTickets(t *testing.T, pattern, address string) Tickets {
	t.Helper()
	c, err := Demo([]string{Prefix + "TICKET_PATTERN=" + pattern, Prefix + "TICKET_URL=" + address})
	if err != nil {
		t.Fatal(err)
	}
	return c.Tickets
}

func TestTickets(t *testing.T) {
	t.Parallel()
	plain := parseTickets(t, `\b[A-Z]+-[0-9]+\b`, "https://tickets.example.com/browse/$0")
	grouped := parseTickets(t, `#([0-9]+)(x)?`, "https://tickets.example.com/show?id=$1$2&from=voxwarden#c$1")
	anything := parseTickets(t, `<.*>`, "https://tickets.example.com/a/$0?q=$0")
	optional := parseTickets(t, `T?`+`T-[0-9]*`, "https://t.example/$0")
	for about, c := range map[string]struct {
		tickets Tickets
		text    string
		want    []TicketPart
	}{
		"none set":   {Tickets{}, "TKT-1", []TicketPart{{Text: "TKT-1"}}},
		"no text":    {plain, "", nil},
		"none named": {plain, "because", []TicketPart{{Text: "because"}}},
		"alone":      {plain, "TKT-1", []TicketPart{{"TKT-1", "https://tickets.example.com/browse/TKT-1"}}},
		"all of them": {
			plain,
			"TKT-1, OPS-22!",
			[]TicketPart{
				{"TKT-1", "https://tickets.example.com/browse/TKT-1"},
				{Text: ", "},
				{"OPS-22", "https://tickets.example.com/browse/OPS-22"},
				{Text: "!"},
			},
		},
		"groups": {
			grouped,
			"see #7",
			[]TicketPart{{Text: "see "}, {"#7", "https://tickets.example.com/show?id=7&from=voxwarden#c7"}},
		},
		"what breaks out": {
			anything,
			`<a"/../?&#%>`,
			[]TicketPart{{
				`<a"/../?&#%>`,
				"https://tickets.example.com/a/%3Ca%22%2F..%2F%3F&%23%25%3E?q=%3Ca%22%2F..%2F%3F%26%23%25%3E",
			}},
		},
		"letters of others": {
			plain,
			"Ž TKT-1 ابجد",
			[]TicketPart{{Text: "Ž "}, {"TKT-1", "https://tickets.example.com/browse/TKT-1"}, {Text: " ابجد"}},
		},
		"an open end": {optional, "T-", []TicketPart{{"T-", "https://t.example/T-"}}},
	} {
		if diff := cmp.Diff(c.want, c.tickets.Split(c.text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", about, diff)
		}
	}
}

func TestTicketSettings(t *testing.T) {
	t.Parallel()
	const pattern, address = `[A-Z]+-([0-9]+)`, "https://t.example/$0"
	for about, c := range map[string]struct{ pattern, address, want string }{
		"no expression":         {`[`, address, "TICKET_PATTERN must be a regular expression"},
		"an endless one":        {strings.Repeat("a", 501), address, "TICKET_PATTERN must be a regular expression"},
		"of nothing":            {`x*`, address, "TICKET_PATTERN matches where there is nothing"},
		"no address":            {pattern, "", "TICKET_URL is missing"},
		"no pattern":            {"", address, "TICKET_PATTERN is missing"},
		"plain http":            {pattern, "http://t.example/$0", "TICKET_URL must be a link"},
		"a script":              {pattern, "javascript:alert(1)//$0", "TICKET_URL must be a link"},
		"no place for a ticket": {pattern, "https://t.example/", "TICKET_URL must be a link"},
		"a host from a reason":  {pattern, "https://$0/x", "TICKET_URL must be a link"},
		"a host and no path":    {pattern, "https://t.example$0", "TICKET_URL must be a link"},
		"a host's end":          {pattern, "https://t.example.$0/$0", "TICKET_URL must be a link"},
		"a person":              {pattern, "https://me:you@t.example/$0", "TICKET_URL must be a link"},
		"a dollar alone":        {pattern, "https://t.example/$", "TICKET_URL must be a link"},
		"a dollar and a name":   {pattern, "https://t.example/$x", "TICKET_URL must be a link"},
		"a space":               {pattern, "https://t.example/a $0", "TICKET_URL must be a link"},
		"another alphabet":      {pattern, "https://t.example/ž$0", "TICKET_URL must be a link"},
		"a group too many":      {pattern, "https://t.example/$2", "TICKET_URL names a group"},
	} {
		_, err := Demo([]string{Prefix + "TICKET_PATTERN=" + c.pattern, Prefix + "TICKET_URL=" + c.address})
		if err == nil || !strings.Contains(err.Error(), Prefix+c.want) {
			t.Errorf("%s: %v, want %q", about, err, c.want)
		}
	}
}

func FuzzTickets(f *testing.F) {
	for _, seed := range []string{"TKT-1", "a TKT-1 b <TKT-2>", "\x00\xff#1"} {
		f.Add(seed)
	}
	c, err := Demo([]string{Prefix + `TICKET_PATTERN=[^ ]*-(.?)`, Prefix + "TICKET_URL=https://t.example/a/$0?q=$1"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		whole := ""
		for _, part := range c.Tickets.Split(text) {
			whole += part.Text
			if part.Href != "" &&
				(!strings.HasPrefix(
					part.Href,
					"https://t.example/a/",
				) || strings.ContainsAny(part.Href, "<>\"' \n") || strings.Count(part.Href, "?") != 1) {
				t.Errorf("%q leads to %q", part.Text, part.Href)
			}
		}
		if whole != text {
			t.Errorf("%q became %q", text, whole)
		}
	})
}
