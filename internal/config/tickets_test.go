package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// parseTickets parses the two settings.
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
	for name, c := range map[string]struct {
		tickets Tickets
		text    string
		want    []TicketPart
	}{
		"no settings":   {Tickets{}, "TKT-1", []TicketPart{{Text: "TKT-1"}}},
		"no text":       {plain, "", nil},
		"no ticket":     {plain, "because", []TicketPart{{Text: "because"}}},
		"only a ticket": {plain, "TKT-1", []TicketPart{{"TKT-1", "https://tickets.example.com/browse/TKT-1"}}},
		"two tickets": {
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
		"characters that need escaping": {
			anything,
			`<a"/../?&#%>`,
			[]TicketPart{{
				`<a"/../?&#%>`,
				"https://tickets.example.com/a/%3Ca%22%2F..%2F%3F&%23%25%3E?q=%3Ca%22%2F..%2F%3F%26%23%25%3E",
			}},
		},
		"other alphabets": {
			plain,
			"Ž TKT-1 ابجد",
			[]TicketPart{{Text: "Ž "}, {"TKT-1", "https://tickets.example.com/browse/TKT-1"}, {Text: " ابجد"}},
		},
		"match without digits": {optional, "T-", []TicketPart{{"T-", "https://t.example/T-"}}},
	} {
		if diff := cmp.Diff(c.want, c.tickets.Split(c.text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestTicketSettings(t *testing.T) {
	t.Parallel()
	const pattern, address = `[A-Z]+-([0-9]+)`, "https://t.example/$0"
	for name, c := range map[string]struct{ pattern, address, want string }{
		"invalid pattern":                {`[`, address, "TICKET_PATTERN must be a regular expression"},
		"pattern too long":               {strings.Repeat("a", 501), address, "TICKET_PATTERN must be a regular expression"},
		"pattern matches the empty text": {`x*`, address, "TICKET_PATTERN matches the empty text"},
		"no address":                     {pattern, "", "TICKET_URL is missing"},
		"no pattern":                     {"", address, "TICKET_PATTERN is missing"},
		"plain http":                     {pattern, "http://t.example/$0", "TICKET_URL must be a link"},
		"script":                         {pattern, "javascript:alert(1)//$0", "TICKET_URL must be a link"},
		"no group in the address":        {pattern, "https://t.example/", "TICKET_URL must be a link"},
		"host from the match":            {pattern, "https://$0/x", "TICKET_URL must be a link"},
		"match right after the host":     {pattern, "https://t.example$0", "TICKET_URL must be a link"},
		"end of the host from the match": {pattern, "https://t.example.$0/$0", "TICKET_URL must be a link"},
		"user and password":              {pattern, "https://me:you@t.example/$0", "TICKET_URL must be a link"},
		"dollar at the end":              {pattern, "https://t.example/$", "TICKET_URL must be a link"},
		"dollar before a letter":         {pattern, "https://t.example/$x", "TICKET_URL must be a link"},
		"space":                          {pattern, "https://t.example/a $0", "TICKET_URL must be a link"},
		"non-ASCII letter":               {pattern, "https://t.example/ž$0", "TICKET_URL must be a link"},
		"unknown group":                  {pattern, "https://t.example/$2", "TICKET_URL uses a group"},
	} {
		_, err := Demo([]string{Prefix + "TICKET_PATTERN=" + c.pattern, Prefix + "TICKET_URL=" + c.address})
		if err == nil || !strings.Contains(err.Error(), Prefix+c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
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
			if part.Href == "" {
				continue
			}
			if !strings.HasPrefix(part.Href, "https://t.example/a/") ||
				strings.ContainsAny(part.Href, "<>\"' \n") ||
				strings.Count(part.Href, "?") != 1 {
				t.Errorf("%q leads to %q", part.Text, part.Href)
			}
		}
		if whole != text {
			t.Errorf("%q became %q", text, whole)
		}
	})
}
