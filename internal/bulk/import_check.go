package bulk

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/voxwarden/voxwarden/internal/csvsafe"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// newSubuser is a subuser that is to be created, as the file describes it.
type newSubuser struct {
	line        int // of the file, 0 without a file
	login       string
	description string
	roles       []string // names
	unused      []string // cells of columns that are not used, of a line without roles
	problem     string   // why the line could not be read, "" when it could
}

// importChecker checks new subusers against the vendor's rules, the account, and one another.
type importChecker struct {
	accountState
	policy         *policy.Policy
	existingLogins map[string]bool      // the account's logins
	lineByLogin    map[string]int       // the logins of the lines checked so far
	roles          map[string]foundRole // by policy.RoleNameKey; only of names in the catalogue
}

// foundRole is the role that a name stands for, or a problem.
type foundRole struct {
	role      operations.RoleRef
	problem   string
	ambiguous bool // more than one role has the name
}

func (s *Service) newImportChecker(a accountState) *importChecker {
	c := &importChecker{
		accountState:   a,
		policy:         s.Policy,
		existingLogins: map[string]bool{},
		lineByLogin:    map[string]int{},
		roles:          map[string]foundRole{},
	}
	for _, role := range a.catalogue.Roles {
		key := policy.RoleNameKey(role.Name)
		_, again := c.roles[key]
		found := foundRole{role: operations.RoleRef{ID: role.ID, Name: role.Name}, ambiguous: again}
		if c.policy.RequireRoleChange(c.operator, c.privileged, nil, []int64{role.ID}) != nil {
			found.problem = role.Name + " is a privileged role: only an admin can grant it."
		}
		c.roles[key] = found
	}
	for _, subuser := range a.principals {
		c.existingLogins[strings.ToLower(subuser.Name)] = true
	}
	return c
}

// item returns the item of a new subuser; it is skipped when the subuser cannot be created.
func (c *importChecker) item(subuser newSubuser) Item {
	// As the vendor stores it, and as the operation sends it.
	login := strings.ToLower(strings.TrimSpace(subuser.login))
	item := Item{Line: subuser.line, Name: login, Description: strings.TrimSpace(subuser.description), State: Waiting}
	if subuser.problem != "" {
		item.reject(subuser.problem)
		return item
	}
	var problems []string
	for _, problem := range []string{
		c.loginProblem(subuser, login),
		operations.DescriptionProblem(item.Description),
		c.resolveRoles(&item, subuser.roles),
	} {
		if problem != "" {
			problems = append(problems, problem)
		}
	}
	if len(problems) > 0 {
		item.reject(strings.Join(problems, " "))
		return item
	}
	item.PrivilegedGrants = c.privileged.PrivilegedGrants(nil, idsOf(item.Roles))
	item.addNote(creationNote(item.Roles))
	if names := c.unusedRoles(subuser); len(names) > 0 {
		item.addNote("A column that is not used has " + strings.Join(names, ", ") + ".")
	}
	item.addNote(operations.LoginDoubt(login))
	if strings.ContainsRune(item.Description, utf8.RuneError) {
		item.addNote("The description contains \ufffd: letters were lost before the file was imported.")
	}
	if csvsafe.IsFormula(item.Description) {
		item.addNote("The description begins like a formula. It is kept as text, and exports make it harmless.")
	}
	if c.status.Incomplete {
		item.addNote("The listing of subusers may be incomplete: the login may be taken already.")
	}
	return item
}

// unusedRoles returns the names of roles in the columns that are not used, of a subuser without roles.
func (c *importChecker) unusedRoles(subuser newSubuser) []string {
	var names []string
	for _, cell := range subuser.unused {
		for _, name := range roleNames(cell) {
			found, isRole := c.roles[policy.RoleNameKey(name)]
			if isRole && len(names) < maxQuotedProblems && !slices.Contains(names, found.role.Name) {
				names = append(names, found.role.Name)
			}
		}
	}
	return names
}

// addWithoutRoles sets Change.WithoutRoles, if the operator has to confirm them. subusers are those of the items.
func (c *importChecker) addWithoutRoles(change *Change, subusers []newSubuser, items []Item, confirm bool) {
	confirm = confirm || slices.ContainsFunc(subusers, func(s newSubuser) bool {
		return len(s.roles) > 0 || len(c.unusedRoles(s)) > 0
	})
	for _, item := range items {
		if !confirm || item.State != Waiting || len(item.Roles) > 0 {
			continue
		}
		change.WithoutRoles.Count++
		if len(change.WithoutRoles.First) < maxNamedRows {
			change.WithoutRoles.First = append(change.WithoutRoles.First, ImportedRow{Line: item.Line, Login: item.Name})
		}
	}
}

// reject skips the item and keeps only the start of its texts, which are as long as the file makes them.
func (i *Item) reject(problem string) {
	i.skip(problem)
	i.Name, i.Description = clip(i.Name), clip(i.Description)
}

func creationNote(roles []operations.RoleRef) string {
	if len(roles) == 0 {
		return "Will be created without roles."
	}
	names := make([]string, 0, len(roles))
	for _, r := range roles {
		names = append(names, r.Name)
	}
	return "Will be created with " + strings.Join(names, ", ") + "."
}

// loginProblem returns a sentence when no subuser can be created with this login, "" otherwise. It remembers the login.
func (c *importChecker) loginProblem(subuser newSubuser, login string) string {
	if csvsafe.IsFormula(subuser.login) {
		return "The login begins like a spreadsheet formula. " + operations.LoginProblem(login)
	}
	if problem := operations.LoginProblem(login); problem != "" {
		return problem
	}
	if first, again := c.lineByLogin[login]; again {
		return fmt.Sprintf("The login %s is in line %d already.", login, first)
	}
	c.lineByLogin[login] = subuser.line
	if c.existingLogins[login] {
		return "The account has a subuser with the login " + login + " already."
	}
	return ""
}

// resolveRoles sets the item's roles. It returns sentences about names that cannot be resolved, "" for none.
func (c *importChecker) resolveRoles(item *Item, names []string) string {
	var problems []string
	for _, name := range names {
		found := c.findRole(name)
		switch {
		case found.problem != "" && !slices.Contains(problems, found.problem):
			problems = append(problems, found.problem)
		case found.problem == "" && !slices.Contains(item.Roles, found.role):
			item.Roles = append(item.Roles, found.role)
		}
	}
	if more := len(problems) - maxQuotedProblems; more > 0 {
		problems = append(problems[:maxQuotedProblems], fmt.Sprintf("The line has %d more such names.", more))
	}
	if len(problems) == 0 && c.policy.RequireRoleChange(c.operator, c.privileged, nil, idsOf(item.Roles)) != nil {
		return "Together these roles amount to a privileged role: only an admin can grant them."
	}
	return strings.Join(problems, " ")
}

// findRole returns the role with this name if the operator can grant it.
func (c *importChecker) findRole(name string) foundRole {
	quoted := clip(name)
	if !c.catalogue.Known {
		return foundRole{problem: "The account's roles are not known at the moment: " + quoted + " cannot be checked."}
	}
	found, ok := c.roles[policy.RoleNameKey(name)]
	switch {
	case !ok:
		return foundRole{problem: "There is no role called " + quoted + "."}
	case found.ambiguous:
		return foundRole{problem: "More than one role is called " + quoted + "."}
	default:
		return found
	}
}
