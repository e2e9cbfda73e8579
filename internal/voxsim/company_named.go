package voxsim

import "fmt"

// defaultLargeSubusers is the default number of subusers of the large company.
const defaultLargeSubusers = 10_000

// CompanyNamed returns a company by the name that the -company flag takes: "small" (SmallCompany), "empty" (only the
// console key) or "large" (SmallCompany and generated subusers up to the given number; 0 means 10,000). subusers is
// used for "large" only. The same arguments always return the same company.
func CompanyNamed(name string, subusers int) (Company, error) {
	switch name {
	case "small":
		return SmallCompany(), nil
	case "empty":
		c := SmallCompany()
		c.Subusers, c.Keys, c.Children = nil, c.Keys[:1], nil
		return c, nil
	case "large":
		if subusers == 0 {
			subusers = defaultLargeSubusers
		}
		return largeCompany(subusers), nil
	}
	return Company{}, fmt.Errorf("unknown company %q (known: small, empty, large)", name)
}

// largeCompany adds call centre agents to SmallCompany. Their names repeat, their logins do not.
func largeCompany(subusers int) Company {
	c := SmallCompany()
	first := []string{
		"Adéla", "Bořek", "Chloé", "Dušan", "Eñaut", "Françoise",
		"Gülay", "Håkon", "Inês", "Jürgen", "Käthe", "Łukasz",
	}
	login := []string{
		"adela", "borek", "chloe", "dusan", "enaut", "franc",
		"gulay", "hakon", "ines_", "jurgen", "kathe", "lukasz",
	}
	team := []string{"Inbound", "Outbound", "Back office", "Night shift", "Escalations"}
	roles := [][]string{{"Support"}, {"Support"}, {"Support", "CallListManager"}, {"Supervisor"}, {"UserManager"}, nil}
	for i := len(c.Subusers); i < subusers; i++ {
		c.Subusers = append(c.Subusers, Subuser{
			Login:       fmt.Sprintf("%s%06d", login[i%len(login)], i),
			Description: fmt.Sprintf("%s %d, %s", first[i%len(first)], i, team[i%len(team)]),
			Roles:       roles[i%len(roles)],
		})
	}
	return c
}
