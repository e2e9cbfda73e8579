package bulk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// newcomer is somebody who is to be created, as a file says it.
type newcomer struct {
	line        int // of the file, 0 when there was none
	login       string
	description string
	roles       []string // names
	problem     string   // why the line itself could not be read, "" when it could
}

// judge checks newcomers against the vendor's rules, the account, and one another.
type judge struct {
	ground
	policy  *policy.Policy
	taken   map[string]bool      // the account's logins
	earlier map[string]int       // the lines of the logins that were judged so far
	roles   map[string]foundRole // by the name that the file uses
}

// foundRole is what a role's name stands for, or why it stands for nothing.
type foundRole struct {
	role    operations.RoleRef
	problem string
}

func (s *Service) newJudge(g ground) *judge {
	j := &judge{
		ground:  g,
		policy:  s.Policy,
		taken:   map[string]bool{},
		earlier: map[string]int{},
		roles:   map[string]foundRole{},
	}
	for _, subuser := range g.everybody {
		j.taken[strings.ToLower(subuser.Login)] = true
	}
	return j
}

// row says of one newcomer what will be done, or why nothing.
func (j *judge) row(p newcomer) Row {
	// As the vendor stores it, and as the act sends it.
	login := strings.ToLower(strings.TrimSpace(p.login))
	row := Row{Line: p.line, Login: login, Description: strings.TrimSpace(p.description), State: Waiting}
	if p.problem != "" {
		row.refuse(p.problem)
		return row
	}
	var problems []string
	for _, problem := range []string{
		j.loginProblem(p, login),
		operations.DescriptionProblem(row.Description),
		j.rolesInto(&row, p.roles),
	} {
		if problem != "" {
			problems = append(problems, problem)
		}
	}
	if len(problems) > 0 {
		row.refuse(strings.Join(problems, " "))
		return row
	}
	row.say(willBeCreated(row.Roles))
	if Formula(row.Description) {
		row.say("The description begins like a formula; it is kept as text, and our exports make it harmless.")
	}
	if j.status.Incomplete {
		row.say("The list of subusers may be incomplete, so that nobody else has this login could not be fully checked.")
	}
	return row
}

// refuse says why nobody is created, and keeps no more of the line than helps to find it.
func (r *Row) refuse(problem string) {
	r.skip(problem)
	r.Login, r.Description = clip(r.Login), clip(r.Description)
}

func willBeCreated(roles []operations.RoleRef) string {
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
func (j *judge) loginProblem(p newcomer, login string) string {
	if Formula(p.login) {
		return "The login begins like a formula of a spreadsheet. " + operations.LoginProblem(login)
	}
	if problem := operations.LoginProblem(login); problem != "" {
		return problem
	}
	if first, again := j.earlier[login]; again {
		return fmt.Sprintf("The login %s is in the file already, in line %d.", login, first)
	}
	j.earlier[login] = p.line
	if j.taken[login] {
		return "A subuser of the account has the login " + login + " already."
	}
	return ""
}

// rolesInto finds the roles by their names, and answers what is wrong with them, "" when nothing is.
func (j *judge) rolesInto(row *Row, names []string) string {
	var problems []string
	for _, name := range names {
		found, known := j.roles[name]
		if !known {
			found = j.find(name)
			j.roles[name] = found
		}
		switch {
		case found.problem != "" && !slices.Contains(problems, found.problem):
			problems = append(problems, found.problem)
		case found.problem == "" && !slices.Contains(row.Roles, found.role):
			row.Roles = append(row.Roles, found.role)
		}
	}
	if len(problems) == 0 && j.policy.MayChange(j.operator, j.privileged, nil, idsOf(row.Roles)) != nil {
		return "Together these roles come to a privileged one: only an admin may give them."
	}
	return strings.Join(problems, " ")
}

// find finds a role that this operator may give.
func (j *judge) find(name string) foundRole {
	called := clip(name)
	if !j.catalogue.Known {
		return foundRole{
			problem: "The roles of the account are not known at the moment, so " + called + " could not be checked.",
		}
	}
	var found []operations.RoleRef
	for _, r := range j.catalogue.Roles {
		if policy.SameRole(r.Name, name) {
			found = append(found, operations.RoleRef{ID: r.ID, Name: r.Name})
		}
	}
	switch {
	case len(found) == 0:
		return foundRole{problem: "There is no role called " + called + "."}
	case len(found) > 1:
		return foundRole{problem: "More than one role is called " + called + ", so it is not clear which is meant."}
	case j.policy.MayChange(j.operator, j.privileged, nil, []int64{found[0].ID}) != nil:
		return foundRole{problem: found[0].Name + " is a privileged role: only an admin may give it."}
	default:
		return foundRole{role: found[0]}
	}
}
