package config

import (
	"net/url"
	"regexp"
	"strings"
)

// Tickets finds ticket numbers in reasons and links them. The zero value finds none. It is immutable.
type Tickets struct {
	pattern *regexp.Regexp
	address []addressPart
}

// addressPart is a part of a link: fixed text or, with group >= 0, the match of a group of the pattern.
type addressPart struct {
	text  string
	group int
	query bool // the part is in the query, which is escaped differently
}

// TicketPart is a part of a text. Href is the link of a ticket number, or "" for other text.
type TicketPart struct{ Text, Href string }

// Split splits a text at ticket numbers. The parts together are the text. In links the match is escaped, so that a link
// always leads to the host and path in TICKET_URL.
func (t Tickets) Split(text string) []TicketPart {
	var parts []TicketPart
	at := 0
	if t.pattern != nil && len(t.address) > 0 {
		for _, match := range t.pattern.FindAllStringSubmatchIndex(text, -1) {
			if match[0] == match[1] {
				continue // an empty match cannot be a link
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

// href returns the link of a match.
func (t Tickets) href(text string, match []int) string {
	var link strings.Builder
	for _, p := range t.address {
		switch {
		case p.group < 0:
			link.WriteString(p.text)
		case match[2*p.group] < 0: // the group did not match
		case p.query:
			link.WriteString(url.QueryEscape(text[match[2*p.group]:match[2*p.group+1]]))
		default:
			link.WriteString(url.PathEscape(text[match[2*p.group]:match[2*p.group+1]]))
		}
	}
	return link.String()
}

// maxTicketPattern is the maximum length of a pattern in bytes. It is matched against every displayed reason.
const maxTicketPattern = 500

// setTicketPattern accepts a regular expression in Go syntax, which matches in linear time.
func setTicketPattern(c *Config, value string) error {
	pattern, err := regexp.Compile(value)
	switch {
	case err != nil || len(value) > maxTicketPattern:
		return valueError(`must be a regular expression of at most 500 characters, such as \b[A-Z]+-[0-9]+\b.`)
	case pattern.MatchString(""):
		return valueError(`matches the empty text. Set it to the form of a ticket number, such as \b[A-Z]+-[0-9]+\b.`)
	}
	c.Tickets.pattern = pattern
	return nil
}

// setTicketURL accepts a link in which $0 stands for the match of the pattern, and $1 to $9 for its groups.
func setTicketURL(c *Config, value string) error {
	invalid := valueError(
		"must be a link such as https://tickets.example.com/browse/$0. $0 stands for the ticket number and $1 to $9 for " +
			"groups of the pattern; they are allowed only after the host.",
	)
	host, rest, found := strings.Cut(strings.TrimPrefix(value, "https://"), "/")
	u, err := url.Parse("https://" + host)
	if !found || !strings.HasPrefix(value, "https://") || err != nil || !validHost(u) || u.User != nil ||
		!strings.Contains(rest, "$") {
		return invalid
	}
	plain := !strings.ContainsFunc(value, func(c rune) bool {
		return c <= ' ' || c >= 0x7f || strings.ContainsRune(`"<>\`, c)
	})
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

// checkTickets reports a ticket setting without the other, and groups that the pattern does not have.
func (r *envReader) checkTickets(c *Config) {
	pattern, address := r.given("TICKET_PATTERN"), r.given("TICKET_URL")
	r.require(
		!pattern || address,
		"TICKET_URL",
		"is missing: without it VOXWARDEN_TICKET_PATTERN has no effect. Set it to the address of a ticket, such as "+
			"https://tickets.example.com/browse/$0.",
	)
	r.require(
		pattern || !address,
		"TICKET_PATTERN",
		`is missing: without it VOXWARDEN_TICKET_URL has no effect. Set it to the form of a ticket number, such as `+
			`\b[A-Z]+-[0-9]+\b.`,
	)
	if c.Tickets.pattern == nil {
		return
	}
	for _, p := range c.Tickets.address {
		r.require(
			p.group <= c.Tickets.pattern.NumSubexp(),
			"TICKET_URL",
			"uses a group that VOXWARDEN_TICKET_PATTERN does not have. Use $0 for the whole match, or add the group.",
		)
	}
}
