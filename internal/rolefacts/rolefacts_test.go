package rolefacts

import (
	"slices"
	"strings"
	"testing"
)

func TestTables(t *testing.T) {
	t.Parallel()
	parsed, err := parse(methodsTSV, rolesTSV)
	if err != nil {
		t.Fatal(err)
	}
	bySource := map[Source]int{}
	anyKey, named := 0, 0
	for _, m := range parsed.methods {
		bySource[m.Source]++
		switch {
		case m.AnyKey:
			anyKey++
		case len(m.Roles) > 0:
			named++
		}
	}
	if len(parsed.methods) != 203 || named != 135 || anyKey != 14 || bySource[NotPublished] != 54 {
		t.Errorf("%d methods: %d name roles, %d need none, %d are not published",
			len(parsed.methods), named, anyKey, bySource[NotPublished])
	}
	for name, want := range map[string]int{
		"Owner": 133, "Admin": 121, "Developer": 83, "Supervisor": 24, "Support": 17, "Accountant": 34, "Payer": 21,
		"Call list manager": 14, "User manager": 15, "CallsSMS": 6, "PhoneNumberManager": 3, "Scenarios": 0,
	} {
		role, found := Find(name)
		if got := role.Methods().Len(); !found || got != want {
			t.Errorf("%s: %d methods, want %d", name, got, want)
		}
	}
	for _, role := range parsed.roles {
		if !strings.HasSuffix(role.Sentence, ".") || len(role.Sentence) > 130 {
			t.Errorf("%s: %d bytes: %s", role.Name, len(role.Sentence), role.Sentence)
		}
		if role.Methods().Len() == 0 && strings.HasPrefix(role.Sentence, "Can ") {
			t.Errorf("%s: no method names it, but the sentence reports what it can do: %s", role.Name, role.Sentence)
		}
	}
}

func TestTablesWithErrors(t *testing.T) {
	t.Parallel()
	const roles = "role\tsource\tpage\tsentence\nOwner\tpublished\thttps://x\tCan do it.\n"
	const head = "method\tgroup\teffect\tsource\troles\treach\tpage\tnote\n"
	if _, err := parse(head+"A\tB\tread\tpublished\tOwner\tspending\thttps://x\t\n", roles); err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]string{
		"a column too few":      "A\tB\tread\tpublished\tOwner\t\thttps://x\n",
		"an unknown role":       "A\tB\tread\tpublished\tKing\t\thttps://x\t\n",
		"another spelling":      "A\tB\tread\tpublished\towner\t\thttps://x\t\n",
		"an unknown source":     "A\tB\tread\trumour\tOwner\t\thttps://x\t\n",
		"an unknown reach":      "A\tB\tread\tpublished\tOwner\tmoney\thttps://x\t\n",
		"an unknown effect":     "A\tB\tmaybe\tpublished\tOwner\t\thttps://x\t\n",
		"roles without source":  "A\tB\tread\tnone\tOwner\t\thttps://x\t\n",
		"a source without role": "A\tB\tread\tcopy\t\t\tcopy:x\t\n",
		"published as a copy":   "A\tB\tread\tpublished\tOwner\t\tcopy:x\t\n",
		"no page":               "A\tB\tread\tcopy\tOwner\t\t\t\n",
		"listed twice":          strings.Repeat("A\tB\tread\tcopy\tOwner\t\tcopy:x\t\n", 2),
	} {
		if _, err := parse(head+row, roles); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	for spelling, want := range map[string]string{
		"Call list manager":  "Call list manager",
		"CallListManager":    "Call list manager",
		"CallList Manager":   "Call list manager",
		"CALL_LIST-MANAGER":  "Call list manager",
		"UserManager":        "User manager",
		" owner ":            "Owner",
		"Sys.Admin readonly": "sys.Admin read only",
	} {
		if role, found := Find(spelling); !found || role.Name != want {
			t.Errorf("%q is %q", spelling, role.Name)
		}
	}
	for _, unknown := range []string{"", "-", "Owners", "Оwner", "Ｏwner", "SupporT\u212a", "Owner2", "MainAccount"} {
		if role, found := Find(unknown); found || role.Source != NotPublished || role.Methods() != (MethodSet{}) {
			t.Errorf("%q is %q", unknown, role.Name)
		}
	}
	if role, found := Find("Boss", "Owner", "OWNER"); !found || role.Name != "Owner" {
		t.Errorf("several names of one role: %q", role.Name)
	}
	if role, found := Find("Payer", "Owner"); found || role.Name != "" || role.Source != NotPublished {
		t.Errorf("names of different roles: %q", role.Name)
	}
}

// Names that no source has, and methods without a source, are never more than not published.
func TestNotPublished(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"AddSecret", "SetQueueInfo", "GetRoleGroups", "SQ_AddQueue"} {
		m, found := MethodByName(name)
		if !found || m.Source != NotPublished || len(m.Roles) > 0 || m.AnyKey {
			t.Errorf("%s: %+v", name, m)
		}
	}
	for _, role := range Roles() {
		for m := range role.Methods().All() {
			if m.Source == NotPublished {
				t.Errorf("%s has the unpublished method %s", role.Name, m.Name)
			}
		}
	}
}

func TestReaches(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]Reach{
		"Owner":             Reaches(),
		"Developer":         Reaches(),
		"Accountant":        {Spending, Callbacks},
		"Call list manager": {Spending},
		"Support":           {Recordings},
		"Payer":             {Callbacks},
		"User manager":      nil,
	} {
		role, _ := Find(name)
		if got := role.Methods().Reaches(); !slices.Equal(got, want) {
			t.Errorf("%s reaches %v, want %v", name, got, want)
		}
	}
}
