package config

import (
	"net/url"
	"regexp"
	"strings"
)

// Tickets finds the tickets that a reason names, and says where each is. The zero value finds none. It never changes.
type Tickets struct {
	pattern *regexp.Regexp
	address []addressPart
}

// addressPart is a fixed piece of a link or, with group >= 0, what a group of the pattern matched.
type addressPart struct {
	text  string
	group int
	query bool // what stands behind a question mark is escaped in another way
}

// TicketPart is a piece of a text; Href is the ticket that it names, "" when it names none.
type TicketPart struct{ Text, Href string }

// Split takes a text apart at the tickets that it names. The pieces together are the text, whatever is in it. What was
// matched is escaped, so that it can lead nowhere but to where the setting says.
func (t Tickets) Split(text string) []TicketPart {
	var parts []TicketPart
	at := 0
	if t.pattern != nil && len(t.address) > 0 {
		for _, match := range t.pattern.FindAllStringSubmatchIndex(text, -1) {
			if match[0] == match[1] {
				continue // nothing to put a link on
			}
			if match[0] > at {
				parts = append(parts, TicketPart{Text: text[at:match[0]]})
			}
			parts = append(parts, TicketPart{Text: text[match[0]:match[1]], Href: t.href(text, match)})
			at = match[1]
		}
	}
	if at < len(text) {
		parts = append(parts, TicketPart{Text: text[at:]})
	}
	return parts
}

// href is the link of one match.
func (t Tickets) href(text string, match []int) string {
	var link strings.Builder
	for _, p := range t.address {
		switch {
		case p.group < 0:
			link.WriteString(p.text)
		case match[2*p.group] < 0: // the group took no part
		case p.query:
			link.WriteString(url.QueryEscape(text[match[2*p.group]:match[2*p.group+1]]))
		default:
			link.WriteString(url.PathEscape(text[match[2*p.group]:match[2*p.group+1]]))
		}
	}
	return link.String()
}

// maxTicketPattern is how long a pattern may be: it is run over every reason that is shown.
const maxTicketPattern = 500

// setTicketPattern takes a regular expression as Go has them, which none can make slow.
func setTicketPattern(c *Config, value string) error {
	pattern, err := regexp.Compile(value)
	switch {
	case err != nil || len(value) > maxTicketPattern:
		return valueError(`must be a regular expression of at most 500 characters, such as \b[A-Z]+-[0-9]+\b.`)
	case pattern.MatchString(""):
		return valueError(`matches where there is nothing. Write what a ticket looks like, such as \b[A-Z]+-[0-9]+\b.`)
	}
	c.Tickets.pattern = pattern
	return nil
}

// setTicketURL takes a link in which $0 stands for what the pattern matched, and $1 to $9 for its groups.
func setTicketURL(c *Config, value string) error {
	invalid := valueError(
		"must be a link such as https://tickets.example.com/browse/$0, in which $0 is the ticket and $1 to $9 are groups " +
			"of the pattern, all of them behind the host.",
	)
	host, rest, found := strings.Cut(strings.TrimPrefix(value, "https://"), "/")
	u, err := url.Parse("https://" + host)
	if !found || !strings.HasPrefix(value, "https://") || err != nil || !validHost(u) || u.User != nil ||
		!strings.Contains(rest, "$") {
		return invalid
	}
	plain := !strings.ContainsFunc(
		value,
		func(c rune) bool { return c <= ' ' || c >= 0x7f || strings.ContainsRune(`"<>\`, c) },
	)
	if _, err := url.Parse(value); err != nil || !plain {
		return invalid
	}
	parts := []addressPart{{text: "https://" + host + "/", group: -1}}
	query := false
	for i := 0; i < len(rest); i++ {
		last := &parts[len(parts)-1]
		switch letter := rune(rest[i]); {
		case letter == '$' && (i+1 == len(rest) || rest[i+1] < '0' || rest[i+1] > '9'):
			return invalid
		case letter == '$':
			i++
			parts = append(parts, addressPart{group: int(rest[i] - '0'), query: query})
		case last.group < 0:
			last.text += string(letter)
			query = query || letter == '?'
		default:
			parts = append(parts, addressPart{text: string(letter), group: -1})
			query = query || letter == '?'
		}
	}
	c.Tickets.address = parts
	return nil
}

// checkTickets looks at how the two settings fit together: neither does anything without the other.
func (r *envReader) checkTickets(c *Config) {
	pattern, address := r.given("TICKET_PATTERN"), r.given("TICKET_URL")
	r.require(
		!pattern || address,
		"TICKET_URL",
		"is missing: without it VOXWARDEN_TICKET_PATTERN does nothing. Set it to where a ticket is, such as "+
			"https://tickets.example.com/browse/$0.",
	)
	r.require(
		pattern || !address,
		"TICKET_PATTERN",
		`is missing: without it VOXWARDEN_TICKET_URL does nothing. Set it to what a ticket looks like, such as `+
			`\b[A-Z]+-[0-9]+\b.`,
	)
	if c.Tickets.pattern == nil {
		return
	}
	for _, p := range c.Tickets.address {
		r.require(
			p.group <= c.Tickets.pattern.NumSubexp(),
			"TICKET_URL",
			"names a group that VOXWARDEN_TICKET_PATTERN does not have. Use $0 for all that it matches, or add the group.",
		)
	}
}
