// Package rolefacts holds what Voximplant publishes about its roles: which methods of the Management API name which
// role, and what a role allows in one sentence. The account's catalogue has only the names of the roles.
//
// The data are methods.tsv and roles.tsv. docs/decisions names their sources, and how to renew them.
package rolefacts

import (
	"cmp"
	_ "embed" // the tables
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// Date is the day on which the sources were read.
const Date = "28 November 2026"

// Source is where a fact comes from. Its value is shown on pages.
type Source string

// The sources, the most certain one first.
const (
	Published    Source = "published"     // a page of the vendor, read
	Copy         Source = "from a copy"   // only a copy of such a page was read, in a public repository
	NotPublished Source = "not published" // no page that was found names a role; that does not mean that none is needed
)

// Reach is something that a role should not be granted for without a thought.
type Reach string

// What a method can reach.
const (
	Spending   Reach = "spending"
	Recordings Reach = "recordings"
	IPLists    Reach = "ip-lists"
	Callbacks  Reach = "callbacks"
	Rules      Reach = "rules"
)

// Reaches returns every Reach, in the order in which pages list them.
func Reaches() []Reach { return []Reach{Spending, Recordings, IPLists, Callbacks, Rules} }

// Method is a method of the Management API.
type Method struct {
	Name    string
	Group   string
	Writes  bool
	Source  Source   // of Roles and AnyKey
	Roles   []string // the roles that its page names, by Role.Name; none with AnyKey or NotPublished
	AnyKey  bool     // every key may call it, also one without roles
	Reaches []Reach
	Note    string // a sentence, "" for none

	index int // in the table
}

// Role is a role that a source names.
type Role struct {
	Name     string
	Source   Source // of the name
	Sentence string // what it allows, in our words
	methods  MethodSet
}

// Methods returns the methods that name the role, by group and name.
func (r Role) Methods() MethodSet { return r.methods }

//go:embed methods.tsv
var methodsTSV string

//go:embed roles.tsv
var rolesTSV string

// tables are the parsed data. They are never written after parse.
type tables struct {
	methods []Method // by group and name
	byName  map[string]int
	roles   []Role
	byKey   map[string]int
}

var data = sync.OnceValue(func() tables {
	parsed, err := parse(methodsTSV, rolesTSV)
	if err != nil {
		panic(err) // cannot happen: the tables are compiled in, and a test parses them
	}
	return parsed
})

// parse reads both tables. It returns an error for any row that is not complete and consistent.
func parse(methods, roles string) (tables, error) {
	t := tables{byName: map[string]int{}, byKey: map[string]int{}}
	rows, err := rowsOf(roles, []string{"role", "source", "page", "sentence"})
	if err != nil {
		return t, fmt.Errorf("reading the roles: %w", err)
	}
	for _, row := range rows {
		source, err := parseSource(row[1])
		if _, twice := t.byKey[key(row[0])]; err != nil || twice || row[0] == "" || row[2] == "" || row[3] == "" {
			return t, fmt.Errorf("role %q: incomplete or listed twice", row[0])
		}
		t.byKey[key(row[0])] = len(t.roles)
		t.roles = append(t.roles, Role{Name: row[0], Source: source, Sentence: row[3]})
	}
	rows, err = rowsOf(methods, []string{"method", "group", "effect", "source", "roles", "reach", "page", "note"})
	if err != nil {
		return t, fmt.Errorf("reading the methods: %w", err)
	}
	for _, row := range rows {
		m, err := t.parseMethod(row)
		if err != nil {
			return t, fmt.Errorf("method %q: %w", row[0], err)
		}
		t.methods = append(t.methods, m)
	}
	byGroup := func(a, b Method) int {
		return cmp.Or(strings.Compare(a.Group, b.Group), strings.Compare(a.Name, b.Name))
	}
	slices.SortFunc(t.methods, byGroup)
	if len(t.methods) > maxMethods {
		return t, fmt.Errorf("%d methods are more than a MethodSet can hold", len(t.methods))
	}
	for i := range t.methods {
		m := &t.methods[i]
		if _, twice := t.byName[m.Name]; twice {
			return t, fmt.Errorf("method %q: listed twice", m.Name)
		}
		m.index, t.byName[m.Name] = i, i
		for _, name := range m.Roles {
			t.roles[t.byKey[key(name)]].methods.add(i)
		}
	}
	return t, nil
}

// parseMethod returns the method of a row.
func (t tables) parseMethod(row []string) (Method, error) {
	m := Method{Name: row[0], Group: row[1], Writes: row[2] == "write", AnyKey: row[4] == "*", Note: row[7]}
	var err error
	if m.Source, err = parseSource(row[3]); err != nil {
		return m, err
	}
	if !m.AnyKey && row[4] != "" {
		m.Roles = strings.Split(row[4], ";")
	}
	for _, name := range m.Roles {
		if i, known := t.byKey[key(name)]; !known || t.roles[i].Name != name {
			return m, fmt.Errorf("unknown role %q", name)
		}
	}
	if row[5] != "" {
		for _, reach := range strings.Split(row[5], ",") {
			if !slices.Contains(Reaches(), Reach(reach)) {
				return m, fmt.Errorf("unknown reach %q", reach)
			}
			m.Reaches = append(m.Reaches, Reach(reach))
		}
	}
	switch {
	case m.Name == "" || m.Group == "" || row[2] != "write" && row[2] != "read":
		return m, fmt.Errorf("name, group or effect is missing")
	case (m.Source == NotPublished) != (row[4] == ""):
		return m, fmt.Errorf("roles need a source, and no roles the source none")
	case m.Source != NotPublished && row[6] == "":
		return m, fmt.Errorf("the page is missing")
	case m.Source == Published && !strings.HasPrefix(row[6], "https://"):
		return m, fmt.Errorf("published without a page of the vendor")
	}
	return m, nil
}

func parseSource(text string) (Source, error) {
	switch text {
	case "published":
		return Published, nil
	case "copy":
		return Copy, nil
	case "none":
		return NotPublished, nil
	default:
		return "", fmt.Errorf("unknown source %q", text)
	}
}

// rowsOf returns the rows of a table below its head.
func rowsOf(table string, head []string) ([][]string, error) {
	var rows [][]string
	for line := range strings.Lines(table) {
		row := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(row) != len(head) {
			return nil, fmt.Errorf("%d columns in %q", len(row), line)
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 || !slices.Equal(rows[0], head) {
		return nil, fmt.Errorf("the head is not %v", head)
	}
	return rows[1:], nil
}

// key returns a role name without case, white space and punctuation: the vendor writes "Call list manager",
// "CallListManager" and "CallList Manager". Letters other than ASCII stay as they are, so that no name that only looks
// like a known one matches it.
func key(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || unicode.IsPunct(r):
			return -1
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		default:
			return r
		}
	}, name)
}

// Find returns what is published about a role of the catalogue, which may have several names. found is false when no
// source names it, and when its names are those of different roles: then the role is NotPublished.
func Find(names ...string) (role Role, found bool) {
	t, unknown := data(), Role{Source: NotPublished, Sentence: "Not published: no source names this role."}
	role = unknown
	for _, name := range names {
		i, known := t.byKey[key(name)]
		switch {
		case !known:
			continue
		case found && t.roles[i].Name != role.Name:
			return unknown, false
		}
		role, found = t.roles[i], true
	}
	return role, found
}

// Roles returns every role that a source names.
func Roles() []Role { return slices.Clone(data().roles) }

// Methods returns every method, by group and name.
func Methods() []Method { return slices.Clone(data().methods) }

// MethodByName returns the method with exactly this name.
func MethodByName(name string) (Method, bool) {
	i, found := data().byName[name]
	if !found {
		return Method{}, false
	}
	return data().methods[i], true
}
