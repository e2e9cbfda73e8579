package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/rolefacts"
)

// finderCatalogue has roles that cover methods alone, together and through a contained role.
func finderCatalogue() []access.Role {
	return []access.Role{
		{ID: 1, Name: "Owner"},
		{ID: 3, Name: "Call-list manager"},
		{ID: 4, Name: "USERMANAGER"},
		{ID: 5, Name: "Team", ChildIDs: []int64{3, 4}},
	}
}

// covers returns the accessible names of the sets of roles, in their order.
func (p *response) covers() []string {
	return p.doc.Find(".covers > li").Map(func(_ int, li *goquery.Selection) string { return li.AttrOr("aria-label", "") })
}

func TestFindRoles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.directory.catalogue.Roles = finderCatalogue()
	for query, want := range map[string]struct {
		covers []string
		texts  []string
	}{
		"":                  {nil, []string{"Choose the methods of the API", "Call lists"}},
		"method=AddSubUser": {[]string{"Owner"}, []string{"Also allows 132 other methods"}},
		"method=CreateCallList&method=AddUser": {
			[]string{"Team", "Call-list manager and USERMANAGER", "Owner"},
			[]string{"Also allows"},
		},
		"method=GetRoles":    {nil, []string{"No role needed", "also one without roles"}},
		"method=AddSecret":   {nil, []string{"Not published", "They may need one.", "No role can be named"}},
		"method=A2PSendSms":  {nil, []string{"No role here", "does not have"}},
		"method=DelUser":     {[]string{"USERMANAGER", "Team", "Owner"}, []string{"From a copy"}},
		"method=X&method=":   {nil, []string{"Choose the methods of the API"}},
		"q=call+LIST+create": {nil, []string{"CreateCallList"}},
		"q=zeppelin":         {nil, []string{"No other method matches"}},
	} {
		page := s.get("admin", "/roles/finder?"+query).hasStatus(t, http.StatusOK).contains(t, want.texts...)
		if got := page.covers(); !slices.Equal(got, want.covers) {
			t.Errorf("%s: %q, want %q", query, got, want.covers)
		}
	}
	page := s.get("admin", "/roles/finder?q=call+list&method=AddUser&method=AddUser&method=CreateCallList")
	if got := page.fields("method"); !slices.Equal(got, []string{"CreateCallList", "AddUser"}) {
		t.Errorf("chosen: %q", got)
	}
	if boxes := page.doc.Find(`input[name="method"][value="CreateCallList"]`); boxes.Length() != 1 {
		t.Errorf("a chosen method that matches has %d boxes", boxes.Length())
	}
}

// The reach of a result includes the chosen methods. Roles that no published method names are listed, since the finder
// cannot try them.
func TestFindRolesNamesTheWholeReachAndUntriedRoles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.directory.catalogue.Roles = []access.Role{{ID: 1, Name: "Support"}, {ID: 2, Name: "CallHistory"}}
	page := s.get("admin", "/roles/finder?method=GetCallHistory").hasStatus(t, http.StatusOK).
		contains(t, "Reaches recordings.", "Not tried", "CallHistory", "No published method names these roles.")
	if got := page.covers(); !slices.Equal(got, []string{"Support"}) {
		t.Errorf("covers: %q", got)
	}
	s.directory.catalogue.Roles = finderCatalogue()
	s.get("admin", "/roles/finder?method=AddSubUser").excludes(t, "Not tried")
}

// The links of a result lead to forms in which its roles are ticked. Operators get those that they may use.
func TestFindRolesLeadsToForms(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.directory.catalogue.Roles = []access.Role{{ID: 1, Name: "Owner"}, {ID: 2, Name: "Admin"}, {ID: 3, Name: "Support"}}
	const query = "/roles/finder?method=GetCallLists"
	links := func(role string) []string {
		return s.get(role, query).doc.Find(".covers a.button").Map(func(_ int, a *goquery.Selection) string {
			return a.AttrOr("href", "")
		})
	}
	for role, want := range map[string][]string{
		"viewer": nil,
		"editor": {"/subusers/new?grant=3"},
		"admin": {
			"/keys/new?grant=3", "/subusers/new?grant=3", "/keys/new?grant=2", "/subusers/new?grant=2",
			"/keys/new?grant=1", "/subusers/new?grant=1",
		},
	} {
		got := links(role)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", role, got, want)
		}
		for _, path := range got {
			form := s.get(role, path).hasStatus(t, http.StatusOK).
				contains(t, "The ticked roles come from the page's address", "from the role finder")
			if strings.HasSuffix(path, "=3") && !slices.Equal(form.fields("role"), []string{"3"}) {
				t.Errorf("%s: %s ticks %q", role, path, form.fields("role"))
			}
		}
	}
	for _, path := range []string{"/keys/new", "/subusers/new", "/roles"} {
		if s.get("admin", path).doc.Find(`a[href="/roles/finder"]`).Length() != 1 {
			t.Errorf("%s has no link to the finder", path)
		}
	}
}

// Every method at once, repeated, and names that are no methods make neither a slow nor a large page.
func TestFindRolesWithHostileInput(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.directory.catalogue.Roles = finderCatalogue()
	q := url.Values{"q": {strings.Repeat("é\x00<script>", 500)}}
	for range 3 {
		for _, method := range rolefacts.Methods() {
			q.Add("method", method.Name)
			q.Add("method", "<b>"+method.Name+"\x00")
		}
	}
	page := s.get("admin", "/roles/finder?"+q.Encode()).hasStatus(t, http.StatusOK)
	if size := page.Body.Len(); size > maxPageBytes {
		t.Errorf("%d bytes", size)
	}
	if got := len(page.fields("method")); got != len(rolefacts.Methods()) {
		t.Errorf("%d methods are chosen", got)
	}
	if strings.Contains(page.Body.String(), "<script>é") || strings.Contains(page.Body.String(), "<b>") {
		t.Error("the page contains markup of the request")
	}
	s.directory.catalogue.Known = false
	s.get("viewer", "/roles/finder?method=AddUser").hasStatus(t, http.StatusOK).contains(t, "The roles are not known yet")
}
