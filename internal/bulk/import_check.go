package bulk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/csvsafe"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// newSubuser is somebody who is to be created, as a file says it.
type newSubuser struct {
	line        int // of the file, 0 when there was none
	login       string
	description string
	roles       []string // names
	problem     string   // why the line itself could not be read, "" when it could
}

// importChecker checks newcomers against the vendor's rules, the account, and one another.
type importChecker struct {
	accountState
	policy         *policy.Policy
	existingLogins map[string]bool      // the account's logins
	lineByLogin    map[string]int       // the lines of the logins that were judged so far
	roles          map[string]foundRole // by the name that the file uses
}

// foundRole is what a role's name stands for, or why it stands for nothing.
type foundRole struct {
	role    operations.RoleRef
	problem string
}

func (s *Service) newImportChecker(g accountState) *importChecker {
	j := &importChecker{
		accountState:   g,
		policy:         s.Policy,
		existingLogins: map[string]bool{},
		lineByLogin:    map[string]int{},
		roles:          map[string]foundRole{},
	}
	for _, subuser := range g.subusers {
		j.existingLogins[strings.ToLower(subuser.Login)] = true
	}
	return j
}

// newItem says of one newcomer what will be done, or why nothing.
func (j *importChecker) item(subuser newSubuser) Item {
	// As the vendor stores it, and as the act sends it.
	login := strings.ToLower(strings.TrimSpace(subuser.login))
	item := Item{Line: subuser.line, Login: login, Description: strings.TrimSpace(subuser.description), State: Waiting}
	if subuser.problem != "" {
		item.reject(subuser.problem)
		return item
	}
	var problems []string
	for _, problem := range []string{
		j.loginProblem(subuser, login),
		operations.DescriptionProblem(item.Description),
		j.resolveRoles(&item, subuser.roles),
	} {
		if problem != "" {
			problems = append(problems, problem)
		}
	}
	if len(problems) > 0 {
		item.reject(strings.Join(problems, " "))
		return item
	}
	item.addNote(creationNote(item.Roles))
	if csvsafe.IsFormula(item.Description) {
		item.addNote("The description begins like a formula; it is kept as text, and our exports make it harmless.")
	}
	if j.status.Incomplete {
		item.addNote("The list of subusers may be incomplete, so that nobody else has this login could not be fully checked.")
	}
	return item
}

// reject says why nobody is created, and keeps no more of the line than helps to find it.
func (r *Item) reject(problem string) {
	r.skip(problem)
	r.Login, r.Description = clip(r.Login), clip(r.Description)
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

// loginProblem says why nobody can be created with this login, "" when somebody can. It remembers the login.
func (j *importChecker) loginProblem(p newSubuser, login string) string {
	if csvsafe.IsFormula(p.login) {
		return "The login begins like a formula of a spreadsheet. " + operations.LoginProblem(login)
	}
	if problem := operations.LoginProblem(login); problem != "" {
		return problem
	}
	if first, again := j.lineByLogin[login]; again {
		return fmt.Sprintf("The login %s is in the file already, in line %d.", login, first)
	}
	j.lineByLogin[login] = p.line
	if j.existingLogins[login] {
		return "A subuser of the account has the login " + login + " already."
	}
	return ""
}

// resolveRoles finds the roles by their names, and answers what is wrong with them, "" when nothing is.
func (j *importChecker) resolveRoles(item *Item, names []string) string {
	var problems []string
	for _, name := range names {
		found, known := j.roles[name]
		if !known {
			found = j.findRole(name)
			j.roles[name] = found
		}
		switch {
		case found.problem != "" && !slices.Contains(problems, found.problem):
			problems = append(problems, found.problem)
		case found.problem == "" && !slices.Contains(item.Roles, found.role):
			item.Roles = append(item.Roles, found.role)
		}
	}
	if len(problems) == 0 && j.policy.RequireRoleChange(j.operator, j.privileged, nil, idsOf(item.Roles)) != nil {
		return "Together these roles come to a privileged one: only an admin may give them."
	}
	return strings.Join(problems, " ")
}

// findRole finds a role that this operator may give.
func (j *importChecker) findRole(name string) foundRole {
	quoted := clip(name)
	if !j.catalogue.Known {
		return foundRole{
			problem: "The roles of the account are not known at the moment, so " + quoted + " could not be checked.",
		}
	}
	var found []operations.RoleRef
	for _, r := range j.catalogue.Roles {
		if policy.SameRoleName(r.Name, name) {
			found = append(found, operations.RoleRef{ID: r.ID, Name: r.Name})
		}
	}
	switch {
	case len(found) == 0:
		return foundRole{problem: "There is no role called " + quoted + "."}
	case len(found) > 1:
		return foundRole{problem: "More than one role is called " + quoted + ", so it is not clear which is meant."}
	case j.policy.RequireRoleChange(j.operator, j.privileged, nil, []int64{found[0].ID}) != nil:
		return foundRole{problem: found[0].Name + " is a privileged role: only an admin may give it."}
	default:
		return foundRole{role: found[0]}
	}
}
