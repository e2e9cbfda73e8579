// Package identity says who is asking: it turns what came with a request into an operator, or into nobody.
package identity

import (
	"net/http"
	"time"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// demo is the issuer and the method of everybody in a demo.
const demo = "demo"

// Demo lets a visitor be one of four people, one for each dashboard role, without proving anything. It is for a
// console on a loopback address with a simulated account behind it.
type Demo struct {
	Now func() time.Time // nil means time.Now
}

// person is one of the demo's people.
type person struct{ role, name string }

func people() []person {
	return []person{
		{"viewer", "Vera Viewer"},
		{"auditor", "Aldo Auditor"},
		{"editor", "Edda Editor"},
		{"admin", "Ada Admin"},
	}
}

// Roles answers the dashboard roles to choose from, from the least to the most.
func (Demo) Roles() []string {
	var roles []string
	for _, p := range people() {
		roles = append(roles, p.role)
	}
	return roles
}

// SignIn answers the demo's person of a dashboard role, and whether there is one.
func (d Demo) SignIn(role string) (operator.Operator, bool) {
	now := time.Now
	if d.Now != nil {
		now = d.Now
	}
	for _, p := range people() {
		if p.role == role {
			return operator.Operator{
				Issuer: demo, Subject: p.role, Name: p.name, Groups: []string{demo + "-" + p.role}, Method: demo, ProvenAt: now(),
			}, true
		}
	}
	return operator.Operator{}, false
}

// Operator answers who makes a request, given who the request's session belongs to. A session that another way of
// signing in began counts for nothing here, so that a database can change hands between a demo and a real console.
func (Demo) Operator(_ *http.Request, remembered operator.Operator) operator.Operator {
	if remembered.Method != demo || remembered.Issuer != demo {
		return operator.Operator{}
	}
	return remembered
}
